#include "parquet/compact_writer.hpp"

#include <algorithm>

namespace provender::parquet {

std::string varint(std::uint64_t number) {
  std::string out;
  for (; number >= 0x80; number >>= 7) {
    out += static_cast<char>((number & 0x7F) | 0x80);
  }
  return out + static_cast<char>(number);
}

std::string zigzag(std::int64_t number) {
  return varint((static_cast<std::uint64_t>(number) << 1) ^
                static_cast<std::uint64_t>(number >> 63));
}

void CompactWriter::field(int id, Type type) {
  const int delta = id - last_.back();
  const bool is_short = delta > 0 && delta < 16;
  bytes_ += static_cast<char>((is_short ? delta << 4 : 0) | static_cast<int>(type));
  if (!is_short) bytes_ += zigzag(id);
  last_.back() = id;
}

void CompactWriter::integer(int id, std::int64_t value, Type type) {
  field(id, type);
  type == Type::Byte ? bytes_ += static_cast<char>(value) : bytes_ += zigzag(value);
}

void CompactWriter::binary(int id, std::string_view text) {
  field(id, Type::Binary);
  element(text);
}

void CompactWriter::begin_struct(int id) {
  field(id, Type::Struct);
  last_.push_back(0);
}

void CompactWriter::begin_list(int id, Type element, std::uint64_t size) {
  field(id, Type::List);
  const std::uint64_t in_byte = std::min<std::uint64_t>(size, 15);
  bytes_ += static_cast<char>(in_byte << 4 | static_cast<std::uint64_t>(element));
  if (in_byte == 15) bytes_ += varint(size);
}

void CompactWriter::element(std::int64_t value) {
  bytes_ += zigzag(value);
}

void CompactWriter::element(std::string_view text) {
  bytes_ += varint(text.size());
  bytes_ += text;
}

void CompactWriter::end() {
  bytes_ += '\0';
  last_.pop_back();
}

}  // namespace provender::parquet
