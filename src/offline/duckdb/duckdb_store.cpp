#include "offline/duckdb/duckdb_store.hpp"

#include <algorithm>

#include "base/try.hpp"
#include "offline/duckdb/as_of.hpp"
#include "offline/duckdb/historical.hpp"
#include "offline/duckdb/latest.hpp"
#include "offline/duckdb/source_reader.hpp"

namespace provender::offline {
namespace {

/// Adds the columns that all parts have, where types differ one for each, and who lacks the others.
void add_columns(SourceInfo& info, const std::vector<SourcePart>& parts) {
  const auto lacks = [](const SourcePart& part, const std::string& name) {
    return std::ranges::find(part.columns, name, &SourceColumn::name) == part.columns.end();
  };
  const auto is_noted = [&](const SourceColumn& column) {
    return std::ranges::any_of(info.columns, [&](const SourceColumn& noted) {
      return noted.name == column.name && noted.native_type == column.native_type;
    });
  };
  for (const SourcePart& part : parts) {
    for (const SourceColumn& column : part.columns) {
      const auto without = std::ranges::find_if(
          parts, [&](const SourcePart& other) { return lacks(other, column.name); });
      if (without != parts.end()) {
        info.lacking.emplace(column.name, without->name);
      } else if (!is_noted(column)) {
        info.columns.push_back(column);
      }
    }
  }
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
  SourceInfo out{.columns = {}, .lacking = {}, .files = std::move(layout.files), .rows = {}};
  add_columns(out, layout.shape.parts);
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
