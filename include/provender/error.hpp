#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "provender/export.hpp"

namespace provender {

/// What kind of failure an operation met. Stable: the CLI's exit codes, HTTP statuses and Python
/// exceptions are made from it (docs/reference/errors.md).
enum class ErrorCode : unsigned char {
  InvalidArgument,     ///< The caller's input is wrong, whatever the state of the store.
  NotFound,            ///< A named thing (file, view, feature, project) does not exist.
  AlreadyExists,       ///< The thing to create is there already.
  PermissionDenied,    ///< The operating system or a policy refuses.
  Conflict,            ///< Somebody else changed it meanwhile; read again and retry.
  FailedPrecondition,  ///< The input is right but the store is not in the state that it needs.
  ResourceExhausted,   ///< A full disk, a limit, out of memory.
  Cancelled,           ///< The caller asked to stop; nothing was half-done.
  Unavailable,         ///< A server or lock is away for now; the same call may succeed later.
  Corruption,          ///< Stored bytes are not what was written.
  Io,                  ///< Any other failure of a file or device.
  Unimplemented,       ///< Known, and not built yet.
  Internal,            ///< A bug in Provender.
};

/// The code's stable name: "invalid_argument", "not_found", …
PROVENDER_EXPORT std::string_view to_string(ErrorCode code) noexcept;

/// A failure: a code for programs, a message for people, and the path that led to it.
class [[nodiscard]] PROVENDER_EXPORT Error {
 public:
  Error(ErrorCode code, std::string message);
  ~Error();
  Error(Error&&) noexcept;
  Error& operator=(Error&&) noexcept;
  Error(const Error&);
  Error& operator=(const Error&);

  ErrorCode code() const noexcept;
  std::string_view message() const noexcept;

  /// Prepend what the caller was doing: "materialize user_stats: ...".
  Error within(std::string_view context) &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace provender
