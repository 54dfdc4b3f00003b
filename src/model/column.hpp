#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "provender/value.hpp"

namespace provender {

/// A column of a batch as a view: who hands it out owns the memory.
struct ColumnView {
  /// Where the elements of one list value lie in `elements`.
  struct ListEntry {
    std::uint64_t offset;
    std::uint64_t length;
  };

  Type type;
  std::size_t size = 0;
  /// Bit i (of word i/64) set: row i is not null. Null pointer: no row is null.
  const std::uint64_t* validity = nullptr;
  /// `size` values: std::uint8_t for Bool, int32, int64, float, double, std::int64_t microseconds
  /// for Timestamp, std::string_view for String and Bytes, ListEntry for lists. What a null row
  /// holds is undefined.
  const void* data = nullptr;
  /// Lists only: the elements of all rows.
  const ColumnView* elements = nullptr;

  bool is_null(std::size_t row) const noexcept {
    return validity != nullptr && ((validity[row / 64] >> (row % 64)) & 1) == 0;
  }
  template <class T>
  const T& at(std::size_t row) const noexcept {
    return static_cast<const T*>(data)[row];
  }
};

/// Equally long columns.
struct BatchView {
  std::size_t rows = 0;
  std::span<const ColumnView> columns;
};

/// Row `row` as an owned value.
Value value_at(const ColumnView& column, std::size_t row);

/// Row `row` of a column that is no list, as a view.
ValueView scalar_at(const ColumnView& column, std::size_t row);

}  // namespace provender
