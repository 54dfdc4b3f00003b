#pragma once

#include <vector>

#include "arrow/batch_reader.hpp"
#include "arrow/schema.hpp"

#include "provender/value.hpp"

/// For tests: what stands in record batches, as values, and lists made of values.
namespace provender::arrow {

struct Table {
  std::vector<Field> fields;
  std::vector<std::vector<Value>> rows;
  std::size_t batches = 0;

  /// The values of a column; empty if there is none of this name.
  std::vector<Value> column(std::string_view name) const;
};

/// Reads all batches; columns are of our types, and plain utf8 or naive timestamps.
Result<Table> read_all(BatchReader& reader);

/// Bytes of a list as ListView has them.
struct ListBytes {
  std::string ends;
  std::string data;
  std::uint8_t validity = 0;
};

/// Lays out up to eight elements in `bytes`, which outlive the view.
ListView list_of(const std::vector<Value>& elements, Kind kind, ListBytes& bytes);

}  // namespace provender::arrow
