#pragma once

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
  bool reads_all_features = false;  ///< all values of them are checked, not only winners
};

struct GroupPlanRequest {
  const SourceGroup& group;
  const KernelSpine& spine;
  pit::Variant variant;
  JoinEngine engine = JoinEngine::Kernel;
  bool with_status = false;  ///< whether rows past their ttl are told from none
};
GroupPlan plan_group(const GroupPlanRequest& request);

}  // namespace provender::offline
