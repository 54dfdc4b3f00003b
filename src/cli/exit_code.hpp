#pragma once

#include "provender/error.hpp"

namespace provender::cli {

constexpr int kExitOk = 0;
/// The command did its work, and the answer is no: a check of `doctor` failed, a view was not
/// materialized.
constexpr int kExitNo = 1;
/// The reader of our output went away: what a shell reports for a process killed by SIGPIPE.
constexpr int kExitReaderGone = 141;

/// The exit code of a command that failed with `code` (docs/reference/errors.md).
int exit_code(ErrorCode code) noexcept;

}  // namespace provender::cli
