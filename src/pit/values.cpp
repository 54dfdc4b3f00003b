#include "pit/values.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace provender::pit {
namespace {

template <class T>
bool any_negative_zero(const ColumnView& values, const std::uint8_t* valid) {
  for (std::size_t i = 0; i < values.size; ++i) {
    if (valid[i] != 0 && values.at<T>(i) == 0 && std::signbit(values.at<T>(i))) return true;
  }
  return false;
}

bool any_negative_zero(const ColumnView& values, const std::uint8_t* valid) {
  if (values.type.kind == Kind::Float32) return any_negative_zero<float>(values, valid);
  if (values.type.kind == Kind::Float64) return any_negative_zero<double>(values, valid);
  return false;
}

/// The elements of one list as a column of their own.
ColumnView elements_of(const ColumnView& lists, const ColumnView::ListEntry& entry) {
  ColumnView out = *lists.elements;
  const std::size_t width =
      is_variable_length(out.type.kind) ? sizeof(std::string_view) : cell_width(out.type.kind);
  out.size = entry.length;
  out.data = static_cast<const char*>(out.data) + entry.offset * width;
  return out;
}

void copy_validity(const ColumnView& values, std::size_t begin, std::size_t count, void* to) {
  auto* valid = static_cast<std::uint8_t*>(to);
  for (std::size_t i = 0; i < count; ++i) {
    valid[i] = values.is_null(begin + i) ? 0 : 1;
  }
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
  std::copy_n(text.data(), length <= kInline ? length : 4, bytes.data());
  if (length <= kInline) return;
  const char* const address = text.data();
  std::memcpy(bytes.data() + 4, &address, sizeof(address));
}

std::string_view Text::view() const {
  if (length <= kInline) return {bytes.data(), length};
  const char* address = nullptr;
  std::memcpy(&address, bytes.data() + 4, sizeof(address));
  return {address, length};
}

char* ValueStore::allocate(std::size_t size) {
  const std::scoped_lock lock(mutex_);
  return arena_.allocate(size);
}

ValueStore::ValueStore(Type type, std::size_t places)
    : type_(type),
      width_(type.is_list ? sizeof(ListCell) : cell_width(type.kind)),
      cells_(std::make_unique_for_overwrite<char[]>(places * width_)),   // NOLINT
      valid_(std::make_unique_for_overwrite<std::uint8_t[]>(places)) {}  // NOLINT

void ValueStore::put(std::size_t place, const ColumnView& values) {
  copy_validity(values, 0, values.size, &valid_[place]);
  char* cells = &cells_[place * width_];
  if (type_.is_list) {
    put_lists(values, cells, &valid_[place]);
  } else {
    put_cells(values, cells, &valid_[place]);
  }
}

void ValueStore::put_cells(const ColumnView& values, char* cells, const std::uint8_t* valid) {
  if (values.size == 0) return;
  if (is_variable_length(values.type.kind)) return put_texts(values, cells, valid);
  std::memcpy(cells, values.data, values.size * cell_width(values.type.kind));
  if (any_negative_zero(values, valid)) negative_zero_.store(true, std::memory_order_relaxed);
}

void ValueStore::put_texts(const ColumnView& values, char* cells, const std::uint8_t* valid) {
  std::size_t long_bytes = 0;
  const auto text = [&](std::size_t i) {
    return valid[i] == 0 ? std::string_view{} : values.at<std::string_view>(i);
  };
  for (std::size_t i = 0; i < values.size; ++i) {
    if (text(i).size() > Text::kInline) long_bytes += text(i).size();
  }
  char* to = long_bytes == 0 ? nullptr : allocate(long_bytes);
  for (std::size_t i = 0; i < values.size; ++i) {
    std::string_view value = text(i);
    if (value.size() > Text::kInline) {
      std::memcpy(to, value.data(), value.size());
      value = {to, value.size()};
      to += value.size();
    }
    const Text cell(value);
    std::memcpy(cells + i * sizeof(Text), &cell, sizeof(Text));
  }
}

void ValueStore::put_lists(const ColumnView& values, char* cells, const std::uint8_t* valid) {
  const std::size_t width = cell_width(type_.kind);
  for (std::size_t i = 0; i < values.size; ++i) {
    ListCell cell;
    if (valid[i] != 0) {
      const auto& entry = values.at<ColumnView::ListEntry>(i);
      cell.length = entry.length;
      char* block = allocate((entry.length + 7) / 8 * 8 + entry.length * width);
      cell.block = block;
      copy_validity(*values.elements, entry.offset, entry.length, block);
      put_cells(elements_of(values, entry), block + (entry.length + 7) / 8 * 8, cell.valid());
    }
    std::memcpy(cells + i * sizeof(ListCell), &cell, sizeof(ListCell));
  }
}

}  // namespace provender::pit
