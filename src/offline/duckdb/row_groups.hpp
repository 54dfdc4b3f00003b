#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "offline/duckdb/connection.hpp"
#include "offline/source_relation.hpp"

namespace provender::offline {

/// A row group of a Parquet file, as far as the metadata tells.
struct RowGroup {
  std::size_t file = 0;  ///< place among all files of the source
  std::int64_t begin = 0;
  std::int64_t end = 0;  ///< rows of the file: [begin, end)
  /// The event timestamps in it, in microseconds; nullopt: not known.
  std::optional<std::int64_t> least_time;
  std::optional<std::int64_t> most_time;

  std::int64_t rows() const { return end - begin; }
};

/// The row groups of a part of a source, in the order of the files and in them. `files` are all
/// files of the source.
Result<std::vector<RowGroup>> read_row_groups(Connection& connection,
                                              const std::vector<std::string>& files,
                                              const SourceRelation::Part& part);

/// Whether rows come in about the order of their times, as far as the metadata tells.
bool are_time_ordered(const std::vector<RowGroup>& groups);

/// Rows of one file, or all rows of files that follow each other.
struct RowRange {
  std::size_t first_file = 0;
  std::size_t files = 1;
  std::optional<std::int64_t> begin;  ///< of one file; nullopt: all rows
  std::int64_t end = 0;
};

/// Some row groups cut into about `parts` consecutive parts of about equally many rows, as ranges
/// to be scanned one after the other. `all` are the row groups of the same files.
std::vector<std::vector<RowRange>> cut(const std::vector<RowGroup>& groups,
                                       const std::vector<RowGroup>& all,
                                       std::size_t parts);

}  // namespace provender::offline
