#include "serving/prepared.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/try.hpp"

namespace provender::serving {

LoadedSnapshot::LoadedSnapshot(std::shared_ptr<const registry::Snapshot> from)
    : snapshot(std::move(from)) {
  for (const auto& [id, schema] : snapshot->schemas) {
    layouts.emplace(id, codec::RowLayout(schema));
  }
  std::set<std::string> names;
  for (const Entity& entity : snapshot->definitions.entities) {
    for (const JoinKey& key : entity.keys) {
      names.insert(key.name);
    }
  }
  for (const FeatureService& service : snapshot->definitions.feature_services) {
    for (const ServiceItem& item : service.items) {
      for (const auto& [key, column] : item.keys) {
        names.insert(column);
      }
    }
  }
  known_keys.assign(names.begin(), names.end());
}

const codec::RowLayout* LoadedSnapshot::layout(std::uint32_t schema_id) const {
  auto found = layouts.find(schema_id);
  return found == layouts.end() ? nullptr : &found->second;
}

namespace {

/// What a selected view needs of the snapshot.
struct Found {
  const FeatureView* view;
  const registry::Generation* rows;
};

/// A selected view as one of those whose rows share a key.
struct Member {
  std::uint32_t store_id;
  std::size_t selected;
  friend auto operator<=>(const Member&, const Member&) = default;
};

Result<Found> find(const registry::Snapshot& snapshot, const std::string& name) {
  const FeatureView* view = snapshot.definitions.feature_view(name);
  auto storage = snapshot.storage.find(name);
  if (view == nullptr || storage == snapshot.storage.end()) {
    return Error(ErrorCode::Internal,
                 fmt::format("feature view {} has no storage in the registry", name));
  }
  return Found{.view = view, .rows = &storage->second.serving};
}

/// The type of a field's values in the rows that are served: after a change of a feature's type,
/// and until its new values are complete, the one before.
std::optional<Type> served_type(const registry::Snapshot& snapshot,
                                const registry::Generation& rows,
                                std::optional<std::uint16_t> field) {
  const auto schema = snapshot.schemas.find(rows.schema_id);
  if (!field || schema == snapshot.schemas.end()) return std::nullopt;
  const auto& fields = schema->second.fields;
  const auto found = std::ranges::find(fields, *field, &RowSchema::Field::id);
  return found == fields.end() ? std::nullopt : std::optional(found->type);
}

}  // namespace

Result<std::shared_ptr<const Prepared>> Prepared::make(std::shared_ptr<const LoadedSnapshot> loaded,
                                                       const Selection& selection) {
  std::shared_ptr<Prepared> prepared(new Prepared(std::move(loaded)));
  PROVENDER_TRY(prepared->add_keys(selection));
  PROVENDER_ASSIGN(const auto places, prepared->add_views(selection));
  PROVENDER_TRY(prepared->add_features(selection, places));
  return std::shared_ptr<const Prepared>(std::move(prepared));
}

Result<> Prepared::add_keys(const Selection& selection) {
  for (const RequestKey& key : selection.keys) {
    if (!key.type) {
      return Error(ErrorCode::Internal,
                   fmt::format("join key {} has no type in the registry", key.name));
    }
    keys_.push_back({.name = key.name, .type = *key.type});
  }
  return {};
}

/// Groups the selected views by the key that finds their rows; returns each one's place in views_.
Result<std::vector<std::size_t>> Prepared::add_views(const Selection& selection) {
  std::vector<std::vector<Member>> members;
  for (std::size_t i = 0; i < selection.views.size(); ++i) {
    const SelectedView& selected = selection.views[i];
    PROVENDER_ASSIGN(const Found found, find(*loaded_->snapshot, selected.view));
    std::vector<std::size_t> columns;
    for (const std::string& name : selected.request_keys) {
      auto key = std::ranges::find(keys_, name, &Key::name);
      columns.push_back(static_cast<std::size_t>(key - keys_.begin()));
    }
    auto same = std::ranges::find_if(groups_, [&](const Group& group) {
      return group.entity_set == found.rows->entity_set && group.key_columns == columns;
    });
    const auto place = static_cast<std::size_t>(same - groups_.begin());
    if (same == groups_.end()) {
      groups_.push_back({.entity_set = found.rows->entity_set,
                         .key_columns = std::move(columns),
                         .store_ids = {}});
      members.emplace_back();
    }
    members[place].push_back({.store_id = found.rows->store_id, .selected = i});
  }
  std::vector<std::size_t> places(selection.views.size());
  for (std::size_t group = 0; group < members.size(); ++group) {
    std::ranges::sort(members[group]);
    for (const auto& [store_id, i] : members[group]) {
      groups_[group].store_ids.push_back(store_id);
      places[i] = views_.size();
      PROVENDER_ASSIGN(const Found found, find(*loaded_->snapshot, selection.views[i].view));
      views_.push_back({.name = found.view->name,
                        .ttl = found.view->ttl,
                        .schema_id = found.rows->schema_id,
                        .layout = loaded_->layout(found.rows->schema_id)});
    }
  }
  return places;
}

Result<> Prepared::add_features(const Selection& selection,
                                const std::vector<std::size_t>& view_places) {
  for (const SelectedFeature& selected : selection.features) {
    PROVENDER_ASSIGN(const Found found,
                     find(*loaded_->snapshot, selection.views[selected.view].view));
    auto feature =
        std::ranges::find(found.view->features, selected.feature, &provender::Feature::name);
    if (feature == found.view->features.end()) {
      return Error(
          ErrorCode::Internal,
          fmt::format("feature view {} lost feature {}", found.view->name, selected.feature));
    }
    auto id = found.rows->fields.find(selected.feature);
    const std::optional<std::uint16_t> field =
        id == found.rows->fields.end() ? std::nullopt : std::optional(id->second);
    const Type type = served_type(*loaded_->snapshot, *found.rows, field).value_or(feature->type);
    const std::size_t view = view_places[selected.view];
    features_.push_back(
        {.name = selected.name, .view = found.view->name, .type = type, .row = view});
    fields_.push_back({.view = view, .type = type, .id = field});
    const codec::RowLayout* const layout = views_[view].layout;
    const auto slot = layout != nullptr && field ? layout->slot(*field) : std::nullopt;
    if (!slot) continue;
    fields_.back().layout = layout;
    fields_.back().slot = *slot;
  }
  return {};
}

}  // namespace provender::serving
