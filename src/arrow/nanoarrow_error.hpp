#pragma once

#include <string_view>

#include <nanoarrow/nanoarrow.h>

#include "provender/result.hpp"

namespace provender::arrow {

/// What nanoarrow says of a failure; `code` is what it is taken for unless memory ran out.
Error to_error(ArrowErrorCode failure, const ArrowError& error, ErrorCode code);

/// As above, of a call that only memory can fail.
inline Result<> checked(ArrowErrorCode failure) {
  if (failure == NANOARROW_OK) return {};
  return to_error(failure, ArrowError{}, ErrorCode::Internal);
}

}  // namespace provender::arrow
