#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "parquet/places.hpp"

namespace provender::parquet {

/// Which rows of a page are null: only those of the others have values in it. Confined to one
/// thread.
class PageLevels {
 public:
  /// Of a page in which no row is null.
  void clear() { has_nulls_ = false; }
  /// Reads the levels of `rows` rows; kReadableBehind are behind them. False: they end before.
  [[nodiscard]] bool read(std::string_view levels, std::size_t rows);

  bool has_nulls() const { return has_nulls_; }
  /// How many of the rows from `first` on have values.
  std::size_t count_values(std::size_t first, std::size_t rows) const;

  /// Of some rows from `first` on: the places of those that are not null among the values from
  /// there on. Valid until the next call.
  Places choose(std::size_t first, Places rows);
  /// Of the rows last chosen, as ColumnView has it.
  const std::uint64_t* validity() const { return validity_.data(); }
  /// Brings the values of the rows last chosen from the front to where their rows are: calls
  /// `move(to, from)`, and `clear(at)` for nulls; from the last one on, so that none is overwritten
  /// before its turn.
  template <class Move, class Clear>
  void spread(std::size_t rows, Move move, Clear clear) const {
    std::size_t values = value_places_.size();
    for (std::size_t i = rows; i-- > 0;) {
      bit_at(validity_, i) ? move(i, --values) : clear(i);
    }
  }

 private:
  static bool bit_at(const std::vector<std::uint64_t>& words, std::size_t bit) {
    return ((words[bit / 64] >> (bit % 64)) & 1) != 0;
  }

  bool has_nulls_ = false;
  std::vector<std::uint64_t> valid_;  ///< by row of the page
  std::vector<std::uint32_t> value_places_;
  std::vector<std::uint64_t> validity_;
};

}  // namespace provender::parquet
