#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "offline/duckdb/row_groups.hpp"

namespace provender::offline {

/// What it takes to join the rows that are read, in seconds of one thread.
struct WayCosts {
  double replay = 0;
  double slots = 0;
  std::string_view reason;  ///< of the cheaper one, for people
};

/// `read`: by part of the relation. `staged_rows`: of a source that is staged.
WayCosts way_costs(const std::vector<std::vector<RowGroup>>& read, std::uint64_t staged_rows);

}  // namespace provender::offline
