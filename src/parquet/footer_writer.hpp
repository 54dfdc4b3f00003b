#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parquet/compact_writer.hpp"
#include "parquet/footer.hpp"

namespace provender::parquet {

/// What a footer says of the pages that a file has of a column, in one row group.
struct ChunkEntry {
  std::int64_t begin = 0;  ///< in the file
  std::int64_t bytes = 0;
  std::int64_t unpacked_bytes = 0;
  std::int64_t dictionary_bytes = 0;  ///< of a dictionary's page in front; 0: there is none
  bool has_plain_values = false;
  Statistics statistics;
};

struct RowGroupEntry {
  std::int64_t rows = 0;
  std::vector<ChunkEntry> chunks;  ///< by column
};

/// The footer itself, without its length (Apache Parquet, parquet.thrift: FileMetaData), of pages
/// as `ChunkWriter` writes them. All columns may have nulls.
std::string format_footer(std::span<const Column> columns,
                          std::span<const RowGroupEntry> row_groups,
                          std::string_view created_by);

/// A column's type as parquet.thrift numbers it.
std::int64_t number_of(Physical physical);
/// As the field of a chunk's metadata.
void write_statistics(CompactWriter& out, const Statistics& statistics);

}  // namespace provender::parquet
