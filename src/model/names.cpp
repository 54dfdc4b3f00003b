#include "model/names.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace provender {
namespace {

constexpr std::size_t kLongestName = 128;

/// Top-level members of requests (docs/reference/http.md), beside which keys stand.
constexpr std::array<std::string_view, 5> kReservedKeyNames{
    "features", "feature_service", "entities", "options", "full_feature_names"};

constexpr bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

constexpr bool is_name_letter(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::optional<std::string> problem_with_name(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name.size() > kLongestName) {
    return fmt::format("has {} characters: at most {} are allowed", name.size(), kLongestName);
  }
  if (!is_letter(name.front()) || !std::ranges::all_of(name, is_name_letter)) {
    return "is not a name: expected a letter, then letters, digits and _";
  }
  if (name.contains("__")) return "has '__' in it, which separates view and feature in full names";
  return std::nullopt;
}

std::optional<std::string> problem_with_key_name(std::string_view name) {
  if (auto problem = problem_with_name(name)) return problem;
  if (std::ranges::find(kReservedKeyNames, name) == kReservedKeyNames.end()) return std::nullopt;
  return "is a word of requests and cannot name a key; "
         "reserved are features, feature_service, entities, options and full_feature_names";
}

}  // namespace provender
