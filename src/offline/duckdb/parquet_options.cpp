#include "offline/duckdb/parquet_options.hpp"

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {

Result<std::string> parquet_options(Connection& connection,
                                    const std::vector<WrittenTable>& tables) {
  const std::string usual = "FORMAT parquet, COMPRESSION zstd";
  for (const WrittenTable& written : tables) {
    std::vector<std::string> found;
    for (const std::string& column : written.floats)
      found.push_back(fmt::format("({0} = 0 AND signbit({0}))", column));
    for (const std::string& column : written.float_lists) {
      found.push_back(
          fmt::format("len(list_filter({}, lambda x: x = 0 AND signbit(x))) > 0", column));
    }
    if (found.empty()) continue;
    PROVENDER_ASSIGN(
        const Rows rows,
        connection.query(fmt::format(
            "SELECT 1 FROM {} WHERE {} LIMIT 1", written.table, sql::join(found, " OR "))));
    if (!rows.empty()) return usual + ", DICTIONARY_SIZE_LIMIT 0";
  }
  return usual;
}

}  // namespace provender::offline
