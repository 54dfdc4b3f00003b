#include "cli/report_error.hpp"

#include "cli/text.hpp"
#include "wire/errors.hpp"

namespace provender::cli {

std::string error_text(std::string_view message, const Terminal& terminal) {
  std::string text = paint("error:", Style::Red, terminal.colour) + ' ';
  while (true) {
    const std::size_t end = message.find('\n');
    text += printable(message.substr(0, end)) + '\n';
    if (end == std::string_view::npos || end + 1 == message.size()) return text;
    message.remove_prefix(end + 1);
    text += "       ";
  }
}

std::string error_json(const Error& error) {
  std::string text;
  wire::write_error(text, error);
  return text + '\n';
}

}  // namespace provender::cli
