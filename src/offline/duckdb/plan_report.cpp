#include "offline/duckdb/plan_report.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/duckdb/group_join.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

std::int64_t micros(Timestamp time) {
  return time.time_since_epoch().count();
}

std::uint64_t number_of(const Value& value) {
  return value.is_null() ? 0 : static_cast<std::uint64_t>(std::get<std::int64_t>(value.storage));
}

/// Bytes of the columns that are asked for, by row group of a part, in its order.
Result<std::vector<std::uint64_t>> bytes_of_part(Connection& connection,
                                                 const SourceGroup& group,
                                                 std::size_t part) {
  std::set<std::string> columns;
  for (const SourceGroup::View& view : group.views) {
    for (const SourceRelation::Column& column : view.relation.parts[part].columns) {
      columns.insert(column.source);
    }
  }
  // The parts of a list are columns of their own, below its name.
  PROVENDER_ASSIGN(
      const Rows rows,
      connection.query(fmt::format(
          "SELECT file_name, CAST(sum(total_compressed_size) FILTER (split_part(path_in_schema, "
          "', ', 1) IN (SELECT unnest({}))) AS BIGINT) FROM parquet_metadata({}) GROUP BY "
          "file_name, row_group_id ORDER BY list_position({}, file_name), row_group_id",
          sql::literal_list(std::vector(columns.begin(), columns.end())),
          sql::literal_list(group.relation().parts[part].source.files),
          sql::literal_list(group.files))));
  std::vector<std::uint64_t> out;
  for (const auto& row : rows) {
    out.push_back(number_of(row[1]));
  }
  return out;
}

Result<> add_bytes(Connection& connection,
                   const SourceGroup& group,
                   const GroupPlan& plan,
                   PlanStep& step) {
  for (std::size_t part = 0; part < group.row_groups.size(); ++part) {
    PROVENDER_ASSIGN(const auto bytes, bytes_of_part(connection, group, part));
    const auto& all = group.row_groups[part];
    const auto& read = plan.read[part];
    auto next = read.begin();
    for (std::size_t i = 0; i < std::min(all.size(), bytes.size()); ++i) {
      step.bytes += bytes[i];
      if (next == read.end() || next->file != all[i].file || next->begin != all[i].begin) continue;
      step.bytes_read += bytes[i];
      ++next;
    }
  }
  return {};
}

std::string second_pass(const SourceGroup& group,
                        const GroupPlan& plan,
                        const PlanStep& step,
                        const std::optional<std::uint64_t>& rows) {
  if (group.is_staged()) return "of all rows, from the staged table";
  if (plan.reads_all_features) return "of all rows: each value is checked whether it converts";
  if (plan.chooses_keys) {
    return "of the rows whose key is asked for: both times a key is looked at before its row is "
           "read";
  }
  const std::uint64_t winners = rows.value_or(step.rows_read) * group.views.size();
  if (group.reads_pages_of_features) {
    return fmt::format("of the rows that win, {} at most, page by page",
                       std::min(winners, step.rows_read * group.views.size()));
  }
  if (winners < step.rows_read / kRowsPerFewWinners) {
    return fmt::format("of the rows that win, {} at most, each asked for while it is scanned",
                       winners);
  }
  return "of row groups with a row that wins";
}

Result<PlanStep> report_step(Connection& connection,
                             const PlanReportRequest& request,
                             std::size_t g) {
  const SourceGroup& group = request.groups[g];
  const GroupPlan& plan = request.plans[g];
  PlanStep out{.source = group.source,
               .files = group.files.size(),
               .row_groups = plan.row_groups,
               .row_groups_read = plan.row_groups_read,
               .way = plan.replay ? "replay" : "slots",
               .reason = plan.reason,
               .costs = plan.costs};
  for (const SourceGroup::View& view : group.views) {
    const SelectedView& selected = request.selection.views[view.index];
    out.views.push_back(selected.alias.empty() ? selected.view : selected.alias);
  }
  for (const auto& part : plan.read) {
    for (const RowGroup& read : part) {
      out.rows_read += static_cast<std::uint64_t>(read.rows());
    }
  }
  if (group.is_staged()) out.rows_read = group.rows;
  out.rows = out.rows_read + plan.skipped_rows;
  out.second_pass = second_pass(group, plan, out, request.rows);
  PROVENDER_TRY(add_bytes(connection, group, plan, out));
  return out;
}

PlanMemory report_memory(const PlanReportRequest& request) {
  const MemoryShares shares = share_memory(request.memory_limit);
  PlanMemory out{.limit = request.memory_limit,
                 .writing = shares.main,
                 .scanning = shares.workers,
                 .joining = shares.kernel};
  if (request.passes == 0) return out;
  const std::uint64_t rows = (request.rows.value_or(0) + request.passes - 1) / request.passes;
  out.joining_needed = request.bytes.of(rows, request.entities);
  return out;
}

}  // namespace

bool is_unseen(const HistoricalOptions& options) {
  return options.explain && (options.range || options.at);
}

std::optional<RowGroup::Bounds<std::int64_t>> times_asked(const HistoricalOptions& options) {
  using Bounds = RowGroup::Bounds<std::int64_t>;
  if (options.at) return Bounds{.least = micros(*options.at), .most = micros(*options.at)};
  if (!options.range) return std::nullopt;
  return Bounds{.least = micros(options.range->start), .most = micros(options.range->end) - 1};
}

std::optional<std::uint64_t> most_rows_seen(std::span<const SourceGroup> groups,
                                            const HistoricalOptions& options) {
  const auto times = times_asked(options);
  std::uint64_t out = 0;
  for (const SourceGroup& group : groups) {
    if (group.is_staged()) return std::nullopt;
    std::uint64_t rows = 0;
    for (const auto& part : group.row_groups) {
      for (const RowGroup& read : part) {
        const bool later = read.times && read.times->least > times->most;
        const bool earlier = read.times && options.range && read.times->most < times->least;
        if (!later && !earlier) rows += static_cast<std::uint64_t>(read.rows());
      }
    }
    out += rows * group.roles.size();
  }
  return out;
}

Result<HistoricalPlan> report_plan(Connection& connection, const PlanReportRequest& request) {
  HistoricalPlan out{.rows = request.rows,
                     .are_rows_counted = request.are_rows_counted,
                     .passes = request.passes,
                     .memory = report_memory(request),
                     .steps = {}};
  for (std::size_t g = 0; g < request.groups.size(); ++g) {
    PROVENDER_ASSIGN(auto step, report_step(connection, request, g));
    out.steps.push_back(std::move(step));
  }
  return out;
}

}  // namespace provender::offline
