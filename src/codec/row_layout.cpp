#include <algorithm>
#include <bit>
#include <memory>

#include <fmt/format.h>

#include "base/endian.hpp"
#include "codec/row_codec.hpp"
#include "codec/row_format.hpp"

namespace provender::codec {
namespace {

std::int64_t load_ordered(const char* from) noexcept {
  return std::bit_cast<std::int64_t>(load_be<std::uint64_t>(from) ^ kSignBit);
}

/// Whether the `count` ends of text elements at `ends` ascend and the last is at most `size`:
/// ListView trusts them.
bool are_ends_sound(const char* ends, std::uint32_t count, std::size_t size) noexcept {
  std::uint32_t before = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto end = load_le<std::uint32_t>(ends + i * sizeof(std::uint32_t));
    if (end < before) return false;
    before = end;
  }
  return before <= size;
}

/// A list's bytes as a view, every length checked against the bytes that are there.
std::optional<ListView> read_list(Kind kind, std::string_view bytes) noexcept {
  if (bytes.size() < kListHeaderSize) return std::nullopt;
  ListView::Parts parts{.kind = kind, .size = load_le<std::uint32_t>(bytes.data())};
  const auto flags = static_cast<std::uint8_t>(bytes[4]);
  bytes.remove_prefix(kListHeaderSize);
  if ((flags & kListHasValidity) != 0) {
    const std::size_t size = bitmap_size(parts.size);
    if (bytes.size() < size) return std::nullopt;
    parts.validity = reinterpret_cast<const std::uint8_t*>(bytes.data());
    bytes.remove_prefix(size);
  }
  if (is_variable_length(kind)) {
    const std::size_t size = parts.size * sizeof(std::uint32_t);
    if (bytes.size() < size) return std::nullopt;
    parts.ends = bytes.data();
    bytes.remove_prefix(size);
    if (!are_ends_sound(parts.ends, parts.size, bytes.size())) return std::nullopt;
  } else if (bytes.size() < parts.size * value_width(kind)) {
    return std::nullopt;
  }
  parts.data = bytes.data();
  return ListView(parts);
}

Error corrupt(std::string what) {
  return {ErrorCode::Corruption, std::move(what)};
}

}  // namespace

RowOrder read_order(std::string_view row) noexcept {
  return {.event_timestamp = load_ordered(row.data() + kOrderAt),
          .created_timestamp = load_ordered(row.data() + kOrderAt + 8),
          .sequence = load_be<std::uint64_t>(row.data() + kOrderAt + 16)};
}

std::expected<RowHeader, RowFault> check_header(std::string_view key,
                                                std::string_view row) noexcept {
  if (row.size() < kHeaderSize) return std::unexpected(RowFault::Format);
  const auto format = static_cast<std::uint8_t>(row[kFormatAt]);
  const auto flags = static_cast<std::uint8_t>(row[kFlagsAt]);
  if (format != kRowFormat || flags != 0) return std::unexpected(RowFault::Format);
  const auto expected = load_le<std::uint32_t>(row.data() + kChecksumAt);
  if (row_checksum(key, row) != expected) return std::unexpected(RowFault::Checksum);
  return RowHeader{.order = read_order(row),
                   .schema_id = load_le<std::uint32_t>(row.data() + kSchemaIdAt)};
}

Result<RowHeader> read_header(std::string_view key, std::string_view row) {
  const auto header = check_header(key, row);
  if (header) return *header;
  if (row.size() < kHeaderSize) {
    return corrupt(fmt::format(
        "a stored row has {} bytes, fewer than the {} of its header", row.size(), kHeaderSize));
  }
  if (header.error() == RowFault::Format) {
    return corrupt(
        fmt::format("a stored row has format {} and flags {}; this version reads format "
                    "{} without flags",
                    static_cast<std::uint8_t>(row[kFormatAt]),
                    static_cast<std::uint8_t>(row[kFlagsAt]),
                    kRowFormat));
  }
  return corrupt(
      fmt::format("a stored row's checksum is {:08x}, its bytes give {:08x}: some "
                  "bytes changed since it was written",
                  load_le<std::uint32_t>(row.data() + kChecksumAt),
                  row_checksum(key, row)));
}

RowLayout::RowLayout(const RowSchema& schema) {
  std::size_t at = kHeaderSize + bitmap_size(schema.fields.size());
  std::uint32_t tail_before = 0;
  slots_.reserve(schema.fields.size());
  for (const auto& field : schema.fields) {
    const auto slot_at = static_cast<std::uint32_t>(at);
    slots_.push_back(
        {.type = field.type, .form = form_of(field.type), .at = slot_at, .begins_at = tail_before});
    if (slot_of_field_.size() <= field.id) slot_of_field_.resize(std::size_t{field.id} + 1);
    slot_of_field_[field.id] = static_cast<std::uint16_t>(slots_.size());
    if (is_in_tail(field.type)) tail_before = slot_at;
    at += slot_width(field.type);
  }
  tail_at_ = at;
}

RowLayout::Form RowLayout::form_of(Type type) noexcept {
  if (type.is_list) return Form::List;
  switch (type.kind) {
    case Kind::Bool:
      return Form::Bool;
    case Kind::Int32:
      return Form::Int32;
    case Kind::Int64:
      return Form::Int64;
    case Kind::Float32:
      return Form::Float32;
    case Kind::Float64:
      return Form::Float64;
    case Kind::Timestamp:
      return Form::Timestamp;
    case Kind::String:
    case Kind::Bytes:
      break;
  }
  return Form::Text;
}

Type RowLayout::type(std::size_t slot) const noexcept {
  return slots_[slot].type;
}

std::optional<std::string_view> RowLayout::tail_bytes(std::string_view row,
                                                      const Slot& slot) const noexcept {
  const std::string_view tail = row.substr(tail_at_);
  const std::uint32_t begin =
      slot.begins_at == 0 ? 0 : load_le<std::uint32_t>(row.data() + slot.begins_at);
  const auto end = load_le<std::uint32_t>(row.data() + slot.at);
  if (begin > end || end > tail.size()) return std::nullopt;
  return tail.substr(begin, end - begin);
}

bool RowLayout::read_to(ValueView& value, std::string_view row, std::size_t slot) const noexcept {
  if (row.size() < tail_at_) return false;
  const Slot& place = slots_[slot];
  const auto nulls = static_cast<unsigned char>(row[kHeaderSize + slot / 8]);
  if (((nulls >> (slot % 8)) & 1U) != 0) {
    std::construct_at(&value, place.type, std::monostate{});
    return true;
  }
  const char* const at = row.data() + place.at;
  switch (place.form) {
    case Form::Bool:
      std::construct_at(&value, *at != 0);
      return true;
    case Form::Int32:
      std::construct_at(&value, load_le<std::int32_t>(at));
      return true;
    case Form::Int64:
      std::construct_at(&value, load_le<std::int64_t>(at));
      return true;
    case Form::Float32:
      std::construct_at(&value, load_le<float>(at));
      return true;
    case Form::Float64:
      std::construct_at(&value, load_le<double>(at));
      return true;
    case Form::Timestamp:
      std::construct_at(&value, Timestamp{Duration{load_le<std::int64_t>(at)}});
      return true;
    case Form::Text:
    case Form::List:
      return read_tail(value, row, place);
  }
  return false;
}

bool RowLayout::read_tail(ValueView& value, std::string_view row, const Slot& slot) const noexcept {
  const auto bytes = tail_bytes(row, slot);
  if (!bytes) return false;
  if (slot.form == Form::Text) {
    std::construct_at(&value, slot.type.kind, *bytes);
    return true;
  }
  const auto list = read_list(slot.type.kind, *bytes);
  if (list) std::construct_at(&value, *list);
  return list.has_value();
}

}  // namespace provender::codec
