#include "definitions/yaml/map_reader.hpp"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "base/text.hpp"
#include "definitions/yaml/scalar.hpp"

namespace provender::definitions::yaml {
namespace {

/// Words of other tools, or of another place in the same file, that edit distance does not bring
/// together.
std::string meant_by(std::string_view word, std::span<const std::string> known) {
  static constexpr std::pair<std::string_view, std::string_view> kConfusions[] = {
      {"entity", "entities"},
      {"entities", "entity"},
      {"type", "dtype"},
      {"dtype", "type"},
      {"schedule", "cadence"},
      {"max_age", "ttl"},
      {"join_key", "keys"},
      {"join_keys", "keys"},
      {"schema", "features"},
      {"timestamp_field", "event_timestamp"},
      {"query", "sql"},
      {"created_timestamp_column", "created_timestamp"},
      {"alias", "as"},
      {"batch_source", "source"},
      {"name", "as"},
      {"field_mapping", "columns"},
      {"sources", "sql_views"},
      {"views", "feature_views"},
      {"services", "feature_services"},
  };
  for (const auto& [found, meant] : kConfusions) {
    if (word == found && std::ranges::find(known, meant) != known.end()) return std::string(meant);
  }
  return nearest(word, known);
}

/// Judges the keys of one map, in order. Confined to one thread.
class KeyCheck {
 public:
  KeyCheck(const Reader& reader, const Field& field)
      : reader_(reader), prefix_(prefix(field.path)) {}

  /// Whether the key is text, and the first of its name; else a problem was added.
  bool is_good(const Node& key) {
    if (!key.is(Node::Kind::Scalar) || is_other_than_text(key) || key.text.empty()) {
      reader_.problem(
          key, fmt::format("{}expected a name as the key, found {}", prefix_, describe(key)));
      return false;
    }
    const auto [first, is_new] = first_lines_.emplace(key.text, key.line);
    if (!is_new) {
      reader_.problem(key,
                      fmt::format("{}'{}' stands twice (first on line {}): remove or rename one",
                                  prefix_,
                                  key.text,
                                  first->second));
    }
    return is_new;
  }

 private:
  const Reader& reader_;
  std::string prefix_;
  std::unordered_map<std::string_view, int> first_lines_;
};

}  // namespace

MapReader::MapReader(const Reader& reader, Field field, std::string_view expected)
    : reader_(reader), field_(std::move(field)) {
  if (!is_map()) reader_.mismatch(field_, expected);
}

std::optional<Field> MapReader::find(std::string_view key) {
  known_.emplace_back(key);
  auto found =
      std::ranges::find_if(node().members, [&](const Member& m) { return m.key.text == key; });
  if (found == node().members.end()) return std::nullopt;
  return field_.member(key, found->value);
}

std::optional<Field> MapReader::require(std::string_view key, std::string_view expected) {
  auto found = find(key);
  if (!found && is_map()) missing_.emplace_back(key, expected);
  return found;
}

bool MapReader::finish() {
  bool fine = is_map();
  std::vector<std::string> meant;
  KeyCheck check(reader_, field_);
  for (const auto& member : node().members) {
    if (!check.is_good(member.key)) {
      fine = false;
    } else if (std::ranges::find(known_, member.key.text) == known_.end()) {
      fine = false;
      meant.push_back(report_unknown(member.key));
    }
  }
  for (const auto& [key, expected] : missing_) {
    fine = false;
    if (std::ranges::find(meant, key) != meant.end()) continue;
    reader_.problem(node(),
                    fmt::format("{}'{}' is missing: expected {}", prefix(path()), key, expected));
  }
  return fine;
}

std::string MapReader::report_unknown(const Node& key) const {
  std::string meant = meant_by(key.text, known_);
  std::string advice = fmt::format(" (did you mean '{}'?)", meant);
  if (meant.empty()) advice = fmt::format("; known here: {}", fmt::join(known_, ", "));
  if (key.text == "<<") advice = ": merge keys are not read, write the keys out";
  reader_.problem(key,
                  fmt::format("{}unknown key '{}'{}", prefix(path()), shortened(key.text), advice));
  return meant;
}

NamedMembers named_members(const Reader& reader, const Field& field, std::string_view expected) {
  NamedMembers result;
  if (field.node->is(Node::Kind::Null)) return result;
  if (!field.node->is(Node::Kind::Map)) {
    reader.mismatch(field, expected);
    result.is_map = false;
    return result;
  }
  KeyCheck check(reader, field);
  for (const auto& member : field.node->members) {
    if (!check.is_good(member.key)) continue;
    result.members.push_back(
        {member.key.text, &member.key, field.member(member.key.text, member.value)});
  }
  return result;
}

std::optional<std::map<std::string, std::string>> text_map(const Reader& reader,
                                                           const Field& field) {
  const auto named = named_members(reader, field, "a map of texts, {name: text}");
  bool is_good = named.is_map;
  std::map<std::string, std::string> values;
  for (const auto& member : named.members) {
    auto value = reader.text(member.value);
    is_good = is_good && value.has_value();
    if (value) values.emplace(member.name, *std::move(value));
  }
  if (!is_good) return std::nullopt;
  return values;
}

}  // namespace provender::definitions::yaml
