#pragma once

#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/project_files.hpp"
#include "offline/source_relation.hpp"

namespace provender::offline {

/// What is said where DuckDB could not read a relation: the file and the column that cannot be
/// read, which DuckDB's own message often lacks; `error` as it is if each can be read by itself.
Error explain_unreadable(Connection& connection,
                         const ProjectFiles& files,
                         const SourceRelation& relation,
                         Error error);

/// Of Parquet files, which one DuckDB cannot read as such; `error` as it is if it can read each.
Error name_unreadable(Connection& connection,
                      const ProjectFiles& names,
                      const std::vector<std::string>& files,
                      bool hive,
                      Error error);

/// The same of some columns of a Parquet file; `from` is its scan.
Error explain_unreadable_columns(Connection& connection,
                                 const std::string& from,
                                 const std::vector<std::string>& columns,
                                 Error error);

}  // namespace provender::offline
