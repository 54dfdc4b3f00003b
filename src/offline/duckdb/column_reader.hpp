#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "model/column.hpp"
#include "offline/duckdb/duckdb_api.hpp"

namespace provender::offline {

/// The rows of a chunk that are read, ascending; nullptr: all.
using RowSelection = std::vector<std::uint32_t>;

/// Makes columns of DuckDB's vectors: what has the same form is left where it is, the rest is
/// copied into buffers of its own. Confined to one thread.
class ColumnReader {
 public:
  explicit ColumnReader(Type type) : type_(type) {}

  /// Valid until the next call, and as long as the vector is.
  ColumnView read(duckdb_vector vector, std::size_t rows, const RowSelection* selection = nullptr);

 private:
  void read_validity(duckdb_vector vector, std::size_t rows, const RowSelection* selection);
  void read_texts(duckdb_vector vector, const RowSelection* selection);
  void read_elements(duckdb_vector vector);

  Type type_;
  ColumnView view_;
  std::vector<std::uint64_t> validity_;
  std::vector<std::string_view> texts_;
  std::vector<std::uint64_t> words_;  ///< gathered values of fixed width
  std::unique_ptr<ColumnReader> element_reader_;
  ColumnView elements_;
};

/// The validity of a vector's first rows as ColumnView has it. What DuckDB decodes by a dictionary
/// says of each row that it is not null, which takes who reads it some time.
const std::uint64_t* validity_of(duckdb_vector vector, std::size_t rows);

/// The type that a result's column is read as: BOOLEAN, INTEGER, BIGINT, FLOAT, DOUBLE, VARCHAR,
/// BLOB, TIMESTAMP, and lists of them; nullopt for another.
std::optional<Type> type_of(duckdb_logical_type logical);

}  // namespace provender::offline
