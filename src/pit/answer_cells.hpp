#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "provender/types.hpp"

#include "pit/answers.hpp"
#include "pit/values.hpp"

namespace provender::pit {

/// What a view answers for one of its features. Answers and store must outlive it.
class AnswerCells {
 public:
  AnswerCells(const Answers& answers, const ValueStore& store)
      : places_(answers.places), values_(store.values()), width_(store.width()) {}

  /// Of a row of the spine.
  std::uint32_t place(std::size_t row) const {
    return row < places_.size() ? places_[row] : Answers::kNotFound;
  }
  bool has_value(std::uint32_t place) const {
    return place < Answers::kOutsideMaxAge && !values_.is_null(place);
  }
  const char* cell(std::uint32_t place) const { return values_.cell(place); }
  Status status(std::uint32_t place) const {
    if (place == Answers::kNotFound) return Status::NotFound;
    if (place == Answers::kOutsideMaxAge) return Status::OutsideMaxAge;
    return has_value(place) ? Status::Present : Status::NullValue;
  }

  /// Copies the cells of `rows` rows, the i-th that of row `row_of(i)`, to `to`; calls
  /// `mark_null(i)` instead where there is no value. Not of lists.
  template <class RowOf, class MarkNull>
  void copy(std::size_t rows, RowOf row_of, char* to, MarkNull mark_null) const {
    switch (width_) {
      case 1:
        return copy_cells<1>(rows, row_of, to, mark_null);
      case 4:
        return copy_cells<4>(rows, row_of, to, mark_null);
      case 8:
        return copy_cells<8>(rows, row_of, to, mark_null);
      default:  // texts: what they point to is the store's
        return copy_cells<sizeof(Text)>(rows, row_of, to, mark_null);
    }
  }

 private:
  /// Rows whose values are brought into the cache before their turn: they lie all over memory.
  static constexpr std::size_t kAhead = 32;

  template <std::size_t Width, class RowOf, class MarkNull>
  void copy_cells(std::size_t rows, RowOf row_of, char* to, MarkNull mark_null) const {
    const AnswerCells cells = *this;  // a copy, so that what is written cannot change it
    for (std::size_t i = 0; i < rows; ++i) {
      if (i + kAhead < rows) cells.prefetch(cells.place(row_of(i + kAhead)));
      const std::uint32_t place = cells.place(row_of(i));
      if (cells.has_value(place)) {
        std::memcpy(to + i * Width, cells.cell(place), Width);
      } else {
        mark_null(i);
      }
    }
  }

  void prefetch(std::uint32_t place) const {
    if (place >= Answers::kOutsideMaxAge) return;
    __builtin_prefetch(cell(place));
    if (values_.nulls != nullptr) __builtin_prefetch(values_.nulls + place);
  }

  std::span<const std::uint32_t> places_;
  ValueStore::Values values_;
  std::size_t width_;
};

}  // namespace provender::pit
