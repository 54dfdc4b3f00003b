#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "provender/control.hpp"
#include "provender/log.hpp"

#include "cli/console.hpp"

namespace provender::cli {

/// "materialize user_activity: 1,200,000 of 5,000,000 rows, 24 %, 512 k rows/s, 7s left".
std::string format_progress(std::string_view phase,
                            std::uint64_t done,
                            std::uint64_t total,
                            std::chrono::duration<double> elapsed);

/// Shows progress on the console's status line, at most ten times a second. Confined to the thread
/// that works.
class ProgressLine final : public Progress {
 public:
  using Now = std::function<std::chrono::steady_clock::time_point()>;

  /// `console` outlives the line.
  explicit ProgressLine(Console& console, Now now = std::chrono::steady_clock::now);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ProgressLine(ProgressLine&&) = delete;
  ProgressLine& operator=(ProgressLine&&) = delete;
  /// Removes the line.
  ~ProgressLine() override;

  void update(std::string_view phase, std::uint64_t done, std::uint64_t total) override;

 private:
  Console& console_;
  Now now_;
  std::string phase_;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point shown_;
};

/// Says progress in the log, where no terminal shows it: a line each five seconds, from the fifth
/// of a phase on. Confined to the thread that works.
class ProgressLog final : public Progress {
 public:
  using Now = ProgressLine::Now;

  /// `logger` outlives the log.
  explicit ProgressLog(Logger& logger, Now now = std::chrono::steady_clock::now);

  void update(std::string_view phase, std::uint64_t done, std::uint64_t total) override;

 private:
  Logger& logger_;
  Now now_;
  std::string phase_;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point said_;
};

}  // namespace provender::cli
