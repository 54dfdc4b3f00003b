#include "offline/duckdb/duckdb_store.hpp"

#include <algorithm>

#include "base/try.hpp"
#include "offline/duckdb/as_of.hpp"
#include "offline/duckdb/historical.hpp"
#include "offline/duckdb/latest.hpp"
#include "offline/duckdb/source_reader.hpp"

namespace provender::offline {
namespace {

/// Columns that all parts have; where types differ, one for each.
std::vector<SourceColumn> common_columns(const std::vector<SourcePart>& parts) {
  std::vector<SourceColumn> out;
  const auto has = [](const std::vector<SourceColumn>& columns, const SourceColumn& wanted) {
    return std::ranges::find(columns, wanted.name, &SourceColumn::name) != columns.end();
  };
  const auto has_same = [&](const SourceColumn& wanted) {
    return std::ranges::any_of(out, [&](const SourceColumn& column) {
      return column.name == wanted.name && column.native_type == wanted.native_type;
    });
  };
  for (const SourcePart& part : parts) {
    for (const SourceColumn& column : part.columns) {
      const bool in_all = std::ranges::all_of(
          parts, [&](const SourcePart& other) { return has(other.columns, column); });
      if (in_all && !has_same(column)) out.push_back(column);
    }
  }
  return out;
}

}  // namespace

Result<Connection> DuckdbStore::connect(const Definitions& definitions, std::stop_token stop) {
  auto directories = files_.allowed_directories(definitions);
  const std::scoped_lock lock(mutex_);
  if (!database_ || directories != allowed_directories_) {
    PROVENDER_ASSIGN(database_,
                     Database::open({.memory_limit = options_.memory_limit,
                                     .threads = options_.threads,
                                     .temp_parent = files_.project() / ".provender" / "tmp",
                                     .allowed_directories = directories,
                                     .allowed_files = {}}));
    allowed_directories_ = std::move(directories);
  }
  return Connection::open(database_, std::move(stop));
}

Result<SourceInfo> DuckdbStore::inspect(const Definitions& definitions,
                                        const Source& source,
                                        const Control& control) {
  PROVENDER_ASSIGN(auto connection, connect(definitions, control.stop));
  SourceReader reader(connection, files_, definitions);
  PROVENDER_ASSIGN(auto layout, reader.layout(source));
  SourceInfo out{
      .columns = common_columns(layout.shape.parts), .files = std::move(layout.files), .rows = {}};
  if (source.kind == Source::Kind::Parquet) {
    PROVENDER_ASSIGN(out.rows, reader.metadata_rows(out.files));
  }
  for (std::string& file : out.files) {
    file = files_.display(file);
  }
  return out;
}

Result<HistoricalReport> DuckdbStore::historical(const HistoricalRequest& request,
                                                 const Control& control) {
  return write_historical(request, options_, files_, control);
}

Result<std::vector<ValueAsOf>> DuckdbStore::as_of(const Definitions& definitions,
                                                  const Selection& selection,
                                                  std::span<const Value> keys,
                                                  Timestamp t,
                                                  const Control& control) {
  PROVENDER_ASSIGN(auto connection, connect(definitions, control.stop));
  return read_as_of(connection, files_, definitions, selection, keys, t);
}

Result<std::unique_ptr<LatestReader>> DuckdbStore::latest(const Definitions& definitions,
                                                          const FeatureView& view,
                                                          Timestamp end,
                                                          const Control& control) {
  PROVENDER_ASSIGN(auto connection, connect(definitions, control.stop));
  return read_latest(std::move(connection), files_, definitions, view, end);
}

}  // namespace provender::offline
