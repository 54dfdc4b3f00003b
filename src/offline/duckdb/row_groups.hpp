#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "offline/duckdb/connection.hpp"
#include "offline/source_relation.hpp"
#include "pit/entity_index.hpp"

namespace provender::offline {

/// A row group of a Parquet file, as far as the metadata tells.
struct RowGroup {
  template <class T>
  struct Bounds {
    T least;
    T most;

    friend bool operator==(const Bounds&, const Bounds&) = default;
  };

  std::size_t file = 0;  ///< place among all files of the source
  std::int64_t begin = 0;
  std::int64_t end = 0;  ///< rows of the file: [begin, end)
  /// Of the event timestamps in it, in microseconds; nullopt: not known.
  std::optional<Bounds<std::int64_t>> times;
  /// Of the parts of the keys in it; nullopt: not known, or not comparable without conversion.
  std::vector<std::optional<Bounds<pit::EntityIndex::Bound>>> keys;
  /// Whether no key or event timestamp in it is null or does not convert, and all created
  /// timestamps that are not null do: so that nothing can be missed by not reading it.
  bool is_flawless = false;

  std::int64_t rows() const { return end - begin; }
  friend bool operator==(const RowGroup&, const RowGroup&) = default;
};

/// The row groups of a part of a source, in the order of the files and in them. `files` are all
/// files of the source, `keys` the number of key columns.
Result<std::vector<RowGroup>> read_row_groups(Connection& connection,
                                              const std::vector<std::string>& files,
                                              const SourceRelation::Part& part,
                                              std::size_t keys);

/// Whether rows come in about the order of their times, as far as the metadata tells: whether most
/// row groups end later than the one before. Where they begin says little: a row that comes late is
/// in each.
bool are_time_ordered(const std::vector<RowGroup>& groups);
/// Whether rows come key by key, as far as the metadata tells.
bool are_clustered(const std::vector<RowGroup>& groups);

/// Rows of one file, or all rows of files that follow each other.
struct RowRange {
  std::size_t first_file = 0;
  std::size_t files = 1;
  std::optional<std::int64_t> begin;  ///< of one file; nullopt: all rows
  std::int64_t end = 0;               ///< of one file
};

/// A file of so many rows is scanned by itself: the numbers of its rows are DuckDB's own then,
/// which need no arithmetic and which a sink can choose by. Less is not worth a query.
inline constexpr std::int64_t kRowsOfOwnScan = 200'000;

/// Some row groups cut into about `parts` consecutive parts of about equally many rows, as ranges
/// to be scanned one after the other. `all` are the row groups of the same files.
std::vector<std::vector<RowRange>> cut(const std::vector<RowGroup>& groups,
                                       const std::vector<RowGroup>& all,
                                       std::size_t parts);

}  // namespace provender::offline
