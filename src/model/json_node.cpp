#include "model/json_node.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace provender {

using JsonKind = json::Value::Kind;

void JsonNode::fail(std::string_view what) const {
  if (failure_) return;
  failure_ = Error(ErrorCode::InvalidArgument,
                   path_.empty() ? std::string(what) : fmt::format("{}: {}", path_, what));
}

void JsonNode::fail_at(std::string_view member, std::string_view what) const {
  if (!failure_) {
    failure_ = Error(ErrorCode::InvalidArgument, fmt::format("{}: {}", path_of(member), what));
  }
}

bool JsonNode::is(JsonKind kind, std::string_view expected) const {
  if (value_.is(kind)) return true;
  fail(fmt::format("expected {}", expected));
  return false;
}

std::string JsonNode::path_of(std::string_view member) const {
  return path_.empty() ? std::string(member) : fmt::format("{}.{}", path_, member);
}

void JsonNode::expect_members(std::initializer_list<std::string_view> known) const {
  if (!is(JsonKind::Object, "an object")) return;
  const std::vector<std::string> names(known.begin(), known.end());
  std::vector<std::string_view> seen;
  value_.for_each_member([&](std::string_view name, json::Value) {
    if (std::ranges::find(names, name) == names.end()) {
      fail(fmt::format("unknown member '{}'{}; known are {}",
                       name,
                       did_you_mean(name, names),
                       join_words(names)));
    }
    if (std::ranges::find(seen, name) != seen.end()) {
      fail(fmt::format("member '{}' is there twice", name));
    }
    seen.push_back(name);
  });
}

std::optional<JsonNode> JsonNode::member(std::string_view name) const {
  if (!value_.is(JsonKind::Object)) return std::nullopt;
  const auto found = value_.find(name);
  if (!found) return std::nullopt;
  return JsonNode(*found, path_of(name), failure_);
}

std::string JsonNode::text() const {
  return is(JsonKind::String, "a text") ? std::string(value_.as_string()) : std::string();
}

std::string JsonNode::text(std::string_view name) const {
  const auto found = member(name);
  return found ? found->text() : std::string();
}

std::string JsonNode::required_text(std::string_view name) const {
  if (!member(name)) fail(fmt::format("member '{}' is missing", name));
  return text(name);
}

bool JsonNode::boolean(std::string_view name) const {
  const auto found = member(name);
  return found && found->is(JsonKind::Bool, "true or false") && found->value_.as_bool();
}

std::optional<std::int64_t> JsonNode::integer(std::string_view name) const {
  const auto found = member(name);
  if (!found || !found->is(JsonKind::Int, "a whole number")) return std::nullopt;
  return found->value_.as_int();
}

std::map<std::string, std::string> JsonNode::map(std::string_view name) const {
  std::map<std::string, std::string> map;
  const auto found = member(name);
  if (!found || !found->is(JsonKind::Object, "an object of texts")) return map;
  found->value_.for_each_member([&](std::string_view key, json::Value value) {
    const JsonNode node(value, found->path_of(key), failure_);
    if (!map.emplace(key, node.text()).second) {
      found->fail(fmt::format("member '{}' is there twice", key));
    }
  });
  return map;
}

std::vector<JsonNode> JsonNode::elements(std::string_view name) const {
  std::vector<JsonNode> nodes;
  const auto found = member(name);
  if (!found || !found->is(JsonKind::Array, "an array")) return nodes;
  found->value_.for_each_element([&](json::Value value) {
    nodes.emplace_back(value, fmt::format("{}[{}]", found->path_, nodes.size()), failure_);
  });
  return nodes;
}

std::vector<std::string> JsonNode::texts(std::string_view name) const {
  std::vector<std::string> texts;
  for (const JsonNode& element : elements(name)) {
    texts.push_back(element.text());
  }
  return texts;
}

}  // namespace provender
