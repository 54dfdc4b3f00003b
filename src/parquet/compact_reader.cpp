#include "parquet/compact_reader.hpp"

namespace provender::parquet {
namespace {

/// Of values that are left out: nobody nests deeper.
constexpr int kMostDepth = 32;

std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

}  // namespace

std::uint8_t CompactReader::read_byte() {
  if (failed_ || at_ == bytes_.size()) {
    fail();
    return 0;
  }
  return static_cast<std::uint8_t>(bytes_[at_++]);
}

std::uint64_t CompactReader::read_varint() {
  std::uint64_t out = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const std::uint8_t byte = read_byte();
    out |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return out;
  }
  fail();
  return 0;
}

std::string_view CompactReader::take(std::uint64_t size) {
  if (failed_ || size > bytes_.size() - at_) {
    fail();
    return {};
  }
  const std::string_view out = bytes_.substr(at_, size);
  at_ += size;
  return out;
}

std::optional<CompactReader::Type> CompactReader::next_field(std::int64_t& id) {
  const std::uint8_t byte = read_byte();
  const auto type = static_cast<Type>(byte & 0x0F);
  if (failed_ || type == Type::Stop) return std::nullopt;
  if (type > Type::Struct) {
    fail();
    return std::nullopt;
  }
  const int delta = byte >> 4;
  id = delta != 0 ? id + delta : unzigzag(read_varint());
  if (failed_ || id < 0 || id > INT16_MAX) {
    fail();
    return std::nullopt;
  }
  return type;
}

CompactReader::ListHeader CompactReader::begin_list(Type type) {
  if (type != Type::List && type != Type::Set) {
    fail();
    return {};
  }
  const std::uint8_t byte = read_byte();
  const std::uint64_t size = (byte >> 4) == 15 ? read_varint() : byte >> 4;
  // Each element has a byte at least.
  if (failed_ || size > bytes_.size() - at_) {
    fail();
    return {};
  }
  return {.size = size, .element = static_cast<Type>(byte & 0x0F)};
}

std::int64_t CompactReader::read_integer(Type type) {
  switch (type) {
    case Type::Byte:
      return static_cast<std::int8_t>(read_byte());
    case Type::I16:
    case Type::I32:
    case Type::I64:
      return unzigzag(read_varint());
    default:
      fail();
      return 0;
  }
}

/// Of a field, whose type says it.
bool CompactReader::read_bool(Type type) {
  if (type != Type::True && type != Type::False) fail();
  return type == Type::True;
}

std::string_view CompactReader::read_binary(Type type) {
  if (type != Type::Binary) fail();
  return take(read_varint());
}

void CompactReader::skip(Type type, int depth) {
  if (depth > kMostDepth) return fail();
  switch (type) {
    case Type::True:
    case Type::False:
      return;
    case Type::Byte:
      take(1);
      return;
    case Type::I16:
    case Type::I32:
    case Type::I64:
      read_varint();
      return;
    case Type::Double:
      take(8);
      return;
    case Type::Binary:
      take(read_varint());
      return;
    case Type::List:
    case Type::Set:
      return read_list(type, [&](Type element) { skip_element(element, depth + 1); });
    case Type::Map:
      return skip_map(depth);
    case Type::Struct: {
      std::int64_t id = 0;
      while (const auto field = next_field(id)) {
        skip(*field, depth + 1);
      }
      return;
    }
    default:
      fail();
  }
}

void CompactReader::skip_element(Type type, int depth) {
  // Only of a field does the type say which bool it is.
  const bool is_bool = type == Type::True || type == Type::False;
  skip(is_bool ? Type::Byte : type, depth);
}

void CompactReader::skip_map(int depth) {
  const std::uint64_t size = read_varint();
  if (size == 0) return;
  const std::uint8_t types = read_byte();
  if (failed_ || size > bytes_.size() - at_) return fail();
  for (std::uint64_t i = 0; i < size && !failed_; ++i) {
    skip_element(static_cast<Type>(types >> 4), depth + 1);
    skip_element(static_cast<Type>(types & 0x0F), depth + 1);
  }
}

}  // namespace provender::parquet
