#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

#include "model/column.hpp"
#include "pit/arena.hpp"

namespace provender::pit {

/// A text in 16 bytes: one of up to 12 lies in `bytes`; of a longer one they hold its first 4, then
/// its address.
struct Text {
  static constexpr std::uint32_t kInline = 12;

  std::uint32_t length = 0;
  std::array<char, kInline> bytes = {};

  Text() = default;
  /// Points into `text` if it is a long one.
  explicit Text(std::string_view text);
  std::string_view view() const;
};
static_assert(sizeof(Text) == 16);

/// Where the elements of one list lie: one byte each that is 1 for a value and 0 for a null, then,
/// aligned, the elements as `ValueStore` has them.
struct ListCell {
  std::uint64_t length = 0;
  const char* block = nullptr;

  const std::uint8_t* valid() const { return reinterpret_cast<const std::uint8_t*>(block); }
  const char* elements() const { return block + (length + 7) / 8 * 8; }
};

/// The values of one feature by place (Answers). Cells are std::uint8_t for Bool, int32, int64,
/// float, double, std::int64_t microseconds, Text for String and Bytes, ListCell for lists.
/// Different places may be put at the same time.
class ValueStore {
 public:
  ValueStore(Type type, std::size_t places);

  /// Puts the values of a column at `place`, `place` + 1, …
  void put(std::size_t place, const ColumnView& values);

  Type type() const { return type_; }
  /// Bytes of a cell.
  std::size_t width() const { return width_; }
  const char* cells() const { return cells_.get(); }
  bool is_null(std::size_t place) const { return valid_[place] == 0; }
  /// Whether any float in it is -0.0.
  bool has_negative_zero() const { return negative_zero_.load(std::memory_order_relaxed); }

 private:
  char* allocate(std::size_t size);
  void put_texts(const ColumnView& values, char* cells, const std::uint8_t* valid);
  void put_lists(const ColumnView& values, char* cells, const std::uint8_t* valid);
  void put_cells(const ColumnView& values, char* cells, const std::uint8_t* valid);

  Type type_;
  std::size_t width_;
  std::unique_ptr<char[]> cells_;          // NOLINT(modernize-avoid-c-arrays): not filled first
  std::unique_ptr<std::uint8_t[]> valid_;  // NOLINT(modernize-avoid-c-arrays)
  std::mutex mutex_;
  Arena arena_;  // guarded by mutex_
  std::atomic<bool> negative_zero_ = false;
};

/// Bytes of a scalar's cell.
std::size_t cell_width(Kind kind);

}  // namespace provender::pit
