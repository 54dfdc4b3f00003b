#pragma once

#include <mutex>
#include <string>

#include "cli/console.hpp"

namespace provender::cli {

/// The process's standard streams. Colour only on a terminal, and not with NO_COLOR or TERM=dumb.
class SystemConsole final : public Console {
 public:
  SystemConsole();

  void out(std::string_view text) override;
  Terminal out_terminal() const override { return out_terminal_; }
  void err(std::string_view lines) override;
  Terminal err_terminal() const override { return err_terminal_; }
  void set_status_line(std::string_view line) override;
  bool can_ask() const override;
  Result<std::string> ask(std::string_view question, const std::stop_token& stop) override;

  /// What kept data from being written, if anything did.
  Result<> finish();
  /// Whether the reader of a pipe went away before it had all: no failure of ours.
  bool reader_gone() const;

 private:
  const Terminal out_terminal_;
  const Terminal err_terminal_;
  mutable std::mutex mutex_;
  int out_error_ = 0;
  std::string status_line_;
};

}  // namespace provender::cli
