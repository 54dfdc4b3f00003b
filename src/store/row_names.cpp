#include "store/row_names.hpp"

#include <set>

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/try.hpp"

namespace provender::store {
namespace {

/// Whose key a view's rows have: its entities, their join keys in the canonical order of names.
Result<online::RowNames::EntitySet> entity_of(const Definitions& definitions,
                                              const FeatureView& view) {
  std::map<std::string, Type> keys;
  for (const std::string& name : view.entities) {
    const Entity* entity = definitions.entity(name);
    if (entity == nullptr) {
      return Error(ErrorCode::Internal, fmt::format("entity {} is not in the registry", name));
    }
    for (const JoinKey& key : entity->keys) {
      if (key.type) keys.emplace(key.name, *key.type);
    }
  }
  online::RowNames::EntitySet set{.entity = join_words(view.entities), .keys = {}};
  for (const auto& [name, type] : keys) {
    set.keys.push_back(type);
  }
  return set;
}

}  // namespace

Result<std::shared_ptr<const online::RowNames>> row_names(const registry::Snapshot& snapshot) {
  auto names = std::make_shared<online::RowNames>();
  for (const auto& [id, schema] : snapshot.schemas) {
    names->schemas.emplace(
        id, online::RowNames::Schema{.schema = schema, .layout = codec::RowLayout(schema)});
  }
  std::map<std::pair<std::uint32_t, std::string>, std::string> view_of_feature;
  for (const auto& [name, storage] : snapshot.storage) {
    const FeatureView* view = snapshot.definitions.feature_view(name);
    if (view == nullptr) continue;
    PROVENDER_ASSIGN(const auto entity, entity_of(snapshot.definitions, *view));
    const registry::Generation* building = storage.building ? &*storage.building : nullptr;
    for (const registry::Generation* generation : {&storage.serving, building}) {
      if (generation == nullptr) continue;
      // Entities of the same keys share their rows: of several names the first one counts.
      auto& set = names->entity_sets.emplace(generation->entity_set, entity).first->second;
      if (entity.entity < set.entity) set = entity;
      auto& entry = names->views[generation->store_id];
      entry.name = name;
      for (const auto& [feature, id] : generation->fields) {
        entry.features.emplace(id, feature);
        const auto [other, is_new] =
            view_of_feature.emplace(std::pair(generation->entity_set, feature), name);
        if (is_new || other->second == name) continue;
        return Error(
            ErrorCode::FailedPrecondition,
            fmt::format("online.layout json has one place for feature {} of {}, and the feature "
                        "views {} and {} both have it: rename one, or use layout packed",
                        feature,
                        entity.entity,
                        other->second,
                        name));
      }
    }
  }
  return names;
}

}  // namespace provender::store
