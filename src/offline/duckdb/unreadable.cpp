#include "offline/duckdb/unreadable.hpp"

#include <optional>
#include <span>

#include <fmt/format.h>

#include "offline/duckdb/source_reader.hpp"
#include "offline/scan_query.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

/// Reads all values of one column of one file; what prevents it.
std::optional<Error> failure_of(Connection& connection,
                                const SourcePart& part,
                                const std::string& file,
                                const std::string& column) {
  auto read = connection.query(
      fmt::format("SELECT CAST(count(*) FILTER (WHERE hash({}) = 0) AS BIGINT) FROM {} WHERE "
                  "__file = {}",
                  sql::identifier(column),
                  part.from,
                  sql::literal(file)));
  if (read) return std::nullopt;
  return std::move(read).error();
}

constexpr std::string_view kDamaged = "the file is damaged or was written wrong: write it anew";

}  // namespace

Error name_unreadable(Connection& connection,
                      const ProjectFiles& names,
                      const std::vector<std::string>& files,
                      bool hive,
                      Error error) {
  for (const std::string& file : files) {
    auto columns = describe(connection, parquet_scan(std::span(&file, 1), hive));
    if (columns || columns.error().code() == ErrorCode::Cancelled) continue;
    return names.with_names(columns.error())
        .within(fmt::format("{} is not read as Parquet", names.display(file)));
  }
  return error;
}

Error explain_unreadable_columns(Connection& connection,
                                 const std::string& from,
                                 const std::vector<std::string>& columns,
                                 Error error) {
  if (!connection.get()) return error;  // there is no database to ask
  for (const std::string& column : columns) {
    auto read = connection.query(
        fmt::format("SELECT CAST(count(*) FILTER (WHERE hash({}) = 0) AS BIGINT) FROM {}",
                    sql::identifier(column),
                    from));
    if (read || read.error().code() == ErrorCode::Cancelled) continue;
    return {read.error().code(),
            fmt::format(
                "column '{}' cannot be read: {}; {}", column, read.error().message(), kDamaged)};
  }
  return error;
}

Error explain_unreadable(Connection& connection,
                         const ProjectFiles& files,
                         const SourceRelation& relation,
                         Error error) {
  if (error.code() != ErrorCode::InvalidArgument) return error;  // not for what is in the files
  if (!connection.get()) return error;                           // there is no database to ask
  for (const SourceRelation::Part& part : relation.parts) {
    const auto paths = connection.query(
        fmt::format("SELECT DISTINCT __file FROM {} ORDER BY 1", part.source.from));
    if (!paths) {  // there are no files of a table made of a SELECT or of CSV
      return name_unreadable(
          connection, files, part.source.files, part.source.hive, std::move(error));
    }
    for (const auto& row : *paths) {
      const auto& file = std::get<std::string>(row[0].storage);
      for (const SourceRelation::Column& column : part.columns) {
        const auto failed = failure_of(connection, part.source, file, column.source);
        if (!failed) continue;
        return {failed->code(),
                fmt::format("{}: column '{}' ({}) cannot be read: {}; {}",
                            files.display(file),
                            column.source,
                            column.native_type,
                            files.with_names(*failed).message(),
                            kDamaged)};
      }
    }
  }
  return error;
}

}  // namespace provender::offline
