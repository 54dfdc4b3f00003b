#include "parquet/bit_packing.hpp"

#include "base/endian.hpp"
#include "parquet/compact_writer.hpp"

namespace provender::parquet {
namespace {

/// Packed numbers come in groups of eight, the last one filled up.
std::size_t groups_of(std::size_t count) {
  return (count + 7) / 8;
}

std::string packed_header(std::size_t count) {
  return varint(groups_of(count) << 1 | 1);
}

}  // namespace

void append_repeated(std::string& out, std::size_t count, std::uint8_t number) {
  out += varint(count << 1);
  out += static_cast<char>(number);
}

void append_packed(std::string& out, std::size_t count, std::span<const std::uint64_t> words) {
  out += packed_header(count);
  out.append(reinterpret_cast<const char*>(words.data()), groups_of(count));
}

void append_packed(std::string& out, std::span<const std::uint32_t> numbers, std::uint32_t bits) {
  out += packed_header(numbers.size());
  const std::size_t end = out.size() + groups_of(numbers.size()) * bits;
  std::uint64_t word = 0;  // of which `used` bits are no more than 31 before a number comes
  std::uint32_t used = 0;
  for (const std::uint32_t number : numbers) {
    word |= std::uint64_t{number} << used;
    used += bits;
    if (used < 32) continue;
    append_le(out, static_cast<std::uint32_t>(word));
    word >>= 32;
    used -= 32;
  }
  for (; out.size() < end; word >>= 8) {
    out += static_cast<char>(word);
  }
}

}  // namespace provender::parquet
