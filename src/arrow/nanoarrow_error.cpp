#include "arrow/nanoarrow_error.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

namespace provender::arrow {

Error to_error(ArrowErrorCode failure, const ArrowError& error, ErrorCode code) {
  if (failure == ENOMEM) return {ErrorCode::ResourceExhausted, "out of memory"};
  const std::string_view message(error.message, ::strnlen(error.message, sizeof error.message));
  return {code, message.empty() ? std::generic_category().message(failure) : std::string(message)};
}

}  // namespace provender::arrow
