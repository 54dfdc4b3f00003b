#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "provender/types.hpp"

#include "parquet/compact_reader.hpp"

namespace provender::parquet {

/// How values lie in pages.
enum class Physical : std::uint8_t { Bool, Int32, Int64, Float, Double, Bytes };

/// A column that is no list and lies in no struct.
struct Column {
  std::string name;
  Physical physical = Physical::Int64;
  Type type;             ///< Timestamp: in microseconds
  bool nullable = true;  ///< its rows have levels that say which are null
  bool is_utc = false;   ///< Timestamp: DuckDB's TIMESTAMP WITH TIME ZONE
};

/// A column that may have nulls, of values of a type that is no list.
Column column_of(std::string name, Type type);

/// What a footer says of columns.
struct Schema {
  /// Those that `ChunkReader` reads, in the order of the file. None where two of a file have names
  /// that differ by case at most, or one has none: DuckDB gives them others.
  std::vector<Column> columns;
  std::vector<std::size_t> places;  ///< by column, among all that have pages
  std::size_t count = 0;            ///< of those
  /// Of all columns, also of those that are not read, in lower case and sorted.
  std::vector<std::string> names;
};

/// Reads the list of elements (Apache Parquet, parquet.thrift: SchemaElement). nullopt: they are no
/// tree, or the reader fails.
std::optional<Schema> read_schema(CompactReader& in, CompactReader::Type type);

}  // namespace provender::parquet
