#pragma once

#include <string>
#include <vector>

#include "offline/duckdb/connection.hpp"

namespace provender::offline {

/// Columns of a table that will be written to Parquet.
struct WrittenTable {
  std::string table;
  std::vector<std::string> floats;       ///< expressions of FLOAT or DOUBLE
  std::vector<std::string> float_lists;  ///< of lists of them
};

/// Whether there is a -0.0 in a table's columns.
Result<bool> has_negative_zero(Connection& connection, const WrittenTable& table);

/// The options of COPY by which every value is kept: DuckDB 1.5.5 builds its dictionaries by
/// equality, so that of 0.0 and -0.0 in one column only one would be written. Without a -0.0
/// dictionaries are worth having.
std::string parquet_options(bool has_negative_zero, std::size_t row_group_rows);

}  // namespace provender::offline
