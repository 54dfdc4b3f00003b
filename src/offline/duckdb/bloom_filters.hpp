#pragma once

#include <span>
#include <string>
#include <vector>

#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/group_plan.hpp"
#include "offline/duckdb/spine.hpp"

/// Bloom filters of Parquet files: of few keys they say which row groups have none of them, also
/// where these lie anywhere between the least and the most.
namespace provender::offline {

struct FilterRequest {
  const Spine& spine;
  const KernelSpine& rows;
  RowsOfSpine range;                                   ///< of the spine, that `rows` are
  std::span<const RequestKey> keys;                    ///< of the request
  const std::vector<std::vector<std::string>>& roles;  ///< of the spine: columns of the request
  const SourceGroup& group;
};

/// The plan without the row groups of which the filters say that they have no key of the spine.
/// Nobody is asked where the spine has more than a few keys, or fewer row groups are left.
Result<GroupPlan> without_filtered(Connection& connection,
                                   const FilterRequest& request,
                                   GroupPlan plan);

}  // namespace provender::offline
