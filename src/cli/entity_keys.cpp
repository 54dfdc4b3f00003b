#include "cli/entity_keys.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/try.hpp"

namespace provender::cli {
namespace {

Error invalid(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

Error unknown_key(std::string_view name, const PreparedRead& prepared) {
  std::vector<std::string> needed;
  for (const PreparedRead::Key& key : prepared.keys()) {
    needed.push_back(key.name);
  }
  return invalid(fmt::format("unknown key '{}'{}; the keys of these features: {}",
                             name,
                             did_you_mean(name, prepared.known_keys()),
                             join_words(needed)));
}

struct NamedText {
  std::string_view name;
  std::string_view text;
};

Result<NamedText> split(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) {
    return invalid(fmt::format("expected KEY=VALUE, found '{}'", word));
  }
  return NamedText{.name = word.substr(0, equals), .text = word.substr(equals + 1)};
}

}  // namespace

Result<std::vector<Value>> parse_entity_keys(std::span<const std::string> words,
                                             const PreparedRead& prepared) {
  const std::span<const PreparedRead::Key> keys = prepared.keys();
  std::vector<Value> values(keys.size());
  for (const std::string& word : words) {
    PROVENDER_ASSIGN(const NamedText given, split(word));
    const auto key = std::ranges::find(keys, given.name, &PreparedRead::Key::name);
    if (key == keys.end()) {
      if (std::ranges::find(prepared.known_keys(), given.name) != prepared.known_keys().end()) {
        continue;
      }
      return unknown_key(given.name, prepared);
    }
    Value& value = values[static_cast<std::size_t>(key - keys.begin())];
    if (!value.is_null()) return invalid(fmt::format("key '{}' is given twice", given.name));
    auto parsed = parse_value(given.text, key->type);
    if (!parsed) return std::move(parsed).error().within(fmt::format("key '{}'", given.name));
    value = *std::move(parsed);
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!values[i].is_null()) continue;
    return invalid(fmt::format("key '{}' ({}) is missing: give {}=VALUE",
                               keys[i].name,
                               to_string(keys[i].type),
                               keys[i].name));
  }
  return values;
}

}  // namespace provender::cli
