#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/reader.hpp"

namespace provender {

/// One value of a JSON document together with its path, for strict reading: what is missing,
/// unknown, twice there or of another type is noted in `failure`, the first one stays, and reading
/// goes on with an empty value.
class JsonNode {
 public:
  /// `failure` outlives the node.
  JsonNode(json::Value value, std::string path, std::optional<Error>& failure)
      : value_(value), path_(std::move(path)), failure_(failure) {}

  /// Requires an object that has no members but `known`, each at most once.
  void expect_members(std::initializer_list<std::string_view> known) const;

  /// The text of this node.
  std::string text() const;
  /// A member that is a text; "" where it is missing.
  std::string text(std::string_view name) const;
  /// The same, but a missing one is a failure.
  std::string required_text(std::string_view name) const;
  bool boolean(std::string_view name) const;
  std::optional<std::int64_t> integer(std::string_view name) const;
  std::map<std::string, std::string> map(std::string_view name) const;

  /// The elements of a member that is an array; none where it is missing.
  std::vector<JsonNode> elements(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  std::optional<JsonNode> member(std::string_view name) const;

  /// Notes that this node is wrong.
  void fail(std::string_view what) const;
  /// The same for one of its members.
  void fail_at(std::string_view member, std::string_view what) const;

  /// Reads a member's text by `parse`, which gives a Result; nullopt where it is missing.
  template <class Parse>
  auto parsed(std::string_view name, Parse&& parse) const
      -> std::optional<typename decltype(parse(std::string_view()))::value_type> {
    const auto found = member(name);
    if (!found || !found->is(json::Value::Kind::String, "a text")) return std::nullopt;
    auto result = parse(found->value_.as_string());
    if (result) return *std::move(result);
    found->fail(result.error().message());
    return std::nullopt;
  }

 private:
  /// Whether this node is of that kind; notes that `expected` was expected if not.
  bool is(json::Value::Kind kind, std::string_view expected) const;
  std::string path_of(std::string_view member) const;

  json::Value value_;
  std::string path_;
  std::optional<Error>& failure_;
};

}  // namespace provender
