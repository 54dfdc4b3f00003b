#include "codec/key_codec.hpp"

#include <bit>
#include <optional>
#include <type_traits>

#include <fmt/format.h>

#include "base/endian.hpp"
#include "base/try.hpp"

namespace provender::codec {
namespace {

constexpr char kEscape = '\0';  // in text, 0x00 is written as 0x00 0xFF
constexpr char kEscapedZero =
    '\xFF';  // and text ends with 0x00 0x00, which sorts below any 0x00 0xFF
constexpr char kEnd = '\0';

/// Big-endian with the sign bit flipped: the bytes order like the numbers.
template <class Signed>
void append_ordered(std::string& out, Signed value) {
  using Unsigned = std::make_unsigned_t<Signed>;
  constexpr auto kSign = static_cast<Unsigned>(Unsigned{1} << (sizeof(Unsigned) * 8 - 1));
  const std::size_t at = out.size();
  out.resize(at + sizeof value);
  store_be(out.data() + at, static_cast<Unsigned>(std::bit_cast<Unsigned>(value) ^ kSign));
}

void append_text(std::string& out, std::string_view text) {
  for (std::size_t zero = text.find('\0'); zero != std::string_view::npos; zero = text.find('\0')) {
    out.append(text.substr(0, zero + 1)).push_back(kEscapedZero);
    text.remove_prefix(zero + 1);
  }
  out.append(text).push_back(kEscape);
  out.push_back(kEnd);
}

/// Takes the parts of a key off its front, one by one. Each reader is nullopt where the bytes are
/// no such part.
class KeyReader {
 public:
  explicit KeyReader(std::string_view key) : rest_(key) {}

  bool at_end() const { return rest_.empty(); }

  std::optional<Value> read(Kind kind) {
    switch (kind) {
      case Kind::Bool:
        return read_bool();
      case Kind::Int32:
        return wrap(read_ordered<std::int32_t>());
      case Kind::Int64:
        return wrap(read_ordered<std::int64_t>());
      case Kind::Timestamp:
        return read_timestamp();
      case Kind::String:
        return wrap(read_text());
      case Kind::Bytes:
        return read_bytes();
      case Kind::Float32:
      case Kind::Float64:
        return std::nullopt;
    }
    return std::nullopt;
  }

 private:
  template <class T>
  static std::optional<Value> wrap(std::optional<T> value) {
    if (!value) return std::nullopt;
    return Value{.storage = *std::move(value)};
  }

  std::optional<Value> read_bool() {
    if (rest_.empty() || static_cast<unsigned char>(rest_.front()) > 1) return std::nullopt;
    const bool value = rest_.front() != 0;
    rest_.remove_prefix(1);
    return Value{.storage = value};
  }

  template <class Signed>
  std::optional<Signed> read_ordered() {
    using Unsigned = std::make_unsigned_t<Signed>;
    constexpr auto kSign = static_cast<Unsigned>(Unsigned{1} << (sizeof(Unsigned) * 8 - 1));
    if (rest_.size() < sizeof(Signed)) return std::nullopt;
    const auto bits = load_be<Unsigned>(rest_.data());
    rest_.remove_prefix(sizeof(Signed));
    return std::bit_cast<Signed>(static_cast<Unsigned>(bits ^ kSign));
  }

  std::optional<Value> read_timestamp() {
    const auto micros = read_ordered<std::int64_t>();
    if (!micros) return std::nullopt;
    return Value{.storage = Timestamp{Duration{*micros}}};
  }

  std::optional<std::string> read_text() {
    std::string text;
    for (;;) {
      const std::size_t zero = rest_.find(kEscape);
      if (zero == std::string_view::npos || zero + 1 == rest_.size()) return std::nullopt;
      const char next = rest_[zero + 1];
      if (next != kEnd && next != kEscapedZero) return std::nullopt;
      text.append(rest_.substr(0, zero + (next == kEscapedZero ? 1 : 0)));
      rest_.remove_prefix(zero + 2);
      if (next == kEnd) return text;
    }
  }

  std::optional<Value> read_bytes() {
    auto text = read_text();
    if (!text) return std::nullopt;
    return Value{.storage = Bytes{*std::move(text)}};
  }

  std::string_view rest_;
};

}  // namespace

void append_key_part(std::string& out, const ValueView& part) {
  switch (part.type().kind) {
    case Kind::Bool:
      out.push_back(part.get<bool>() ? '\1' : '\0');
      break;
    case Kind::Int32:
      append_ordered(out, part.get<std::int32_t>());
      break;
    case Kind::Int64:
      append_ordered(out, part.get<std::int64_t>());
      break;
    case Kind::Timestamp:
      append_ordered(out, std::int64_t{part.get<Timestamp>().time_since_epoch().count()});
      break;
    case Kind::String:
    case Kind::Bytes:
      append_text(out, part.get<std::string_view>());
      break;
    case Kind::Float32:
    case Kind::Float64:
      break;  // excluded by the precondition
  }
}

Result<std::string> encode_key(std::span<const ValueView> parts) {
  std::string key;
  for (const ValueView& part : parts) {
    if (!is_key_type(part.type())) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("an entity key cannot hold a {}; keys are bool, int32, int64, "
                               "string, bytes or timestamp",
                               to_string(part.type())));
    }
    if (part.is_null()) return Error(ErrorCode::InvalidArgument, "an entity key has no null parts");
    append_key_part(key, part);
  }
  if (key.empty()) return Error(ErrorCode::InvalidArgument, "an entity key has at least one part");
  if (key.size() > kMaxKeySize) {
    return Error(
        ErrorCode::InvalidArgument,
        fmt::format("the entity key takes {} bytes encoded, more than the {} allowed: shorten its "
                    "text, or use a hash of it",
                    key.size(),
                    kMaxKeySize));
  }
  return key;
}

Result<std::vector<Value>> decode_key(std::string_view key, std::span<const Type> types) {
  KeyReader reader(key);
  std::vector<Value> parts;
  parts.reserve(types.size());
  for (const Type type : types) {
    auto part = type.is_list ? std::nullopt : reader.read(type.kind);
    if (!part) {
      return Error(ErrorCode::Corruption,
                   fmt::format("part {} of the {} bytes of an entity key is no {}",
                               parts.size() + 1,
                               key.size(),
                               to_string(type)));
    }
    parts.push_back(*std::move(part));
  }
  if (!reader.at_end()) {
    return Error(
        ErrorCode::Corruption,
        fmt::format(
            "an entity key of {} bytes is longer than its {} parts", key.size(), types.size()));
  }
  return parts;
}

}  // namespace provender::codec
