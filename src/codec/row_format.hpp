#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "provender/types.hpp"

#include "base/crc32c.hpp"

/// What the writer and the readers of rows share (docs/format/row.md).
namespace provender::codec {

inline constexpr std::size_t kOrderAt = 0;
inline constexpr std::size_t kFormatAt = 24;
inline constexpr std::size_t kFlagsAt = 25;
inline constexpr std::size_t kSchemaIdAt = 26;
inline constexpr std::size_t kChecksumAt = 30;

/// Turned over in a signed 64-bit number, it makes big-endian bytes order as the numbers do.
inline constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63U;

inline constexpr std::size_t kListHeaderSize = 5;  ///< u32 count, u8 flags
inline constexpr std::uint8_t kListHasValidity = 1;

/// Whether the values of `type` lie in the tail.
constexpr bool is_in_tail(Type type) {
  return type.is_list || is_variable_length(type.kind);
}

/// The bytes of one value of a kind that is not variable-length.
constexpr std::size_t value_width(Kind kind) {
  switch (kind) {
    case Kind::Bool:
      return 1;
    case Kind::Int32:
    case Kind::Float32:
      return 4;
    default:
      return 8;
  }
}

/// The bytes of a field's slot in the fixed area.
constexpr std::size_t slot_width(Type type) {
  return is_in_tail(type) ? sizeof(std::uint32_t) : value_width(type.kind);
}

constexpr std::size_t bitmap_size(std::size_t bits) {
  return (bits + 7) / 8;
}

/// Over the entity key, then the row without the checksum itself.
inline std::uint32_t row_checksum(std::string_view key, std::string_view row) noexcept {
  const std::uint32_t head = crc32c(row.substr(0, kChecksumAt), crc32c(key));
  return crc32c(row.substr(kChecksumAt + sizeof(std::uint32_t)), head);
}

}  // namespace provender::codec
