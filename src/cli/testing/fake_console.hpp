#pragma once

#include <optional>
#include <string>

#include "cli/console.hpp"

namespace provender::cli {

/// Keeps what a command writes; answers what it asks.
class FakeConsole final : public Console {
 public:
  std::string written_out;
  std::string written_err;
  std::string status_line;
  Terminal out_is;
  Terminal err_is;
  std::optional<std::string> answer;  ///< of the person at the terminal, if there is one

  void out(std::string_view text) override { written_out += text; }
  Terminal out_terminal() const override { return out_is; }
  void err(std::string_view lines) override { written_err += lines; }
  Terminal err_terminal() const override { return err_is; }
  void set_status_line(std::string_view line) override { status_line = line; }
  bool can_ask() const override { return answer.has_value(); }
  Result<std::string> ask(std::string_view question, const std::stop_token& /*stop*/) override {
    written_err += question;
    return answer.value_or("");
  }
};

}  // namespace provender::cli
