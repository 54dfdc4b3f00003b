#include "offline/duckdb/as_of.hpp"

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/duckdb/selection_join.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

Status status_named(std::string_view name) {
  for (const Status status :
       {Status::Present, Status::NullValue, Status::NotFound, Status::OutsideMaxAge}) {
    if (to_string(status) == name) return status;
  }
  return Status::Invalid;
}

/// A spine of one row for one view; of none if a key is null.
Result<> make_spine(Connection& connection,
                    const std::vector<RequestKey>& request,
                    std::span<const Value> values,
                    const SelectedView& view,
                    Timestamp t,
                    const std::string& table) {
  std::string items;
  std::string not_null = "true";
  std::vector<Value> parameters;
  for (std::size_t i = 0; i < view.request_keys.size(); ++i) {
    std::size_t key = 0;
    while (request[key].name != view.request_keys[i]) {
      ++key;
    }
    parameters.push_back(values[key]);
    items += fmt::format(", CAST(${} AS {}) AS k{}", i + 1, column_type(*request[key].type), i);
    not_null += fmt::format(" AND k{} IS NOT NULL", i);
  }
  return connection.execute(
      fmt::format("CREATE TEMP TABLE {} AS SELECT * FROM (SELECT CAST(0 AS BIGINT) AS r{}, "
                  "CAST({} AS BIGINT) AS t) WHERE {}",
                  table,
                  items,
                  t.time_since_epoch().count(),
                  not_null),
      parameters);
}

}  // namespace

Result<std::vector<ValueAsOf>> read_as_of(Connection& connection,
                                          const ProjectFiles& files,
                                          const Definitions& definitions,
                                          const Selection& selection,
                                          std::span<const Value> keys,
                                          Timestamp t) {
  PROVENDER_ASSIGN(const auto request, typed_keys(definitions, selection));
  if (keys.size() != request.size()) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("{} keys were given, {} are needed", keys.size(), request.size()));
  }
  SelectionJoin join(connection, files, definitions, selection);
  for (std::size_t i = 0; i < selection.views.size(); ++i) {
    const std::string table = fmt::format("spine_{}", i);
    PROVENDER_TRY(make_spine(connection, request, keys, selection.views[i], t, table));
    PROVENDER_TRY(join.join_view(i, table, {}));
  }
  std::vector<ValueAsOf> out;
  for (const ResultColumn& column : join.columns()) {
    PROVENDER_ASSIGN(const Rows rows,
                     connection.query(fmt::format("SELECT {}, {}.f{}, ts FROM {}",
                                                  status_expression(column),
                                                  column.result_table,
                                                  column.feature,
                                                  column.result_table)));
    if (rows.empty()) {  // a key is null
      out.push_back({.status = Status::NotFound, .value = {}, .event_timestamp = {}});
      continue;
    }
    const std::vector<Value>& row = rows.front();
    ValueAsOf value{.status = status_named(std::get<std::string>(row[0].storage)),
                    .value = row[1],
                    .event_timestamp = {}};
    if (!row[2].is_null()) {
      value.event_timestamp = Timestamp(Duration(std::get<std::int64_t>(row[2].storage)));
    }
    out.push_back(std::move(value));
  }
  return out;
}

}  // namespace provender::offline
