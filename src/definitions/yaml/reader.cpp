#include "definitions/yaml/reader.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "definitions/byte_size.hpp"
#include "definitions/yaml/scalar.hpp"

namespace provender::definitions::yaml {

std::string prefix(const std::string& path) {
  return path.empty() ? "" : path + ": ";
}

Field Field::member(std::string_view key, const Node& value) const {
  return {.node = &value,
          .path = path.empty() ? std::string(key) : fmt::format("{}.{}", path, key)};
}

void Reader::problem(const Node& at, std::string message) const {
  if (at.style != Node::Style::Reported) problems_->push_back({where(at), std::move(message)});
}

void Reader::mismatch(const Field& field, std::string_view expected) const {
  problem(
      *field.node,
      fmt::format("{}expected {}, found {}", prefix(field.path), expected, describe(*field.node)));
}

template <class T>
std::optional<T> Reader::parsed(const Field& field,
                                Expected expected,
                                Result<T> (*parse)(std::string_view)) const {
  const Node& node = *field.node;
  if (!node.is(Node::Kind::Scalar) || is_other_than_text(node)) {
    mismatch(field, expected);
    return std::nullopt;
  }
  auto value = parse(node.text);
  if (value) return *std::move(value);
  // The parsers quote what they were given, and an expanded value may be a secret.
  if (node.style == Node::Style::Expanded) {
    mismatch(field, expected);
  } else {
    problem(node, fmt::format("{}{}", prefix(field.path), value.error().message()));
  }
  return std::nullopt;
}

std::optional<std::string> Reader::any_text(const Field& field, std::string_view expected) const {
  const Node& node = *field.node;
  if (!node.is(Node::Kind::Scalar)) {
    mismatch(field, expected);
    return std::nullopt;
  }
  if (is_other_than_text(node)) {
    mismatch(field, fmt::format("{} (in quotes: \"{}\")", expected, shortened(node.text)));
    return std::nullopt;
  }
  return node.text;
}

std::optional<std::string> Reader::text(const Field& field, std::string_view expected) const {
  auto value = any_text(field, expected);
  if (value && value->empty()) {
    mismatch(field, expected);
    return std::nullopt;
  }
  return value;
}

std::optional<bool> Reader::boolean(const Field& field) const {
  const Node& node = *field.node;
  if (!node.is(Node::Kind::Scalar) || node.style == Node::Style::Quoted || !is_boolean(node.text)) {
    mismatch(field, "true or false");
    return std::nullopt;
  }
  return node.text.starts_with('t') || node.text.starts_with('T');
}

std::optional<int> Reader::integer(const Field& field, int min, int max) const {
  const Node& node = *field.node;
  int number = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [stop, failure] = std::from_chars(node.text.data(), end, number);
  const bool is_integer = node.is(Node::Kind::Scalar) && node.style != Node::Style::Quoted &&
                          stop == end && failure == std::errc{};
  if (!is_integer || number < min || number > max) {
    mismatch(field, fmt::format("a whole number from {} to {}", min, max));
    return std::nullopt;
  }
  return number;
}

std::optional<std::vector<std::string>> Reader::texts(const Field& field) const {
  if (!field.node->is(Node::Kind::List)) {
    mismatch(field, "a list of texts, [a, b]");
    return std::nullopt;
  }
  std::vector<std::string> values;
  bool complete = true;
  for (std::size_t i = 0; i < field.node->items.size(); ++i) {
    auto value =
        text({.node = &field.node->items[i], .path = fmt::format("{}[{}]", field.path, i)});
    complete = complete && value.has_value();
    if (value) values.push_back(*std::move(value));
  }
  if (!complete) return std::nullopt;
  return values;
}

std::optional<std::string> Reader::choice(const Field& field,
                                          std::span<const std::string> choices) const {
  const Node& node = *field.node;
  if (node.is(Node::Kind::Scalar) && std::ranges::find(choices, node.text) != choices.end()) {
    return node.text;
  }
  const std::string near = node.is(Node::Kind::Scalar) ? did_you_mean(node.text, choices) : "";
  problem(node,
          fmt::format("{}: expected {}{}, found {}{}",
                      field.path,
                      choices.size() == 1 ? "" : "one of ",
                      fmt::join(choices, ", "),
                      describe(node),
                      near));
  return std::nullopt;
}

std::optional<Type> Reader::type(const Field& field) const {
  return parsed(field, "a type such as string, int64 or list<float32>", parse_type);
}

std::optional<Duration> Reader::duration(const Field& field) const {
  return parsed(
      field, "a duration with its unit (us ms s m h d w) such as 15m or 30d", parse_duration);
}

std::optional<Cadence> Reader::cadence(const Field& field) const {
  return parsed(
      field,
      "hourly, daily, weekly, streaming, manual, a duration with its unit such as 15m, or "
      "five cron fields such as \"0 * * * *\"",
      parse_cadence);
}

std::optional<std::uint64_t> Reader::size(const Field& field) const {
  return parsed(field, "a size with its unit such as 512MiB or 4GB", parse_byte_size);
}

}  // namespace provender::definitions::yaml
