#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/column.hpp"

namespace provender::parquet {

/// Which rows of a page are null, as `PageLevels` reads it. Confined to one thread.
class LevelWriter {
 public:
  void clear();
  /// The next row.
  void add(bool is_valid);
  /// The next rows.
  void add(const ColumnView& rows);

  std::size_t rows() const { return rows_; }
  std::size_t nulls() const { return nulls_; }
  /// Appends them, with their length in front, as pages of the first version have them.
  void write(std::string& out) const;

 private:
  std::vector<std::uint64_t> valid_;
  std::size_t rows_ = 0;
  std::size_t nulls_ = 0;
};

}  // namespace provender::parquet
