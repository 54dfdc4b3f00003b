#include "offline/duckdb/group_plan.hpp"

#include <algorithm>

#include "offline/duckdb/way_costs.hpp"

namespace provender::offline {
namespace {

/// Keys are few where each has so many rows of those that are read.
constexpr std::uint64_t kRowsPerFewKeys = 1000;

class Planner {
 public:
  explicit Planner(const GroupPlanRequest& request) : request_(request), times_(request.times) {}

  GroupPlan plan() {
    GroupPlan out;
    for (const auto& groups : request_.group.row_groups) {
      out.read.emplace_back();
      out.row_groups += groups.size();
      for (const RowGroup& group : groups) {
        if (is_needed(group)) {
          out.read.back().push_back(group);
        } else {
          out.skipped_rows += static_cast<std::uint64_t>(group.rows());
        }
      }
      out.row_groups_read += out.read.back().size();
    }
    choose_way(out);
    out.reads_all_features = std::ranges::any_of(request_.group.views, checks_features);
    out.chooses_keys = chooses_keys(out);
    return out;
  }

 private:
  bool is_needed(const RowGroup& group) const {
    if (!group.is_flawless) return true;  // its flaws are counted or reported
    if (!times_ || group.times->least > times_->most) return false;
    const auto& ttl = request_.group.ttl;
    if (ttl && !request_.with_status &&
        Timestamp(Duration(group.times->most)) <
            minus_saturating(Timestamp(Duration(times_->least)), *ttl)) {
      return false;
    }
    if (request_.spine == nullptr) return true;
    return std::ranges::any_of(request_.group.roles, [&](std::size_t role) {
      const pit::EntityIndex& index = request_.spine->index(role);
      for (std::size_t part = 0; part < group.keys.size(); ++part) {
        const auto& bounds = group.keys[part];
        if (bounds && !index.may_have(part, bounds->least, bounds->most)) return false;
      }
      return true;
    });
  }

  void choose_way(GroupPlan& out) const {
    const auto choose = [&](bool replay, std::string_view reason) {
      out.replay = replay;
      out.reason = reason;
    };
    const WayCosts costs = way_costs(out.read, request_.group.rows);
    out.costs.push_back({.way = "slots", .seconds = costs.slots});
    if (request_.group.is_staged()) return choose(false, "read from a staged table by all threads");
    if (request_.variant.known_by) return choose(false, "rows are seen from their created time on");
    out.costs.insert(out.costs.begin(), {.way = "replay", .seconds = costs.replay});
    if (request_.engine == JoinEngine::KernelSlots) return choose(false, "asked for");
    if (request_.engine == JoinEngine::KernelReplay) return choose(true, "asked for");
    choose(costs.replay < costs.slots, costs.reason);
  }

  /// Where keys follow each other, a row group's dictionary of them is small: DuckDB asks about
  /// each once, and unpacks of the other columns what is chosen. Rows that are left out are not
  /// looked at: metadata must say that nothing is wrong with them.
  bool chooses_keys(const GroupPlan& plan) const {
    if (request_.spine == nullptr || request_.group.is_staged()) return false;
    if (request_.group.key_types.size() != 1) return false;
    if (request_.group.reads_pages_of_keys) return false;
    std::uint64_t keys = 0;
    for (const std::size_t role : request_.group.roles) {
      keys += request_.spine->index(role).size();
    }
    std::uint64_t rows = 0;
    for (std::size_t part = 0; part < plan.read.size(); ++part) {
      const auto& read = plan.read[part];
      if (!std::ranges::all_of(read, &RowGroup::is_flawless)) return false;
      if (!are_clustered(request_.group.row_groups[part])) return false;
      for (const RowGroup& group : read) {
        rows += static_cast<std::uint64_t>(group.rows());
      }
    }
    return keys * kRowsPerFewKeys <= rows;
  }

  static bool checks_features(const SourceGroup::View& view) {
    return std::ranges::any_of(view.relation.parts, [](const SourceRelation::Part& part) {
      return std::ranges::any_of(part.columns, [](const SourceRelation::Column& column) {
        return column.name.starts_with('f') && !column.conversion.is_exact.empty();
      });
    });
  }

  const GroupPlanRequest& request_;
  const std::optional<RowGroup::Bounds<std::int64_t>>& times_;
};

}  // namespace

std::optional<RowGroup::Bounds<std::int64_t>> times_of(const KernelSpine& spine) {
  const auto& times = spine.role(0).times();
  if (times.empty()) return std::nullopt;
  return RowGroup::Bounds<std::int64_t>{.least = times.front(), .most = times.back()};
}

GroupPlan plan_group(const GroupPlanRequest& request) {
  return Planner(request).plan();
}

}  // namespace provender::offline
