#pragma once

#include <string>
#include <string_view>

#include "provender/error.hpp"

namespace provender::parquet {

/// What is wrong with a file.
inline Error damaged(std::string_view what) {
  return {ErrorCode::InvalidArgument, std::string(what)};
}

}  // namespace provender::parquet
