#include <utility>

#include "definitions/sections.hpp"

namespace provender::definitions {
namespace {

/// `{vendor: int32, id: int64}`
std::vector<JoinKey> read_keys(const yaml::Reader& reader, const yaml::Field& field) {
  std::vector<JoinKey> keys;
  for (const auto& member :
       yaml::named_members(
           reader, field, "a map of key names and types, {vendor: int32, id: int64}")
           .members) {
    // Without a value the type comes from the sources, as for an entity that is only named.
    const bool has_type = !member.value.node->is(yaml::Node::Kind::Null);
    keys.push_back({member.name, has_type ? reader.type(member.value) : std::nullopt});
  }
  if (keys.empty() && (field.node->is(yaml::Node::Kind::Null) || field.node->members.empty()) &&
      !field.node->is(yaml::Node::Kind::Scalar) && !field.node->is(yaml::Node::Kind::List)) {
    reader.mismatch(field, "at least one key, {vendor: int32, id: int64}");
  }
  return keys;
}

Entity read_entity(const yaml::Reader& reader, const yaml::Field& field, std::string name) {
  Entity entity{
      .name = std::move(name), .keys = {}, .about = {}, .where = reader.where(*field.node)};
  JoinKey only{.name = entity.name, .type = std::nullopt};
  if (field.node->is(yaml::Node::Kind::Scalar)) {
    only.type = reader.type(field);
  } else if (field.node->is(yaml::Node::Kind::Null)) {
    // `user_id:` alone: its type is the sources'.
  } else {
    yaml::MapReader map(reader, field, "a type or a map, {type: string}");
    const auto type = map.find("type");
    const auto keys = map.find("keys");
    if (type && keys) {
      reader.problem(*keys->node,
                     field.path +
                         ": has both 'type' and 'keys': an entity of several keys "
                         "gives each its type under 'keys'");
    } else if (type) {
      only.type = reader.type(*type);
    } else if (keys) {
      entity.keys = read_keys(reader, *keys);
    }
    entity.about = read_annotations(map);
    map.finish();
  }
  if (entity.keys.empty()) entity.keys.push_back(std::move(only));
  return entity;
}

}  // namespace

void read_entities(const yaml::Reader& reader, const yaml::Field& section, Loaded& into) {
  const auto named =
      yaml::named_members(reader, section, "a map of entities, {user_id: {type: string}}");
  into.has_all_names = into.has_all_names && named.is_map;
  for (const auto& member : named.members) {
    Entity entity = read_entity(reader, member.value, member.name);
    entity.where = reader.where(*member.key);
    into.definitions.entities.push_back(std::move(entity));
  }
}

}  // namespace provender::definitions
