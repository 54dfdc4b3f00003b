#include <utility>

#include <fmt/format.h>

#include "definitions/sections.hpp"

namespace provender::definitions {
namespace {

constexpr std::string_view kSourceExpected = "a path such as data/ratings.parquet, or a map";
constexpr std::string_view kFeaturesExpected =
    "a map of features and types, {age: int32, country: {type: string, description: …}}";

/// Stands for what could not be read: nothing is applied, but other messages can still be made.
Source unread_source(const yaml::Reader& reader, const yaml::Node& at) {
  Source source;
  source.text = "unread.parquet";
  source.where = reader.where(at);
  return source;
}

/// `source`, `cadence` and `ttl`, in both forms.
void read_common(yaml::MapReader& map, FeatureView& view) {
  const yaml::Reader& reader = map.reader();
  std::optional<Source> source;
  if (auto field = map.require("source", kSourceExpected)) source = read_source(reader, *field);
  view.source = source ? *std::move(source) : unread_source(reader, map.node());
  if (auto field = map.find("cadence")) view.cadence = reader.cadence(*field).value_or(Cadence{});
  if (auto field = map.find("ttl")) view.ttl = reader.duration(*field);
}

bool refer_to_entity(const yaml::Reader& reader,
                     const yaml::Field& field,
                     FeatureView& view,
                     Loaded& into) {
  auto name = reader.text(field, "an entity's name");
  if (!name) return false;
  into.entity_references.push_back({*name, reader.where(*field.node)});
  view.entities.push_back(*std::move(name));
  return true;
}

bool read_entity_list(yaml::MapReader& map, FeatureView& view, Loaded& into) {
  const auto field = map.require("entities", "a list of entities, [user_id]");
  if (!field) return false;
  if (!field->node->is(yaml::Node::Kind::List) || field->node->items.empty()) {
    map.reader().mismatch(*field, "a list of entities, [user_id]");
    return false;
  }
  bool complete = true;
  for (std::size_t i = 0; i < field->node->items.size(); ++i) {
    const yaml::Field item{.node = &field->node->items[i],
                           .path = fmt::format("{}[{}]", field->path, i)};
    complete = refer_to_entity(map.reader(), item, view, into) && complete;
  }
  return complete;
}

/// `int32`, or `{type: int32, description: …}`.
Feature read_feature(const yaml::Reader& reader, const yaml::NamedMembers::Named& member) {
  Feature feature{.name = member.name,
                  .type = {.kind = Kind::String},
                  .about = {},
                  .where = reader.where(*member.key)};
  if (!member.value.node->is(yaml::Node::Kind::Map)) {
    feature.type = reader.type(member.value).value_or(feature.type);
    return feature;
  }
  yaml::MapReader map(reader, member.value);
  if (auto field = map.require("type", "a type such as string, int64 or list<float32>")) {
    feature.type = reader.type(*field).value_or(feature.type);
  }
  feature.about = read_annotations(map);
  map.finish();
  return feature;
}

bool read_features(yaml::MapReader& map, FeatureView& view) {
  const yaml::Reader& reader = map.reader();
  const auto field = map.require("features", kFeaturesExpected);
  if (!field) return false;
  if (!field->node->is(yaml::Node::Kind::Map) || field->node->members.empty()) {
    reader.mismatch(*field, kFeaturesExpected);
    return false;
  }
  const auto named = yaml::named_members(reader, *field, kFeaturesExpected);
  for (const auto& member : named.members) {
    view.features.push_back(read_feature(reader, member));
  }
  return true;
}

/// The readers of both forms are false if the entities or features could not be read.
bool read_view(yaml::MapReader& map, FeatureView& view, Loaded& into) {
  const bool has_entities = read_entity_list(map, view, into);
  read_common(map, view);
  const bool has_features = read_features(map, view);
  view.about = read_annotations(map);
  map.finish();
  return has_entities && has_features;
}

bool read_short_form(yaml::MapReader& map, FeatureView& view, Loaded& into) {
  const yaml::Reader& reader = map.reader();
  bool has_entity = false;
  if (auto field = map.require("entity", "the name of what the feature describes, user_id")) {
    if (field->node->is(yaml::Node::Kind::List)) {
      reader.mismatch(*field,
                      "the name of one entity (features of several stand under feature_views)");
    } else {
      has_entity = refer_to_entity(reader, *field, view, into);
    }
  }
  Feature feature{
      .name = view.name, .type = {.kind = Kind::String}, .about = {}, .where = view.where};
  if (auto field = map.require("dtype", "a type such as string, int64 or list<float32>")) {
    feature.type = reader.type(*field).value_or(feature.type);
  }
  read_common(map, view);
  view.about = read_annotations(map);
  feature.about = view.about;
  view.features.push_back(std::move(feature));
  map.finish();
  return has_entity;
}

using ReadView = bool (*)(yaml::MapReader& map, FeatureView& view, Loaded& into);

void read_views(const yaml::Reader& reader,
                const yaml::NamedMembers& named,
                ReadView read,
                Loaded& into) {
  into.has_all_names = into.has_all_names && named.is_map;
  for (const auto& member : named.members) {
    FeatureView view;
    view.name = member.name;
    view.where = reader.where(*member.key);
    yaml::MapReader map(reader, member.value);
    const bool is_read = map.is_map() && read(map, view, into);
    if (!is_read) into.unread_views.insert(view.name);
    into.definitions.feature_views.push_back(std::move(view));
  }
}

}  // namespace

void read_short_features(const yaml::Reader& reader, const yaml::Field& section, Loaded& into) {
  const auto named = yaml::named_members(
      reader,
      section,
      "a map of features, {user_segment: {entity: user_id, dtype: str, source: …}}");
  read_views(reader, named, read_short_form, into);
}

void read_feature_views(const yaml::Reader& reader, const yaml::Field& section, Loaded& into) {
  const auto named = yaml::named_members(
      reader,
      section,
      "a map of feature views, {user_profile: {entities: [user_id], source: …, features: …}}");
  read_views(reader, named, read_view, into);
}

}  // namespace provender::definitions
