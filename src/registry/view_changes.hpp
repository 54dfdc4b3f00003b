#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "registry/differences.hpp"
#include "registry/plan.hpp"

namespace provender::registry {

/// What a plan means for one feature view, whether its own declaration changed, or an entity or SQL
/// view under it. Points into the two definitions that it was made from.
struct ViewChange {
  std::string name;
  const FeatureView* before = nullptr;  ///< null: the view is new
  const FeatureView* after = nullptr;   ///< null: the view is deleted
  StorageChange storage = StorageChange::None;
  Differences differences;             ///< empty unless the view is in both
  std::vector<std::string> entities;   ///< of the view, those whose keys changed
  std::vector<std::string> sql_views;  ///< that it reads, those whose SQL changed
  std::optional<std::uint64_t> rows;   ///< of its source, where they are known
};

/// The views of either definitions that differ, in themselves or in what they stand on, by name.
std::vector<ViewChange> view_changes(const Definitions& before, const Definitions& after);

/// Whether the view's join keys change because the entity's do.
bool has_other_keys(const ViewChange& view, const std::string& entity);

/// Whether the view is rebuilt because this SQL view changes.
bool reads_sql(const ViewChange& view, const std::string& sql_view);

/// Whether values are missing or old until the view is materialized.
bool needs_run(const ViewChange& view);

/// What becomes of the stored rows, in words that follow the view's name; empty if nothing does.
std::string consequence(const ViewChange& view);

/// Fills in what the plan says of a view whose declaration changed.
void describe(Change& change, const ViewChange& view);

}  // namespace provender::registry
