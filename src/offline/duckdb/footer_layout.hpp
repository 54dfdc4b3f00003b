#pragma once

#include <optional>
#include <vector>

#include "offline/duckdb/page_files.hpp"
#include "offline/duckdb/row_groups.hpp"
#include "offline/source_relation.hpp"

/// What the footers of Parquet files tell without a query.
namespace provender::offline {

/// The columns of a file that are kept of its footer, as `describe` tells them.
std::vector<SourceColumn> file_columns(const PageFile& file);

/// What `SourceReader::layout` tells of files, as far as columns are kept of their footers.
/// nullopt: the files differ, or have a column of a name that is DuckDB's.
std::optional<SourceShape> shape_of(const PageFiles& pages);

/// What `read_row_groups` tells. nullopt: a footer does not tell of a key or an event timestamp.
std::optional<std::vector<RowGroup>> row_groups_of(const PageFiles& pages,
                                                   const SourceRelation::Part& part,
                                                   std::size_t keys);

}  // namespace provender::offline
