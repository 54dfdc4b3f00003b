#pragma once

#include <deque>
#include <optional>
#include <span>

#include "provender/historical.hpp"

#include "offline/duckdb/group_plan.hpp"
#include "offline/duckdb/memory_plan.hpp"

/// A plan of a join for people and programs: what `--explain` shows. From metadata: no row of a
/// source is read.
namespace provender::offline {

/// Whether only the plan is asked for, and the rows asked about would have to be made of the
/// sources.
bool is_unseen(const HistoricalOptions& options);

/// The times that rows made of the sources may have; nullopt: of a range without any.
std::optional<RowGroup::Bounds<std::int64_t>> times_asked(const HistoricalOptions& options);

/// The most rows that can be made of the sources: for each view those of the row groups that may
/// have a row that is asked about. nullopt: a source is no Parquet, and nothing tells.
std::optional<std::uint64_t> most_rows_seen(std::span<const SourceGroup> groups,
                                            const HistoricalOptions& options);

struct PlanReportRequest {
  const Selection& selection;
  std::span<const SourceGroup> groups;
  const std::deque<GroupPlan>& plans;  ///< by group
  std::optional<std::uint64_t> rows;   ///< as HistoricalPlan has them
  bool are_rows_counted = true;
  std::size_t passes = 1;
  KernelBytes bytes;
  std::uint64_t entities = 0;  ///< of all rows, about
  std::uint64_t memory_limit = 0;
};
Result<HistoricalPlan> report_plan(Connection& connection, const PlanReportRequest& request);

}  // namespace provender::offline
