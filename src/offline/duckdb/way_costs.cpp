#include "offline/duckdb/way_costs.hpp"

#include <algorithm>

namespace provender::offline {
namespace {

// Seconds a row, measured on a core with 1 MB of cache and 100,000 keys. In the order of time each
// row wins its slot for a while, in no order it is anywhere: the caches miss. Rows of one key are
// neighbours there.
constexpr double kReplay = 8e-9;
constexpr double kSlots = 38e-9;
constexpr double kSlotsOfNeighbours = 9e-9;
/// What a replay that gives up has done for nothing, and the arrays that it was made with.
constexpr double kGivenUp = 1e-3;

}  // namespace

WayCosts way_costs(const std::vector<std::vector<RowGroup>>& read, std::uint64_t staged_rows) {
  WayCosts out{.slots = static_cast<double>(staged_rows) * kSlots,
               .reason = "row groups go forth and back in time: a replay would give up"};
  bool is_ordered = true;
  for (const std::vector<RowGroup>& groups : read) {
    double rows = 0;
    for (const RowGroup& group : groups) {
      rows += static_cast<double>(group.rows());
    }
    const double slots = rows * (are_clustered(groups) ? kSlotsOfNeighbours : kSlots);
    const bool ordered = are_time_ordered(groups);
    is_ordered = is_ordered && ordered;
    out.slots += slots;
    out.replay += ordered ? rows * kReplay : slots + kGivenUp;
  }
  if (is_ordered) {
    out.reason = "row groups follow each other in time, as far as their metadata tells";
    out.slots = std::max(out.slots, out.replay + kGivenUp);  // of no rows too
  }
  return out;
}

}  // namespace provender::offline
