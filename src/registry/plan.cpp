#include "registry/plan.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "registry/bare_names.hpp"
#include "registry/view_changes.hpp"

namespace provender {

std::string_view to_string(Action action) noexcept {
  switch (action) {
    case Action::Create:
      return "create";
    case Action::Change:
      return "change";
    case Action::Delete:
      return "delete";
  }
  return "";
}

std::string Plan::summary() const {
  std::vector<std::string> parts;
  const auto count = [&](Action action, std::string_view word) {
    const auto n = std::ranges::count(changes, action, &Change::action);
    if (n > 0) parts.push_back(fmt::format("{} {}", n, word));
  };
  count(Action::Create, "created");
  count(Action::Change, "changed");
  count(Action::Delete, "deleted");
  return parts.empty() ? "no changes" : fmt::format("{}", fmt::join(parts, ", "));
}

namespace registry {
namespace {

constexpr std::string_view kFeatureView = "feature view";

/// The proposed definitions, with the applied type for each join key that has none.
Definitions with_key_types(const Definitions& applied, Definitions proposed) {
  for (auto& entity : proposed.entities) {
    const auto* before = applied.entity(entity.name);
    if (before == nullptr) continue;
    for (auto& key : entity.keys) {
      const auto known = std::ranges::find(before->keys, key.name, &JoinKey::name);
      if (!key.type && known != before->keys.end()) key.type = known->type;
    }
  }
  return proposed;
}

/// Compares one list of objects; `describe(change, before, after)` fills in the rest (either may be
/// null, not both).
template <class T, class Describe>
void compare(std::vector<Change>& changes,
             std::string_view kind,
             const std::vector<T>& before,
             const std::vector<T>& after,
             Describe describe) {
  std::map<std::string, std::pair<const T*, const T*>> objects;
  for (const auto& object : before) {
    objects[object.name].first = &object;
  }
  for (const auto& object : after) {
    objects[object.name].second = &object;
  }
  for (const auto& [name, versions] : objects) {
    const auto& [old_object, new_object] = versions;
    if (old_object != nullptr && new_object != nullptr && *old_object == *new_object) continue;
    const auto action = old_object == nullptr   ? Action::Create
                        : new_object == nullptr ? Action::Delete
                                                : Action::Change;
    Change change{.action = action, .kind = std::string(kind), .name = name};
    if (action == Action::Change) change.details = differences(*old_object, *new_object).lines;
    describe(change, old_object, new_object);
    changes.push_back(std::move(change));
  }
}

void describe_service(Change& change, const FeatureService* before, const FeatureService* after) {
  if (change.action == Action::Create) return;
  const auto removed =
      after == nullptr ? std::vector<std::string>{} : differences(*before, *after).removed;
  change.breaking = after == nullptr || !removed.empty();
  if (after == nullptr) change.consequences.emplace_back("requests for it fail");
  if (!removed.empty()) {
    change.consequences.push_back(
        fmt::format("its readers no longer get {}", fmt::join(removed, ", ")));
  }
}

/// A change of an entity's keys or of a SELECT is felt by the views on it.
void describe_users(Change& change,
                    const std::vector<ViewChange>& views,
                    bool (*concerns)(const ViewChange&, const std::string&)) {
  for (const auto& view : views) {
    if (!concerns(view, change.name)) continue;
    change.consequences.push_back(fmt::format("feature view {} {}", view.name, consequence(view)));
    change.breaking |= view.storage == StorageChange::NewKeys;
  }
}

/// A bare name that silently means another view is worse than one that fails: said at the view that
/// takes it over, or at the one that gives it up.
void describe_names(Plan& plan, const Definitions& before, const Definitions& after) {
  const auto change_of = [&](const std::string& view) {
    return std::ranges::find_if(plan.changes, [&](const Change& change) {
      return change.kind == kFeatureView && change.name == view;
    });
  };
  const auto now = bare_names(after);
  for (const auto& [name, old_view] : bare_names(before)) {
    const auto found = now.find(name);
    if (old_view.empty() || found == now.end() || found->second == old_view) continue;
    const auto& new_view = found->second;
    if (new_view.empty()) {
      plan.ambiguous.push_back(name);
      continue;
    }
    auto change = change_of(new_view);
    if (change == plan.changes.end()) change = change_of(old_view);
    change->consequences.push_back(
        fmt::format("the bare name {0} means {1}:{0} now, not {2}:{0}", name, new_view, old_view));
    change->breaking = true;
  }
}

}  // namespace

Plan make_plan(const Snapshot& applied, const Definitions& proposed, const SourceRows& rows) {
  const auto& before = applied.definitions;
  const auto after = with_key_types(before, proposed);
  auto views = view_changes(before, after);
  for (auto& view : views) {
    if (const auto found = rows.find(view.name); found != rows.end()) view.rows = found->second;
  }

  Plan plan{.base_version = applied.version};
  if (applied.version > 0 && before.project != after.project) {
    plan.changes.push_back(
        {.action = Action::Change,
         .kind = "project",
         .name = after.project,
         .details = {fmt::format("name: {} → {}", before.project, after.project)}});
  }
  compare(plan.changes,
          "entity",
          before.entities,
          after.entities,
          [&](Change& change, const auto*, const auto*) {
            describe_users(change, views, has_other_keys);
          });
  compare(
      plan.changes,
      "SQL view",
      before.sql_views,
      after.sql_views,
      [&](Change& change, const auto*, const auto*) { describe_users(change, views, reads_sql); });
  compare(plan.changes,
          kFeatureView,
          before.feature_views,
          after.feature_views,
          [&](Change& change, const auto*, const auto*) {
            describe(change, *std::ranges::find(views, change.name, &ViewChange::name));
          });
  compare(plan.changes,
          "feature service",
          before.feature_services,
          after.feature_services,
          describe_service);
  describe_names(plan, before, after);
  for (const auto& view : views) {
    if (needs_run(view)) plan.to_materialize.push_back(view.name);
  }
  return plan;
}

}  // namespace registry
}  // namespace provender
