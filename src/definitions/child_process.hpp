#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "provender/result.hpp"

namespace provender::definitions {

/// A program to run without a shell, with this process's environment and nothing on its stdin.
struct ChildRequest {
  std::vector<std::string> command;      ///< the program, looked for on PATH, and its arguments
  std::filesystem::path folder;          ///< where it runs
  std::chrono::milliseconds time_limit;  ///< then it is killed
  std::size_t output_limit = std::size_t{64} << 20;  ///< bytes of stdout; beyond, it is killed
};

struct ChildOutput {
  int exit_status = 0;  ///< as a shell shows it: 128 + the signal's number for one that was killed
  std::string out;
  std::string error_tail;  ///< the end of stderr, at most some kilobytes
};

/// Runs the program to its end. NotFound: there is no such program. Unavailable: it took too long.
/// ResourceExhausted: it wrote too much. Safe for concurrent use.
Result<ChildOutput> run_child(const ChildRequest& request);

}  // namespace provender::definitions
