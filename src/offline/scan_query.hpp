#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "offline/source_relation.hpp"

/// How rows are handed to the point-in-time kernel: a SELECT that calls a function of ours for
/// each. Text in, text out.
namespace provender::offline {

/// A file's rows in the order of all files: its number times this, and the row in it. A file of
/// 2^40 rows is out of sight.
inline constexpr std::int64_t kFileStride = std::int64_t{1} << 40;

/// FROM read_parquet(...) of files; `file_index`, `file_row_number` and `__file` say where a row
/// is.
std::string parquet_scan(std::span<const std::string> files, bool hive);

struct ScanQuery {
  std::string function;
  std::string from;
  std::string row;    ///< BIGINT expression: ingest order
  std::string where;  ///< empty: all rows
  /// Of a function from `chosen_by` to whether the row is handed over; empty: all are.
  std::string choice;
  std::string chosen_by;  ///< an expression of one column, which is read first; empty: `row`
  /// What is handed over.
  std::span<const SourceRelation::Column* const> columns;
};

/// Whether a value may lose something by its conversion.
bool may_lose(const ScanQuery& query);

/// A SELECT that calls `function(row, column…)` once for each row, and counts them, which costs
/// less than any other aggregate. The columns are converted; one that would lose something is null,
/// and where any may, a last column says of each row whether one does. Event and created timestamps
/// of TIMESTAMP columns are handed over as they are: who takes them looks for what is no time.
std::string compile_scan(const ScanQuery& query);

}  // namespace provender::offline
