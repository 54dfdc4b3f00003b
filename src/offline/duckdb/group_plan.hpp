#pragma once

#include <optional>
#include <string>
#include <vector>

#include "offline/duckdb/kernel_spine.hpp"
#include "offline/duckdb/source_groups.hpp"
#include "offline/offline_store.hpp"

namespace provender::offline {

/// How one group of views will be joined.
struct GroupPlan {
  std::vector<std::vector<RowGroup>> read;  ///< Parquet: by part of the relation, what is scanned
  bool replay = false;
  std::string reason;              ///< of `replay` or not, for people
  std::uint64_t skipped_rows = 0;  ///< in row groups that nobody needs
  std::size_t row_groups = 0;
  std::size_t row_groups_read = 0;
  /// Rows of other keys than the spine's are left out while they are scanned.
  bool chooses_keys = false;
  bool reads_all_features = false;  ///< all values of them are checked, not only winners
  std::vector<PlanCost> costs;      ///< of the ways that there are
};

struct GroupPlanRequest {
  const SourceGroup& group;
  const KernelSpine* spine = nullptr;                   ///< null: only its times are known
  std::optional<RowGroup::Bounds<std::int64_t>> times;  ///< of the spine; nullopt: it has none
  pit::Variant variant;
  JoinEngine engine = JoinEngine::Kernel;
  bool with_status = false;  ///< whether rows past their ttl are told from none
};
GroupPlan plan_group(const GroupPlanRequest& request);

/// The first and last time of a spine; nullopt: no row has one.
std::optional<RowGroup::Bounds<std::int64_t>> times_of(const KernelSpine& spine);

}  // namespace provender::offline
