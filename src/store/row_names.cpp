#include "store/row_names.hpp"

#include <map>
#include <string>
#include <utility>

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

/// The view that has a feature of this name, by entity set.
using ViewOfFeature = std::map<std::pair<std::uint32_t, std::string>, std::string>;

/// Adds one generation of a view's rows.
Result<> add_rows(online::RowNames& names,
                  ViewOfFeature& taken,
                  const std::string& view,
                  const online::RowNames::EntitySet& entity,
                  const registry::Generation& rows) {
  // Entities of the same keys share their rows: of several names the first one counts.
  auto& set = names.entity_sets.emplace(rows.entity_set, entity).first->second;
  if (entity.entity < set.entity) set = entity;
  auto& entry = names.views[rows.store_id];
  entry.name = view;
  for (const auto& [feature, id] : rows.fields) {
    entry.features.emplace(id, feature);
    const auto other = taken.emplace(std::pair(rows.entity_set, feature), view).first;
    if (other->second == view) continue;
    return Error(
        ErrorCode::FailedPrecondition,
        fmt::format("online.layout json has one place for feature {} of {}, and the feature "
                    "views {} and {} both have it: rename one, or use layout packed",
                    feature,
                    entity.entity,
                    other->second,
                    view));
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<const online::RowNames>> row_names(const registry::Snapshot& snapshot) {
  auto names = std::make_shared<online::RowNames>();
  for (const auto& [id, schema] : snapshot.schemas) {
    names->schemas.emplace(
        id, online::RowNames::Schema{.schema = schema, .layout = codec::RowLayout(schema)});
  }
  ViewOfFeature taken;
  for (const auto& [name, storage] : snapshot.storage) {
    const FeatureView* view = snapshot.definitions.feature_view(name);
    if (view == nullptr) continue;
    PROVENDER_ASSIGN(const auto entity, entity_of(snapshot.definitions, *view));
    PROVENDER_TRY(add_rows(*names, taken, name, entity, storage.serving));
    if (storage.building) PROVENDER_TRY(add_rows(*names, taken, name, entity, *storage.building));
  }
  return names;
}

}  // namespace provender::store
