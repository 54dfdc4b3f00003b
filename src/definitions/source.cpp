#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "definitions/sections.hpp"
#include "definitions/yaml/scalar.hpp"

namespace provender::definitions {
namespace {

constexpr std::string_view kExpected =
    "a path, data/ratings.parquet, or a map with one of parquet, csv, sql, view";

struct KindName {
  std::string_view key;
  Source::Kind kind;
};
constexpr std::array<KindName, 4> kKinds{{{.key = "parquet", .kind = Source::Kind::Parquet},
                                          {.key = "csv", .kind = Source::Kind::Csv},
                                          {.key = "sql", .kind = Source::Kind::Sql},
                                          {.key = "view", .kind = Source::Kind::View}}};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// What a path's ending says it is.
std::optional<Source::Kind> kind_of_path(const std::string& path) {
  const std::string name = lower(path);
  if (name.ends_with(".parquet") || name.ends_with(".pq")) return Source::Kind::Parquet;
  if (name.ends_with(".csv")) return Source::Kind::Csv;
  return std::nullopt;
}

/// What to write instead of a path whose ending says nothing.
std::string_view advice_for(const std::string& path) {
  const std::string name = lower(path);
  if (name.starts_with("select ") || name.starts_with("with ")) {
    return "a query is written {sql: …}";
  }
  for (const std::string_view ending : {".gz", ".zst", ".tsv"}) {
    if (name.ends_with(ending)) return "CSV is text with commas, not packed: convert the file";
  }
  if (name.find_first_of("./*") == std::string::npos) {
    return "a SQL view is written {view: NAME}, a file {parquet: …} or {csv: …}";
  }
  return "write {parquet: …} or {csv: …}";
}

std::optional<Source> read_path(const yaml::Reader& reader, const yaml::Field& field) {
  auto path = reader.text(field, kExpected);
  if (!path) return std::nullopt;
  Source source;
  source.where = reader.where(*field.node);
  source.text = *std::move(path);
  if (const auto kind = kind_of_path(source.text)) {
    source.kind = *kind;
    return source;
  }
  reader.problem(*field.node,
                 fmt::format("{}: expected a path that ends in .parquet or .csv, found {}: {}",
                             field.path,
                             yaml::describe(*field.node),
                             advice_for(source.text)));
  return std::nullopt;
}

std::optional<TimestampUnit> read_unit(const yaml::Reader& reader, const yaml::Field& field) {
  const std::array<std::string, 4> units{"s", "ms", "us", "ns"};
  const auto unit = reader.choice(field, units);
  if (!unit) return std::nullopt;
  return TimestampUnit(std::ranges::find(units, *unit) - units.begin());
}

/// Which of parquet, csv, sql and view the map has; the last one is read.
std::vector<std::string_view> read_kinds(yaml::MapReader& map, Source& source) {
  std::vector<std::string_view> found;
  for (const auto& [key, kind] : kKinds) {
    const auto field = map.find(key);
    if (!field) continue;
    found.push_back(key);
    source.kind = kind;
    source.text = map.reader().text(*field).value_or("");
  }
  return found;
}

void read_options(yaml::MapReader& map, Source& source) {
  const yaml::Reader& reader = map.reader();
  if (auto field = map.find("event_timestamp")) {
    source.event_timestamp = reader.text(*field).value_or(source.event_timestamp);
  }
  if (auto field = map.find("created_timestamp")) source.created_timestamp = reader.text(*field);
  if (auto field = map.find("timestamp_unit")) source.timestamp_unit = read_unit(reader, *field);
  if (auto field = map.find("columns")) {
    source.columns = yaml::text_map(reader, *field).value_or(std::map<std::string, std::string>{});
  }
  if (auto field = map.find("hive")) {
    source.hive = reader.boolean(*field).value_or(false);
    if (source.hive && (source.kind == Source::Kind::Sql || source.kind == Source::Kind::View)) {
      reader.problem(*field->node,
                     map.path() + ".hive: only files have hive folders; here the SQL reads them");
    }
  }
}

}  // namespace

std::optional<Source> read_source(const yaml::Reader& reader, const yaml::Field& field) {
  if (field.node->is(yaml::Node::Kind::Scalar)) return read_path(reader, field);
  yaml::MapReader map(reader, field, kExpected);
  if (!map.is_map()) return std::nullopt;
  Source source;
  source.where = reader.where(*field.node);
  const auto kinds = read_kinds(map, source);
  read_options(map, source);
  const bool is_known = map.finish();
  // None may be one that is misspelt, which finish has said.
  if (kinds.size() > 1 || (kinds.empty() && is_known)) {
    const std::string found = kinds.empty() ? "none" : fmt::format("{}", fmt::join(kinds, " and "));
    reader.problem(
        *field.node,
        fmt::format(
            "{}: expected exactly one of parquet, csv, sql and view, found {}", field.path, found));
  }
  if (kinds.size() != 1 || !is_known || source.text.empty()) return std::nullopt;
  return source;
}

}  // namespace provender::definitions
