#include "definitions/document.hpp"

#include <utility>

#include "definitions/yaml/map_reader.hpp"

namespace provender::definitions {
namespace {

void read_sql_views(const yaml::Reader& reader, const yaml::Field& section, Loaded& into) {
  const auto named =
      yaml::named_members(reader, section, "a map of SQL views, {ratings: SELECT …}");
  into.has_all_names = into.has_all_names && named.is_map;
  for (const auto& member : named.members) {
    auto sql = reader.text(member.value, "a SELECT");
    // In place of what could not be read stands a query that nothing else is wrong with.
    into.definitions.sql_views.push_back(
        {member.name, std::move(sql).value_or("SELECT 1"), reader.where(*member.key)});
  }
}

}  // namespace

void read_document(std::string_view text,
                   const std::string& file,
                   Loaded& into,
                   std::vector<Problem>& problems) {
  const auto root = yaml::parse(text, file, problems);
  if (!root) into.has_all_names = false;
  if (!root || root->is(yaml::Node::Kind::Null)) return;

  const yaml::Reader reader(file, problems);
  yaml::MapReader map(
      reader,
      {.node = &*root, .path = ""},
      "a map with entities, features, sql_views, feature_views or feature_services");
  if (auto section = map.find("entities")) read_entities(reader, *section, into);
  if (auto section = map.find("features")) read_short_features(reader, *section, into);
  if (auto section = map.find("sql_views")) read_sql_views(reader, *section, into);
  if (auto section = map.find("feature_views")) read_feature_views(reader, *section, into);
  if (auto section = map.find("feature_services")) read_feature_services(reader, *section, into);
  if (!map.finish()) into.has_all_names = false;
}

}  // namespace provender::definitions
