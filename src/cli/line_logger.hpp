#pragma once

#include "provender/log.hpp"

#include "base/clock.hpp"
#include "cli/console.hpp"

namespace provender::cli {

/// Writes what is at least as grave as `least` to the console's error stream, a line each:
/// `2026-11-23T06:00:00Z info message`. Safe for concurrent use.
class LineLogger final : public Logger {
 public:
  /// Both outlive the logger.
  LineLogger(Console& console, const Clock& clock, LogLevel least)
      : console_(console), clock_(clock), least_(least) {}

  void log(LogLevel level, std::string_view message) override;

 private:
  Console& console_;
  const Clock& clock_;
  LogLevel least_;
};

}  // namespace provender::cli
