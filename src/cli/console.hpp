#pragma once

#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>

#include "provender/result.hpp"

namespace provender::cli {

/// What a stream is written to, as far as it changes what is written.
struct Terminal {
  bool is_terminal = false;
  std::size_t width = 0;  ///< columns; 0: unlimited
  bool colour = false;
};

/// Where a command's words go: data to the output, everything for people to the error stream.
/// Safe for concurrent use.
class Console {
 public:
  virtual ~Console() = default;

  /// Data. A failure to write it is kept until the command ends.
  virtual void out(std::string_view text) = 0;
  virtual Terminal out_terminal() const = 0;

  /// Whole lines for people.
  virtual void err(std::string_view lines) = 0;
  virtual Terminal err_terminal() const = 0;

  /// Replaces the line that says how far the work is, below all others; empty removes it. Only
  /// called if the error stream is a terminal.
  virtual void set_status_line(std::string_view line) = 0;

  /// Whether there is somebody to ask.
  virtual bool can_ask() const = 0;
  /// Asks, and returns the line that was answered (empty at the end of input). Cancelled if `stop`
  /// is requested meanwhile.
  virtual Result<std::string> ask(std::string_view question, const std::stop_token& stop) = 0;
};

}  // namespace provender::cli
