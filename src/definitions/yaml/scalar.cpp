#include "definitions/yaml/scalar.hpp"

#include <charconv>
#include <system_error>

#include <fmt/format.h>

namespace provender::definitions::yaml {
namespace {

constexpr std::size_t kShownText = 60;

}  // namespace

bool is_boolean(std::string_view text) {
  return text == "true" || text == "True" || text == "TRUE" || text == "false" || text == "False" ||
         text == "FALSE";
}

bool is_number(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0o")) return text.size() > 2;
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  if (text == ".inf" || text == ".Inf" || text == ".INF") return true;
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  if (text.empty() || text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) {
    return false;
  }
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return end == text.data() + text.size() && failure != std::errc::invalid_argument;
}

bool is_other_than_text(const Node& node) {
  return node.style == Node::Style::Plain && (is_boolean(node.text) || is_number(node.text));
}

std::string shortened(std::string_view text) {
  if (text.size() <= kShownText) return std::string(text);
  std::size_t end = kShownText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return fmt::format("{}…", text.substr(0, end));
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::Null:
      return "nothing";
    case Node::Kind::List:
      return node.items.empty() ? "an empty list" : "a list";
    case Node::Kind::Map:
      return node.members.empty() ? "an empty map" : "a map";
    case Node::Kind::Scalar:
      break;
  }
  if (node.style == Node::Style::Expanded) {
    return fmt::format("the value of '{}'", shortened(node.written));
  }
  if (node.text.empty()) return "empty text";
  if (!is_other_than_text(node)) return fmt::format("'{}'", shortened(node.text));
  return fmt::format(
      "the {} {}", is_boolean(node.text) ? "boolean" : "number", shortened(node.text));
}

}  // namespace provender::definitions::yaml
