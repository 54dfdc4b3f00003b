#include <bit>
#include <limits>

#include <fmt/format.h>

#include "base/endian.hpp"
#include "base/try.hpp"
#include "codec/row_codec.hpp"
#include "codec/row_format.hpp"

namespace provender::codec {
namespace {

constexpr std::uint64_t kMaxRowSize = std::numeric_limits<std::uint32_t>::max();

void set_bit(std::string& out, std::size_t bitmap_at, std::size_t bit) {
  char& byte = out[bitmap_at + bit / 8];
  byte = static_cast<char>(static_cast<unsigned char>(byte) | 1U << (bit % 8));
}

/// The elements of one list value.
struct Elements {
  const ColumnView& column;
  std::size_t begin;
  std::size_t count;

  bool has_null() const {
    for (std::size_t i = 0; i < count; ++i) {
      if (column.is_null(begin + i)) return true;
    }
    return false;
  }
};

void append_validity(std::string& out, const Elements& elements) {
  const std::size_t at = out.size();
  out.resize(at + bitmap_size(elements.count));
  for (std::size_t i = 0; i < elements.count; ++i) {
    if (!elements.column.is_null(elements.begin + i)) set_bit(out, at, i);
  }
}

void append_fixed_elements(std::string& out, const Elements& elements, bool has_null) {
  const std::size_t width = value_width(elements.column.type.kind);
  const auto* from = static_cast<const char*>(elements.column.data) + elements.begin * width;
  const std::size_t at = out.size();
  out.append(from, elements.count * width);
  if (!has_null) return;
  // What lies under a null is undefined: make it zero.
  for (std::size_t i = 0; i < elements.count; ++i) {
    if (elements.column.is_null(elements.begin + i)) {
      std::memset(out.data() + at + i * width, 0, width);
    }
  }
}

void append_text_elements(std::string& out, const Elements& elements) {
  const std::size_t ends_at = out.size();
  out.resize(ends_at + elements.count * sizeof(std::uint32_t));
  const std::size_t bytes_at = out.size();
  for (std::size_t i = 0; i < elements.count; ++i) {
    if (!elements.column.is_null(elements.begin + i)) {
      out.append(elements.column.at<std::string_view>(elements.begin + i));
    }
    store_le(out.data() + ends_at + i * sizeof(std::uint32_t),
             static_cast<std::uint32_t>(out.size() - bytes_at));
  }
}

Elements elements_of(const ColumnView& column, std::size_t row) {
  const auto& entry = column.at<ColumnView::ListEntry>(row);
  return {.column = *column.elements, .begin = entry.offset, .count = entry.length};
}

/// At least the bytes that the value takes in the tail, before anything is copied.
std::uint64_t tail_size(const ColumnView& column, std::size_t row) {
  if (!column.type.is_list) return column.at<std::string_view>(row).size();
  const Elements elements = elements_of(column, row);
  const std::size_t width = slot_width(elements.column.type);
  std::uint64_t size = kListHeaderSize + bitmap_size(elements.count) + elements.count * width;
  if (!is_variable_length(elements.column.type.kind)) return size;
  for (std::size_t i = elements.begin; i < elements.begin + elements.count; ++i) {
    if (!elements.column.is_null(i)) size += elements.column.at<std::string_view>(i).size();
  }
  return size;
}

void append_list(std::string& out, const ColumnView& column, std::size_t row) {
  const Elements elements = elements_of(column, row);
  const bool has_null = elements.column.validity != nullptr && elements.has_null();
  append_le(out, static_cast<std::uint32_t>(elements.count));
  out.push_back(static_cast<char>(has_null ? kListHasValidity : 0));
  if (has_null) append_validity(out, elements);
  if (is_variable_length(elements.column.type.kind)) {
    append_text_elements(out, elements);
  } else {
    append_fixed_elements(out, elements, has_null);
  }
}

void append_tail_value(std::string& out, const ColumnView& column, std::size_t row) {
  if (column.type.is_list) {
    append_list(out, column, row);
  } else {
    out.append(column.at<std::string_view>(row));
  }
}

Error too_long(std::uint64_t size) {
  return {ErrorCode::ResourceExhausted,
          fmt::format("a row takes {} bytes; at most {} are stored", size, kMaxRowSize)};
}

Result<> check_columns(const RowSchema& schema, std::span<const ColumnView> columns) {
  if (columns.size() != schema.fields.size()) {
    return Error(ErrorCode::Internal,
                 fmt::format("schema {} has {} fields, the batch {} columns",
                             schema.id,
                             schema.fields.size(),
                             columns.size()));
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].type == schema.fields[i].type) continue;
    return Error(ErrorCode::Internal,
                 fmt::format("field {} of schema {} is a {}, the batch's column a {}",
                             schema.fields[i].id,
                             schema.id,
                             to_string(schema.fields[i].type),
                             to_string(columns[i].type)));
  }
  return {};
}

}  // namespace

void append_order(std::string& out, const RowOrder& order) {
  const std::size_t at = out.size();
  out.resize(at + kOrderSize);
  store_be(out.data() + at, std::bit_cast<std::uint64_t>(order.event_timestamp) ^ kSignBit);
  store_be(out.data() + at + 8, std::bit_cast<std::uint64_t>(order.created_timestamp) ^ kSignBit);
  store_be(out.data() + at + 16, order.sequence);
}

bool replaces(std::string_view candidate_row, std::string_view stored_row) noexcept {
  return candidate_row.substr(0, kOrderSize) >= stored_row.substr(0, kOrderSize);
}

RowEncoder::RowEncoder(RowSchema schema) : schema_(std::move(schema)) {
  tail_at_ = kHeaderSize + bitmap_size(schema_.fields.size());
  for (const auto& field : schema_.fields) {
    tail_at_ += slot_width(field.type);
  }
}

Result<> RowEncoder::encode(std::string_view key,
                            const RowOrder& order,
                            std::span<const ColumnView> columns,
                            std::size_t index,
                            std::string& out) const {
  PROVENDER_TRY(check_columns(schema_, columns));
  const std::size_t start = out.size();
  append_order(out, order);
  out.resize(start + tail_at_);
  out[start + kFormatAt] = static_cast<char>(kRowFormat);
  store_le(out.data() + start + kSchemaIdAt, schema_.id);

  std::size_t slot_at = start + kHeaderSize + bitmap_size(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const ColumnView& column = columns[i];
    const bool is_null = column.is_null(index);
    if (is_null) set_bit(out, start + kHeaderSize, i);
    const std::size_t width = slot_width(column.type);
    if (!is_in_tail(column.type)) {
      const auto* values = static_cast<const char*>(column.data);
      if (!is_null) std::memcpy(out.data() + slot_at, values + index * width, width);
    } else {
      const std::uint64_t size = out.size() - start + (is_null ? 0 : tail_size(column, index));
      if (size > kMaxRowSize) {
        out.resize(start);
        return too_long(size);
      }
      if (!is_null) append_tail_value(out, column, index);
      store_le(out.data() + slot_at, static_cast<std::uint32_t>(out.size() - start - tail_at_));
    }
    slot_at += width;
  }
  const std::string_view row = std::string_view(out).substr(start);
  store_le(out.data() + start + kChecksumAt, row_checksum(key, row));
  return {};
}

}  // namespace provender::codec
