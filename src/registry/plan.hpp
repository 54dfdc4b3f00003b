#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "registry/snapshot.hpp"

namespace provender::registry {

enum class Action : std::uint8_t { Create, Change, Delete };
std::string_view to_string(Action action) noexcept;

/// One object that differs from what is applied.
struct Change {
  Action action;
  std::string kind;                  ///< "entity", "SQL view", "feature view", "feature service"
  std::string name;
  std::vector<std::string> details;  ///< "ttl: 7d → 30d", "feature age added (int32)"
  std::vector<std::string> consequences;  ///< "is materialized anew: the type of rating changes; the old values serve until then"
  bool breaking = false;             ///< readers of what is removed or retyped will fail or see another type
};

struct Plan {
  std::uint64_t base_version = 0;
  std::vector<Change> changes;             ///< empty: nothing to apply
  std::vector<std::string> ambiguous;      ///< bare feature names that were clear before and no longer are
  std::vector<std::string> to_materialize; ///< views that need a run

  bool empty() const { return changes.empty(); }
  std::string summary() const;             ///< "2 created, 1 changed"
};

/// What applying `proposed` would change. Pure.
Plan make_plan(const Snapshot& applied, const Definitions& proposed);

/// What an apply must do with the stored rows of a view.
enum class StorageChange : std::uint8_t {
  None,        ///< rows stay as they are
  NewSchema,   ///< features were added or removed: rows keep their store id
  NewStore,    ///< a type or the source changed: a new generation is built while the old one serves
  NewKeys,     ///< the join keys changed: a new generation serves at once, empty until it is materialized
};
StorageChange storage_change(const Definitions& before, const FeatureView& old_view, const Definitions& after,
                             const FeatureView& new_view);

}  // namespace provender::registry
