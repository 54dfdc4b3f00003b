#include <algorithm>
#include <set>

#include "registry/plan.hpp"
#include "registry/sql_use.hpp"

namespace provender::registry {
namespace {

const Feature* find_feature(const FeatureView& view, const std::string& name) {
  const auto found = std::ranges::find(view.features, name, &Feature::name);
  return found == view.features.end() ? nullptr : &*found;
}

bool is_retyped(const FeatureView& before, const FeatureView& after) {
  return std::ranges::any_of(after.features, [&](const Feature& feature) {
    const auto* old = find_feature(before, feature.name);
    return old != nullptr && old->type != feature.type;
  });
}

bool has_same_features(const FeatureView& before, const FeatureView& after) {
  return before.features.size() == after.features.size() &&
         std::ranges::all_of(after.features, [&](const Feature& feature) {
           return find_feature(before, feature.name) != nullptr;
         });
}

/// Whether a feature or join key that both versions have is read from another column. The mapping
/// of a feature that only one of them has does not concern the rows stored so far.
bool is_column_moved(const Definitions& after,
                     const FeatureView& old_view,
                     const FeatureView& new_view) {
  const auto moved = [&](const std::string& name) {
    return old_view.source.column(name) != new_view.source.column(name);
  };
  return std::ranges::any_of(join_keys(after, new_view), moved, &JoinKey::name) ||
         std::ranges::any_of(new_view.features, [&](const Feature& feature) {
           return find_feature(old_view, feature.name) != nullptr && moved(feature.name);
         });
}

bool reads_other_rows(const Definitions& before,
                      const Source& old_source,
                      const Definitions& after,
                      const Source& new_source) {
  const auto identity = [](const Source& source) {
    return std::tie(source.kind,
                    source.text,
                    source.event_timestamp,
                    source.created_timestamp,
                    source.timestamp_unit,
                    source.hive);
  };
  return identity(old_source) != identity(new_source) ||
         sql_used(before, old_source) != sql_used(after, new_source);
}

}  // namespace

StorageChange storage_change(const Definitions& before,
                             const FeatureView& old_view,
                             const Definitions& after,
                             const FeatureView& new_view) {
  if (join_keys(before, old_view) != join_keys(after, new_view)) return StorageChange::NewKeys;
  if (is_retyped(old_view, new_view) || is_column_moved(after, old_view, new_view) ||
      reads_other_rows(before, old_view.source, after, new_view.source)) {
    return StorageChange::NewStore;
  }
  return has_same_features(old_view, new_view) ? StorageChange::None : StorageChange::NewSchema;
}

}  // namespace provender::registry
