#pragma once

#include <string_view>

namespace provender {

enum class LogLevel : unsigned char { Debug, Info, Warning, Error };

/// Where a library says what is worth telling; it never prints itself. Safe for concurrent use.
class Logger {
 public:
  virtual ~Logger() = default;
  virtual void log(LogLevel level, std::string_view message) = 0;
};

/// Says nothing.
class NullLogger final : public Logger {
 public:
  void log(LogLevel /*level*/, std::string_view /*message*/) override {}
};

}  // namespace provender
