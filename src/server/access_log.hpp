#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "provender/log.hpp"
#include "provender/result.hpp"

#include "http/handler.hpp"
#include "server/visit.hpp"

namespace provender::server {

/// A file of JSON lines, one for each request; keys and values of features are not in it. A file
/// that is moved away (logrotate) is made anew. Safe for concurrent use.
class AccessLog {
 public:
  /// `path` "-" is stderr. `logger` outlives the log.
  static Result<std::unique_ptr<AccessLog>> open(std::filesystem::path path, Logger& logger);
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  /// Appends whole lines in one piece. What cannot be written is lost, and that is logged once.
  void write(std::string_view lines);

 private:
  AccessLog(std::filesystem::path path, int file, Logger& logger);
  void follow_path();

  const std::filesystem::path path_;
  Logger& logger_;
  std::mutex mutex_;  ///< guards the rest
  int file_;
  bool failed_ = false;
};

/// The lines of one event loop, gathered before they are written. Confined to its thread.
class AccessLines {
 public:
  /// `log` may be null: then nothing is kept.
  explicit AccessLines(AccessLog* log) : log_(log) {}
  ~AccessLines() { flush(); }
  AccessLines(const AccessLines&) = delete;
  AccessLines& operator=(const AccessLines&) = delete;

  /// Before the exchange is sent.
  void add(http::Exchange& exchange, const Visit& visit, std::chrono::nanoseconds took);
  /// Of a request that the transport refused, of which little is known.
  void add_refused(const http::Refusal& refusal,
                   std::string_view id,
                   const http::Response& response);
  /// Called now and then.
  void flush();

 private:
  void end_line();

  AccessLog* log_;
  std::string lines_;
};

}  // namespace provender::server
