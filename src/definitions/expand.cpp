#include "definitions/expand.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

namespace provender::definitions {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && !(text.front() >= '0' && text.front() <= '9') &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

/// The name in `${NAME}` at the start of `text`, or an empty view.
std::string_view name_at(std::string_view text) {
  if (!text.starts_with("${")) return {};
  const std::size_t end = text.find('}');
  if (end == std::string_view::npos) return {};
  const std::string_view name = text.substr(2, end - 2);
  return is_name(name) ? name : std::string_view{};
}

void expand_scalar(yaml::Node& node, const yaml::Reader& reader) {
  if (node.text.find('$') == std::string::npos) return;
  std::string expanded;
  bool has_value = false;
  for (std::string_view rest = node.text; !rest.empty();) {
    if (rest.front() != '$') {
      const std::size_t end = std::min(rest.find('$'), rest.size());
      expanded += rest.substr(0, end);
      rest.remove_prefix(end);
    } else if (rest.starts_with("$$")) {
      expanded += '$';
      rest.remove_prefix(2);
    } else if (const std::string name{name_at(rest)}; !name.empty()) {
      // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this library changes the environment.
      const char* value = std::getenv(name.c_str());
      if (value == nullptr) {
        reader.problem(
            node, fmt::format("the environment variable {} in '{}' is not set", name, node.text));
        node.style = yaml::Node::Style::Reported;
        return;
      }
      has_value = true;
      expanded += value;
      rest.remove_prefix(name.size() + 3);
    } else {
      reader.problem(node,
                     fmt::format("expected ${{NAME}}, or $$ for a '$' itself, in '{}'", node.text));
      node.style = yaml::Node::Style::Reported;
      return;
    }
  }
  node.written = std::move(node.text);
  node.text = std::move(expanded);
  if (has_value) node.style = yaml::Node::Style::Expanded;
}

}  // namespace

void expand_environment(yaml::Node& node, const yaml::Reader& reader) {
  if (node.is(yaml::Node::Kind::Scalar)) expand_scalar(node, reader);
  for (auto& item : node.items) {
    expand_environment(item, reader);
  }
  for (auto& member : node.members) {
    expand_environment(member.value, reader);
  }
}

}  // namespace provender::definitions
