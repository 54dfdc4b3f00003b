#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

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

/// The values of one feature by place (Answers), `stride` bytes from one place to the next; which
/// are null stands elsewhere, if any is. Cells are std::uint8_t for Bool, int32, int64, float,
/// double, std::int64_t microseconds, Text for String and Bytes, ListCell for lists. Different
/// places may be put at the same time.
class ValueStore {
 public:
  ValueStore(Type type, std::size_t places);

  /// Stores whose values of one place lie beside each other, as far as a cache line goes: who asks
  /// for one feature brings the others of the view into the cache.
  static std::vector<std::unique_ptr<ValueStore>> together(std::span<const Type> types,
                                                           std::size_t places);

  /// Puts the values of a column at `place`, `place` + 1, …
  void put(std::size_t place, const ColumnView& values);

  Type type() const { return type_; }
  /// Bytes of a cell.
  std::size_t width() const { return width_; }
  /// Where the values are, to be held by who looks at many.
  struct Values {
    const char* cells;
    std::size_t stride;
    const std::uint8_t* nulls;  ///< by place, 1 for a null; nullptr: there is none

    /// Not aligned.
    const char* cell(std::size_t place) const { return cells + place * stride; }
    bool is_null(std::size_t place) const { return nulls != nullptr && nulls[place] != 0; }
  };
  Values values() const { return {.cells = cells_, .stride = stride_, .nulls = nulls_.load()}; }
  const char* cell(std::size_t place) const { return values().cell(place); }
  bool is_null(std::size_t place) const { return values().is_null(place); }
  /// Whether any float in it is -0.0.
  bool has_negative_zero() const { return negative_zero_.load(std::memory_order_relaxed); }

 private:
  using Memory = std::shared_ptr<char[]>;  // NOLINT(modernize-avoid-c-arrays): not filled first

  struct SomeRows;
  struct Target {
    char* cells;
    std::size_t stride;
  };
  struct Layout {
    std::size_t places;
    std::size_t stride;
    std::size_t cell;  ///< where it is in the bytes of a place
  };
  ValueStore(Type type, const Memory& memory, const Layout& layout);
  static Memory make_memory(std::size_t bytes);

  char* allocate(std::size_t size);
  void put_nulls(std::size_t place, const ColumnView& values);
  std::uint8_t* nulls();
  void put_texts(const SomeRows& values, const Target& to);
  void put_lists(const ColumnView& values, const Target& to);
  void put_cells(const SomeRows& values, const Target& to);

  Type type_;
  std::size_t width_;
  Memory memory_;
  std::size_t places_;
  char* cells_;  ///< in memory_
  std::size_t stride_;
  std::atomic<std::uint8_t*> nulls_ = nullptr;  ///< in null_memory_
  std::mutex mutex_;
  // Guarded by mutex_:
  Memory null_memory_;
  Arena arena_;
  std::atomic<bool> negative_zero_ = false;
};

/// Bytes of a scalar's cell.
std::size_t cell_width(Kind kind);

}  // namespace provender::pit
