#include "registry/view_changes.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "registry/sql_use.hpp"

namespace provender::registry {
namespace {

/// Names that stand for something else in the two maps, or in only one of them.
template <class V>
std::vector<std::string> changed(const std::map<std::string, V>& before,
                                 const std::map<std::string, V>& after) {
  std::vector<std::string> names;
  for (const auto& [name, value] : before) {
    const auto found = after.find(name);
    if (found == after.end() || found->second != value) names.push_back(name);
  }
  for (const auto& [name, _] : after) {
    if (!before.contains(name)) names.push_back(name);
  }
  return names;
}

std::map<std::string, std::vector<JoinKey>> keys_by_entity(const Definitions& definitions,
                                                           const FeatureView& view) {
  std::map<std::string, std::vector<JoinKey>> keys;
  for (const auto& name : view.entities) {
    if (const auto* entity = definitions.entity(name)) keys[name] = entity->keys;
  }
  return keys;
}

std::vector<std::string> names_of(const std::vector<Feature>& features) {
  std::vector<std::string> names;
  std::ranges::transform(features, std::back_inserter(names), &Feature::name);
  return names;
}

ViewChange compare(const Definitions& before,
                   const Definitions& after,
                   const FeatureView& old_view,
                   const FeatureView& new_view) {
  return {
      .name = new_view.name,
      .before = &old_view,
      .after = &new_view,
      .storage = storage_change(before, old_view, after, new_view),
      .differences = differences(old_view, new_view),
      .entities = changed(keys_by_entity(before, old_view), keys_by_entity(after, new_view)),
      .sql_views = changed(sql_used(before, old_view.source), sql_used(after, new_view.source))};
}

std::string why_rebuilt(const ViewChange& view) {
  const auto& retyped = view.differences.retyped;
  if (retyped.empty()) return "its source changes";
  return fmt::format("{} of {} {}",
                     retyped.size() == 1 ? "the type" : "the types",
                     fmt::join(retyped, ", "),
                     retyped.size() == 1 ? "changes" : "change");
}

/// " (1234 rows)" that a materialization reads, or "".
std::string rows_text(const ViewChange& view) {
  if (!view.rows) return "";
  return fmt::format(" ({} {})", *view.rows, *view.rows == 1 ? "row" : "rows");
}

/// Tied rows of a SQL view are ordered by their feature values in declared order.
bool breaks_ties_otherwise(const ViewChange& view) {
  const bool is_sql =
      view.after->source.kind == Source::Kind::Sql || view.after->source.kind == Source::Kind::View;
  return is_sql && view.differences.is_reordered;
}

}  // namespace

std::vector<ViewChange> view_changes(const Definitions& before, const Definitions& after) {
  std::map<std::string, ViewChange> changes;
  for (const auto& old_view : before.feature_views) {
    const auto* new_view = after.feature_view(old_view.name);
    if (new_view == nullptr) {
      changes[old_view.name] = {.name = old_view.name, .before = &old_view};
      continue;
    }
    auto change = compare(before, after, old_view, *new_view);
    if (change.storage != StorageChange::None || old_view != *new_view) {
      changes[old_view.name] = std::move(change);
    }
  }
  for (const auto& new_view : after.feature_views) {
    if (before.feature_view(new_view.name) == nullptr) {
      changes[new_view.name] = {.name = new_view.name, .after = &new_view};
    }
  }
  std::vector<ViewChange> result;
  for (auto& [_, change] : changes) {
    result.push_back(std::move(change));
  }
  return result;
}

bool has_other_keys(const ViewChange& view, const std::string& entity) {
  return view.storage == StorageChange::NewKeys &&
         std::ranges::find(view.entities, entity) != view.entities.end();
}

bool reads_sql(const ViewChange& view, const std::string& sql_view) {
  return view.storage == StorageChange::NewStore &&
         std::ranges::find(view.sql_views, sql_view) != view.sql_views.end();
}

bool needs_run(const ViewChange& view) {
  if (view.after == nullptr) return false;
  if (view.before == nullptr) return true;
  return view.storage == StorageChange::NewStore || view.storage == StorageChange::NewKeys ||
         !view.differences.added.empty() || breaks_ties_otherwise(view);
}

std::string consequence(const ViewChange& view) {
  if (view.storage == StorageChange::NewKeys) {
    return "has other join keys: it serves no values until it is materialized" + rows_text(view);
  }
  if (view.storage == StorageChange::NewStore) {
    return fmt::format("is materialized anew{}, the old values serve until then: {}",
                       rows_text(view),
                       why_rebuilt(view));
  }
  return "";
}

void describe(Change& change, const ViewChange& view) {
  if (view.before == nullptr) {
    change.consequences.push_back("has no values online until it is materialized" +
                                  rows_text(view));
    return;
  }
  if (view.after == nullptr) {
    change.breaking = true;
    change.consequences.push_back(
        fmt::format("its rows are removed from the online store; requests for {} fail",
                    fmt::join(names_of(view.before->features), ", ")));
    return;
  }
  const auto& [lines, removed, retyped, added, is_reordered] = view.differences;
  if (auto text = consequence(view); !text.empty()) change.consequences.push_back(std::move(text));
  if (!removed.empty()) {
    change.consequences.push_back(fmt::format("requests for {} fail", fmt::join(removed, ", ")));
  }
  if (!retyped.empty()) {
    change.consequences.push_back(
        fmt::format("readers of {} see another type then", fmt::join(retyped, ", ")));
  }
  if (!added.empty() && view.storage != StorageChange::NewKeys) {
    change.consequences.push_back(
        fmt::format("{} {} no values until it is materialized{}",
                    fmt::join(added, ", "),
                    added.size() == 1 ? "has" : "have",
                    view.storage == StorageChange::NewStore ? "" : rows_text(view)));
  }
  if (breaks_ties_otherwise(view) && view.storage == StorageChange::None) {
    change.consequences.emplace_back("breaks ties between its rows in another order");
  }
  change.breaking = !removed.empty() || !retyped.empty() || view.storage == StorageChange::NewKeys;
}

}  // namespace provender::registry
