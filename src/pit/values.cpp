#include "pit/values.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "pit/large_vector.hpp"

namespace provender::pit {

/// Rows of a column: the i-th stands at `first + i`.
struct ValueStore::SomeRows {
  const ColumnView& column;
  std::size_t first;
  std::size_t size;

  bool is_null(std::size_t i) const { return column.is_null(first + i); }
  template <class T>
  const T& at(std::size_t i) const {
    return column.at<T>(first + i);
  }
};

namespace {

/// Whether any of the values is -0.0.
template <class T, class Rows>
bool any_negative_zero(const Rows& values) {
  for (std::size_t i = 0; i < values.size; ++i) {
    const T& value = values.template at<T>(i);
    if (value == 0 && std::signbit(value) && !values.is_null(i)) return true;
  }
  return false;
}

template <class Rows>
bool any_negative_zero(const Rows& values) {
  const Kind kind = values.column.type.kind;
  if (kind == Kind::Float32) return any_negative_zero<float>(values);
  if (kind == Kind::Float64) return any_negative_zero<double>(values);
  return false;
}

template <std::size_t Width, class Rows>
void copy_cells(const Rows& values, char* to, std::size_t stride) {
  const char* const from = static_cast<const char*>(values.column.data) + values.first * Width;
  for (std::size_t i = 0; i < values.size; ++i) {
    std::memcpy(to + i * stride, from + i * Width, Width);
  }
}

/// What lies together at a place is no longer than a cache line.
constexpr std::size_t kLine = 64;

std::size_t width_of(Type type) {
  return type.is_list ? sizeof(ListCell) : cell_width(type.kind);
}

}  // namespace

std::size_t cell_width(Kind kind) {
  switch (kind) {
    case Kind::Bool:
      return 1;
    case Kind::Int32:
    case Kind::Float32:
      return 4;
    case Kind::String:
    case Kind::Bytes:
      return sizeof(Text);
    default:
      return 8;
  }
}

Text::Text(std::string_view text) : length(static_cast<std::uint32_t>(text.size())) {
  text.copy(bytes.data(), length <= kInline ? length : 4);
  if (length <= kInline) return;
  const char* const address = text.data();
  std::memcpy(bytes.data() + 4, static_cast<const void*>(&address), sizeof(address));
}

std::string_view Text::view() const {
  if (length <= kInline) return {bytes.data(), length};
  const char* address = nullptr;
  std::memcpy(static_cast<void*>(&address), bytes.data() + 4, sizeof(address));
  return {address, length};
}

char* ValueStore::allocate(std::size_t size) {
  const std::scoped_lock lock(mutex_);
  return arena_.allocate(size);
}

ValueStore::Memory ValueStore::make_memory(std::size_t bytes) {
  LargeAllocator<char> allocator;
  const auto give_back = [allocator, bytes](char* memory) mutable {
    allocator.deallocate(memory, bytes);
  };
  return {allocator.allocate(bytes), give_back};
}

ValueStore::ValueStore(Type type, const Memory& memory, const Layout& layout)
    : type_(type),
      width_(width_of(type)),
      memory_(memory),
      places_(layout.places),
      cells_(memory.get() + layout.cell),
      stride_(layout.stride) {}

ValueStore::ValueStore(Type type, std::size_t places)
    : ValueStore(type,
                 make_memory(places * width_of(type)),
                 {.places = places, .stride = width_of(type), .cell = 0}) {}

std::vector<std::unique_ptr<ValueStore>> ValueStore::together(std::span<const Type> types,
                                                              std::size_t places) {
  std::vector<std::unique_ptr<ValueStore>> out;
  while (!types.empty()) {
    std::size_t count = 0;
    Layout layout{.places = places, .stride = 0, .cell = 0};
    while (count < types.size() &&
           (count == 0 || layout.stride + width_of(types[count]) <= kLine)) {
      layout.stride += width_of(types[count++]);
    }
    const Memory memory = make_memory(places * layout.stride);
    for (const Type type : types.first(count)) {
      out.emplace_back(new ValueStore(type, memory, layout));
      layout.cell += width_of(type);
    }
    types = types.subspan(count);
  }
  return out;
}

void ValueStore::put(std::size_t place, const ColumnView& values) {
  const Target to{.cells = cells_ + place * stride_, .stride = stride_};
  put_nulls(place, values);
  if (type_.is_list) {
    put_lists(values, to);
  } else {
    put_cells({.column = values, .first = 0, .size = values.size}, to);
  }
}

void ValueStore::put_nulls(std::size_t place, const ColumnView& values) {
  if (values.validity == nullptr) return;
  for (std::size_t i = 0; i < values.size; ++i) {
    if (values.is_null(i)) nulls()[place + i] = 1;
  }
}

/// Made for the first of them.
std::uint8_t* ValueStore::nulls() {
  if (std::uint8_t* const made = nulls_.load()) return made;
  const std::scoped_lock lock(mutex_);
  if (!null_memory_) {
    null_memory_ = make_memory(places_);
    std::memset(null_memory_.get(), 0, places_);
    nulls_ = reinterpret_cast<std::uint8_t*>(null_memory_.get());
  }
  return nulls_;
}

void ValueStore::put_cells(const SomeRows& values, const Target& to) {
  if (is_variable_length(type_.kind)) return put_texts(values, to);
  switch (cell_width(type_.kind)) {
    case 1:
      return copy_cells<1>(values, to.cells, to.stride);
    case 4:
      copy_cells<4>(values, to.cells, to.stride);
      break;
    default:
      copy_cells<8>(values, to.cells, to.stride);
  }
  if (any_negative_zero(values)) {
    negative_zero_.store(true, std::memory_order_relaxed);
  }
}

void ValueStore::put_texts(const SomeRows& values, const Target& to) {
  std::size_t long_bytes = 0;
  const auto text = [&](std::size_t i) {
    return values.is_null(i) ? std::string_view{} : values.at<std::string_view>(i);
  };
  for (std::size_t i = 0; i < values.size; ++i) {
    if (text(i).size() > Text::kInline) long_bytes += text(i).size();
  }
  char* bytes = long_bytes == 0 ? nullptr : allocate(long_bytes);
  for (std::size_t i = 0; i < values.size; ++i) {
    std::string_view value = text(i);
    if (bytes != nullptr && value.size() > Text::kInline) {
      std::memcpy(bytes, value.data(), value.size());
      value = {bytes, value.size()};
      bytes += value.size();
    }
    const Text cell(value);
    std::memcpy(to.cells + i * to.stride, &cell, sizeof(Text));
  }
}

void ValueStore::put_lists(const ColumnView& values, const Target& to) {
  const std::size_t width = cell_width(type_.kind);
  for (std::size_t i = 0; i < values.size; ++i) {
    ListCell cell;
    if (!values.is_null(i)) {
      const auto& entry = values.at<ColumnView::ListEntry>(i);
      const std::size_t flags = (entry.length + 7) / 8 * 8;
      cell.length = entry.length;
      char* const block = allocate(flags + entry.length * width);
      cell.block = block;
      for (std::size_t e = 0; e < entry.length; ++e) {
        block[e] = values.elements->is_null(entry.offset + e) ? 0 : 1;
      }
      put_cells({.column = *values.elements, .first = entry.offset, .size = entry.length},
                {.cells = block + flags, .stride = width});
    }
    std::memcpy(to.cells + i * to.stride, &cell, sizeof(ListCell));
  }
}

}  // namespace provender::pit
