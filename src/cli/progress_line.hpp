#pragma once

#include <chrono>
#include <functional>
#include <optional>
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

/// Says when there is to be told of a phase again.
class Pace {
 public:
  using Now = std::function<std::chrono::steady_clock::time_point()>;
  enum class First { AtOnce, Later };

  Pace(std::chrono::milliseconds between, First first, Now now);

  /// How long the phase has gone on, if it is time to tell of it. A phase that has done less than
  /// before is a new one of the same name.
  std::optional<std::chrono::duration<double>> due(std::string_view phase, std::uint64_t done);

 private:
  std::chrono::milliseconds between_;
  First first_;
  Now now_;
  std::string phase_;
  std::uint64_t done_ = 0;
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point told_;
};

/// Shows progress on the console's status line, at most ten times a second. Confined to the thread
/// that works.
class ProgressLine final : public Progress {
 public:
  /// `console` outlives the line.
  explicit ProgressLine(Console& console, Pace::Now now = std::chrono::steady_clock::now);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ProgressLine(ProgressLine&&) = delete;
  ProgressLine& operator=(ProgressLine&&) = delete;
  /// Removes the line.
  ~ProgressLine() override;

  void update(std::string_view phase, std::uint64_t done, std::uint64_t total) override;

 private:
  Console& console_;
  Pace pace_;
};

/// Says progress in the log, where no terminal shows it: a line each five seconds, from the fifth
/// of a phase on. Confined to the thread that works.
class ProgressLog final : public Progress {
 public:
  /// `logger` outlives the log.
  explicit ProgressLog(Logger& logger, Pace::Now now = std::chrono::steady_clock::now);

  void update(std::string_view phase, std::uint64_t done, std::uint64_t total) override;

 private:
  Logger& logger_;
  Pace pace_;
};

}  // namespace provender::cli
