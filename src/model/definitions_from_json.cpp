#include <fmt/format.h>

#include "base/try.hpp"
#include "model/definitions_json.hpp"
#include "model/definitions_names.hpp"
#include "model/json_node.hpp"

namespace provender {
namespace {

/// A parser of the names in `table`.
template <class T, std::size_t N>
auto one_of(const std::array<Named<T>, N>& table) {
  return [&table](std::string_view name) -> Result<T> {
    if (const auto value = value_of(table, name)) return *value;
    std::string known;
    for (const auto& entry : table) {
      known += fmt::format(" {}", entry.name);
    }
    return Error(ErrorCode::InvalidArgument, fmt::format("'{}' is none of{}", name, known));
  };
}

template <class T, class F>
std::vector<T> read_all(const JsonNode& node, std::string_view member, F&& read) {
  std::vector<T> objects;
  for (const JsonNode& element : node.elements(member)) {
    objects.push_back(read(element));
  }
  return objects;
}

Annotations read_annotations(const JsonNode& node) {
  return {.description = node.text("description"),
          .owner = node.text("owner"),
          .tags = node.map("tags")};
}

JoinKey read_key(const JsonNode& node) {
  node.expect_members({"name", "type"});
  return {.name = node.required_text("name"), .type = node.parsed("type", parse_type)};
}

Entity read_entity(const JsonNode& node) {
  node.expect_members({"description", "keys", "name", "owner", "tags"});
  return {.name = node.required_text("name"),
          .keys = read_all<JoinKey>(node, "keys", read_key),
          .about = read_annotations(node)};
}

SqlView read_sql_view(const JsonNode& node) {
  node.expect_members({"name", "sql"});
  return {.name = node.required_text("name"), .sql = node.required_text("sql")};
}

Source read_source(const JsonNode& node) {
  node.expect_members({"columns",
                       "created_timestamp",
                       "event_timestamp",
                       "hive",
                       "kind",
                       "text",
                       "timestamp_unit"});
  Source source{.text = node.required_text("text"),
                .timestamp_unit = node.parsed("timestamp_unit", one_of(kTimestampUnits)),
                .columns = node.map("columns"),
                .hive = node.boolean("hive")};
  if (const auto kind = node.parsed("kind", one_of(kSourceKinds))) source.kind = *kind;
  if (node.member("event_timestamp")) source.event_timestamp = node.text("event_timestamp");
  if (node.member("created_timestamp")) source.created_timestamp = node.text("created_timestamp");
  return source;
}

Feature read_feature(const JsonNode& node) {
  node.expect_members({"description", "name", "owner", "tags", "type"});
  node.required_text("type");
  return {.name = node.required_text("name"),
          .type = node.parsed("type", parse_type).value_or(Type{Kind::Bool}),
          .about = read_annotations(node)};
}

FeatureView read_feature_view(const JsonNode& node) {
  node.expect_members(
      {"cadence", "description", "entities", "features", "name", "owner", "source", "tags", "ttl"});
  FeatureView view{.name = node.required_text("name"),
                   .entities = node.texts("entities"),
                   .ttl = node.parsed("ttl", parse_duration),
                   .cadence = node.parsed("cadence", parse_cadence).value_or(Cadence{}),
                   .features = read_all<Feature>(node, "features", read_feature),
                   .about = read_annotations(node)};
  const auto source = node.member("source");
  if (source) view.source = read_source(*source);
  if (!source) node.fail("member 'source' is missing");
  return view;
}

ServiceItem read_item(const JsonNode& node) {
  node.expect_members({"alias", "features", "keys", "view"});
  return {.view = node.text("view"),
          .alias = node.text("alias"),
          .keys = node.map("keys"),
          .features = node.texts("features")};
}

FeatureService read_service(const JsonNode& node) {
  node.expect_members({"description", "items", "name", "owner", "tags"});
  return {.name = node.required_text("name"),
          .items = read_all<ServiceItem>(node, "items", read_item),
          .about = read_annotations(node)};
}

Definitions read_definitions(const JsonNode& node) {
  if (const auto format = node.integer("format").value_or(kDefinitionsFormat);
      format != kDefinitionsFormat) {
    node.fail_at(
        "format",
        fmt::format("{} is of a newer Provender; this one reads {}", format, kDefinitionsFormat));
  }
  node.expect_members(
      {"entities", "feature_services", "feature_views", "format", "project", "sql_views"});
  return {.project = node.text("project"),
          .entities = read_all<Entity>(node, "entities", read_entity),
          .sql_views = read_all<SqlView>(node, "sql_views", read_sql_view),
          .feature_views = read_all<FeatureView>(node, "feature_views", read_feature_view),
          .feature_services = read_all<FeatureService>(node, "feature_services", read_service)};
}

}  // namespace

Result<Definitions> definitions_from_json(std::string_view text) {
  json::Parser parser;
  PROVENDER_ASSIGN(const json::Value root, parser.parse(text));
  std::optional<Error> failure;
  Definitions definitions = read_definitions(JsonNode(root, "", failure));
  if (failure) return *std::move(failure);
  return definitions;
}

}  // namespace provender
