#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "provender/result.hpp"

#include "parquet/schema.hpp"

namespace provender::parquet {

/// How pages are compressed.
enum class Codec : std::uint8_t { None, Snappy, Zstd };

/// What a footer claims of a chunk's values. Bounds are as plain pages have a value; of texts they
/// may be cut off, the upper one then with something added: they are bounds still.
struct Statistics {
  std::optional<std::int64_t> nulls;
  std::optional<std::string> least;
  std::optional<std::string> most;
};

/// The pages of a column in one row group.
struct ColumnChunk {
  std::int64_t begin = 0;  ///< in the file
  std::int64_t bytes = 0;
  std::int64_t unpacked_bytes = 0;  ///< of all pages, as the footer says
  std::int64_t rows = 0;
  Codec codec = Codec::None;
  bool has_dictionary = true;  ///< false: none of its pages has places in one
};

/// What the footer of a Parquet file says, as far as `ChunkReader` needs it.
struct Footer {
  struct RowGroup {
    std::int64_t rows = 0;
    /// By column; nullopt: of a codec or an encoding that is not read, or not in this file.
    std::vector<std::optional<ColumnChunk>> chunks;
    std::vector<Statistics> statistics;  ///< by column
  };
  /// Those that `ChunkReader` reads, in the order of the file. None where the names of two columns
  /// differ by case at most, or one has none: DuckDB gives them others.
  std::vector<Column> columns;
  std::vector<RowGroup> row_groups;
  /// Of all columns, also of those that are not read, in lower case and sorted.
  std::vector<std::string> names;
  std::string schema;  ///< as it is written: where it is the same, the columns are the same

  /// Its place in `columns`; nullopt: none has this name.
  std::optional<std::size_t> find(std::string_view name) const;
};

/// `bytes`: of the footer itself, without its length (Apache Parquet, parquet.thrift:
/// FileMetaData). InvalidArgument: they are none.
Result<Footer> parse_footer(std::string_view bytes);

}  // namespace provender::parquet
