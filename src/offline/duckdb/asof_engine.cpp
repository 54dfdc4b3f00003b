#include "offline/duckdb/asof_engine.hpp"

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/duckdb/parquet_options.hpp"

namespace provender::offline {

Result<> AsofEngine::open(Connection& connection, const Spine& spine) {
  PROVENDER_ASSIGN(const Spine::Counts counts, spine.count(connection));
  report_ = {.rows = counts.rows, .null_rows = counts.null_rows, .views = {}};
  return {};
}

Result<HistoricalPlan> AsofEngine::plan(Connection& /*connection*/, const Spine& /*spine*/) {
  HistoricalPlan out{.rows = report_.rows, .passes = 1, .memory = {}, .steps = {}};
  for (const SelectedView& view : request_.historical.selection.views) {
    out.steps.push_back(
        {.views = {view.alias.empty() ? view.view : view.alias},
         .source = request_.historical.definitions.feature_view(view.view)->source.text,
         .way = "asof",
         .reason = "asked for"});
  }
  return out;
}

Result<> AsofEngine::join(Connection& connection, const Spine& spine, std::size_t /*pass*/) {
  const Selection& selection = request_.historical.selection;
  const HistoricalOptions& options = request_.historical.options;
  SelectionJoin join(connection, request_.files, request_.historical.definitions, selection);
  for (std::size_t i = 0; i < selection.views.size(); ++i) {
    const SelectedView& view = selection.views[i];
    request_.progress.begin("joins " + (view.alias.empty() ? view.view : view.alias));
    const std::string table = fmt::format("spine_{}", i);
    PROVENDER_TRY(spine.make_view_spine(connection, view.request_keys, table));
    PROVENDER_ASSIGN(auto joined,
                     join.join_view(i,
                                    table,
                                    {.strictly_before = options.strictly_before,
                                     .known_by_created = options.known_by_created}));
    report_.views.push_back(std::move(joined));
    PROVENDER_TRY(connection.execute("DROP TABLE " + table));
  }
  columns_ = join.columns();
  result_tables_ = join.result_tables();
  return {};
}

Result<Answer> AsofEngine::answer(Connection& /*connection*/, const Spine& /*spine*/) {
  request_.progress.begin("writes the rows");
  Answer out{.spine = Spine::kTable,
             .spine_columns = {},
             .columns = {},
             .result_tables = result_tables_,
             .with_status = request_.historical.options.with_status};
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    out.columns.push_back({.value = value_expression(columns_[i]),
                           .status = status_expression(columns_[i]),
                           .name = request_.historical.selection.features[i].name,
                           .type = columns_[i].type});
  }
  return out;
}

Result<bool> AsofEngine::has_negative_zero(Connection& connection) {
  for (const ResultColumn& column : columns_) {
    if (column.type.kind != Kind::Float32 && column.type.kind != Kind::Float64) continue;
    WrittenTable table{.table = column.result_table, .floats = {}, .float_lists = {}};
    (column.type.is_list ? table.float_lists : table.floats).push_back(value_expression(column));
    PROVENDER_ASSIGN(const bool found, offline::has_negative_zero(connection, table));
    if (found) return true;
  }
  return false;
}

}  // namespace provender::offline
