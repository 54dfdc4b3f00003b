#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "definitions/sections.hpp"

namespace provender::definitions {
namespace {

constexpr std::string_view kItemExpected =
    "a feature, 'user_segment' or 'user_activity:ratings_7d', or a map, {view: user_activity}";

/// `feature`, `view:feature` or `view:*`.
std::optional<ServiceItem> read_reference(const yaml::Reader& reader, const yaml::Field& field) {
  auto text = reader.text(field, kItemExpected);
  if (!text) return std::nullopt;
  ServiceItem item;
  item.where = reader.where(*field.node);
  const std::size_t colon = text->find(':');
  if (colon == std::string::npos) {
    item.features.push_back(*std::move(text));
    return item;
  }
  item.view = text->substr(0, colon);
  const std::string feature = text->substr(colon + 1);
  if (item.view.empty() || feature.empty() || feature.find(':') != std::string::npos) {
    reader.mismatch(field, kItemExpected);
    return std::nullopt;
  }
  if (feature != "*") item.features.push_back(feature);
  return item;
}

/// `{view: user_activity, as: friend, keys: {user_id: friend_id}, features: [ratings_7d]}`
std::optional<ServiceItem> read_role(const yaml::Reader& reader, const yaml::Field& field) {
  yaml::MapReader map(reader, field);
  const auto& members = field.node->members;
  if (members.size() == 1 && members.front().key.text != "view" &&
      members.front().value.is(yaml::Node::Kind::Scalar)) {
    reader.problem(*field.node,
                   fmt::format("{}: expected {}, found a map: write '{}:{}' without a space",
                               field.path,
                               kItemExpected,
                               members.front().key.text,
                               members.front().value.text));
    return std::nullopt;
  }
  ServiceItem item;
  item.where = reader.where(*field.node);
  const auto view = map.require("view", "the name of a feature view");
  const auto name = view ? reader.text(*view) : std::nullopt;
  item.view = name.value_or("");
  if (auto as = map.find("as")) item.alias = reader.text(*as).value_or("");
  if (auto keys = map.find("keys")) {
    item.keys = yaml::text_map(reader, *keys).value_or(std::map<std::string, std::string>{});
  }
  if (auto features = map.find("features")) {
    item.features = reader.texts(*features).value_or(std::vector<std::string>{});
    if (features->node->is(yaml::Node::Kind::List) && features->node->items.empty()) {
      reader.problem(*features->node,
                     features->path + ": is empty: leave it out to take all features of the view");
    }
  }
  const bool is_known = map.finish();
  if (!is_known || !name) return std::nullopt;
  return item;
}

std::vector<ServiceItem> read_items(yaml::MapReader& map) {
  const yaml::Reader& reader = map.reader();
  std::vector<ServiceItem> items;
  const auto field = map.require("features", "a list of features");
  if (!field) return items;
  if (!field->node->is(yaml::Node::Kind::List) || field->node->items.empty()) {
    reader.mismatch(*field, "a list of features, [user_segment, 'user_activity:ratings_7d']");
    return items;
  }
  for (std::size_t i = 0; i < field->node->items.size(); ++i) {
    const yaml::Field at{.node = &field->node->items[i],
                         .path = fmt::format("{}[{}]", field->path, i)};
    auto item =
        at.node->is(yaml::Node::Kind::Map) ? read_role(reader, at) : read_reference(reader, at);
    if (item) items.push_back(*std::move(item));
  }
  return items;
}

}  // namespace

void read_feature_services(const yaml::Reader& reader, const yaml::Field& section, Loaded& into) {
  const auto named = yaml::named_members(
      reader, section, "a map of feature services, {recommender: {features: [user_segment]}}");
  into.has_all_names = into.has_all_names && named.is_map;
  for (const auto& member : named.members) {
    FeatureService service;
    service.name = member.name;
    service.where = reader.where(*member.key);
    yaml::MapReader map(reader, member.value, "a map, {features: [user_segment]}");
    if (!map.is_map()) continue;
    service.items = read_items(map);
    service.about = read_annotations(map);
    map.finish();
    // Nothing refers to a service, so one of which nothing could be read needs no place.
    if (!service.items.empty()) into.definitions.feature_services.push_back(std::move(service));
  }
}

}  // namespace provender::definitions
