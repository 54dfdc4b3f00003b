#include "offline/duckdb/parquet_options.hpp"

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

/// A column with more different values in a row group gets no dictionary: DuckDB looks three times
/// as far for them, which takes a tenth of the writing and saves hardly a byte.
constexpr std::size_t kMostInDictionary = 8192;

}  // namespace

Result<bool> has_negative_zero(Connection& connection, const WrittenTable& table) {
  std::vector<std::string> found;
  for (const std::string& column : table.floats) {
    found.push_back(fmt::format("({0} = 0 AND signbit({0}))", column));
  }
  for (const std::string& column : table.float_lists) {
    found.push_back(
        fmt::format("len(list_filter({}, lambda x: x = 0 AND signbit(x))) > 0", column));
  }
  if (found.empty()) return false;
  PROVENDER_ASSIGN(
      const Rows rows,
      connection.query(
          fmt::format("SELECT 1 FROM {} WHERE {} LIMIT 1", table.table, sql::join(found, " OR "))));
  return !rows.empty();
}

std::string parquet_options(bool has_negative_zero, std::size_t row_group_rows) {
  return fmt::format(
      "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 2, ROW_GROUP_SIZE {}, "
      "DICTIONARY_SIZE_LIMIT {}",
      row_group_rows,
      has_negative_zero ? 0 : kMostInDictionary);
}

}  // namespace provender::offline
