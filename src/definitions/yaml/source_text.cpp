#include "definitions/yaml/source_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace provender::definitions::yaml {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\r') || byte == 0x7F;
}

/// Past the anchor and tag (`&name`, `!!str`) that may stand before a scalar.
std::size_t skip_properties(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
    at = std::min(text.find_first_of(kSpace, at), text.size());
    at = std::min(text.find_first_not_of(kSpace, at), text.size());
  }
  return at;
}

}  // namespace

std::optional<Problem> problem_with_bytes(std::string_view text, const std::string& file) {
  int line = 1;
  for (std::size_t start = 0; start <= text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view row = text.substr(start, end - start);
    if (!is_utf8(row)) {
      return Problem{.where = {.file = file, .line = line},
                     .message = "not UTF-8: save the file as UTF-8"};
    }
    if (const auto control = std::ranges::find_if(row, is_control); control != row.end()) {
      return Problem{
          .where = {.file = file, .line = line},
          .message = fmt::format("the control character 0x{:02X} is not allowed: remove it",
                                 static_cast<unsigned char>(*control))};
    }
    start = end + 1;
  }
  return std::nullopt;
}

std::string_view line_of(std::string_view text, int line) {
  for (; line > 1; --line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find_first_of("\r\n"));
}

bool has_open_quote(std::string_view text, std::size_t position) {
  const std::size_t open = skip_properties(text, std::min(position, text.size()));
  if (open == text.size() || (text[open] != '"' && text[open] != '\'')) return false;
  const char quote = text[open];
  for (std::size_t at = open + 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      const bool is_doubled = quote == '\'' && at + 1 < text.size() && text[at + 1] == quote;
      if (!is_doubled) return false;
      ++at;
    }
  }
  return true;
}

}  // namespace provender::definitions::yaml
