#include "cli/exit_code.hpp"

namespace provender::cli {

int exit_code(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::InvalidArgument:
      return 2;
    case ErrorCode::NotFound:
      return 3;
    case ErrorCode::AlreadyExists:
      return 4;
    case ErrorCode::PermissionDenied:
      return 5;
    case ErrorCode::Conflict:
      return 6;
    case ErrorCode::FailedPrecondition:
      return 7;
    case ErrorCode::ResourceExhausted:
      return 8;
    case ErrorCode::Unavailable:
      return 9;
    case ErrorCode::Corruption:
      return 10;
    case ErrorCode::Io:
      return 11;
    case ErrorCode::Unimplemented:
      return 12;
    case ErrorCode::Internal:
      return 13;
    case ErrorCode::Cancelled:
      return 130;  // as shells do for Ctrl-C
  }
  return 13;
}

}  // namespace provender::cli
