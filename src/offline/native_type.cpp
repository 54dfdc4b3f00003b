#include "offline/native_type.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace provender::offline {
namespace {

struct Named {
  std::string_view name;
  NativeType type;
};

constexpr NativeType integer(int bits) {
  return {.kind = NativeKind::Integer, .bits = bits, .is_signed = true};
}

constexpr NativeType natural(int bits) {
  return {.kind = NativeKind::Integer, .bits = bits, .is_signed = false};
}

constexpr std::array kNamed = {
    Named{"NULL", {.kind = NativeKind::Null}},
    Named{"\"NULL\"", {.kind = NativeKind::Null}},
    Named{"BOOLEAN", {.kind = NativeKind::Bool}},
    Named{"TINYINT", integer(8)},
    Named{"SMALLINT", integer(16)},
    Named{"INTEGER", integer(32)},
    Named{"BIGINT", integer(64)},
    Named{"HUGEINT", integer(128)},
    Named{"UTINYINT", natural(8)},
    Named{"USMALLINT", natural(16)},
    Named{"UINTEGER", natural(32)},
    Named{"UBIGINT", natural(64)},
    Named{"UHUGEINT", natural(128)},
    Named{"FLOAT", {.kind = NativeKind::Float}},
    Named{"DOUBLE", {.kind = NativeKind::Double}},
    Named{"VARCHAR", {.kind = NativeKind::Varchar}},
    Named{"UUID", {.kind = NativeKind::Varchar}},
    Named{kTextColumn, {.kind = NativeKind::Text}},
    Named{"BLOB", {.kind = NativeKind::Blob}},
    Named{"TIMESTAMP", {.kind = NativeKind::Timestamp}},
    Named{"TIMESTAMP_S", {.kind = NativeKind::TimestampSeconds}},
    Named{"TIMESTAMP_MS", {.kind = NativeKind::TimestampMillis}},
    Named{"TIMESTAMP_NS", {.kind = NativeKind::TimestampNanos}},
    Named{"TIMESTAMP WITH TIME ZONE", {.kind = NativeKind::TimestampZoned}},
    Named{"DATE", {.kind = NativeKind::Date}},
};

/// The scale of "DECIMAL(18,3)".
NativeType decimal(std::string_view name) {
  NativeType out{.kind = NativeKind::Decimal};
  const std::size_t comma = name.find(',');
  if (comma != std::string_view::npos) {
    std::from_chars(name.data() + comma + 1, name.data() + name.size(), out.scale);
  }
  return out;
}

/// "FLOAT[]" and "FLOAT[3]" without their brackets; "" if `name` is no list.
std::string_view element_name(std::string_view name) {
  if (!name.ends_with(']')) return {};
  return name.substr(0, name.rfind('['));
}

}  // namespace

NativeType parse_native_type(std::string_view name) {
  if (const std::string_view element = element_name(name); !element.empty()) {
    NativeType out = parse_native_type(element);
    if (out.is_list) return {};  // no feature is a list of lists
    out.is_list = true;
    return out;
  }
  if (const auto* found = std::ranges::find(kNamed, name, &Named::name); found != kNamed.end()) {
    return found->type;
  }
  if (name.starts_with("DECIMAL(")) return decimal(name);
  if (name.starts_with("ENUM(")) return {.kind = NativeKind::Varchar};
  return {};
}

std::optional<Type> lossless_type(const NativeType& native) {
  const auto of = [&](Kind kind) { return Type{.kind = kind, .is_list = native.is_list}; };
  switch (native.kind) {
    case NativeKind::Bool:
      return of(Kind::Bool);
    case NativeKind::Integer:
      if (native.bits < 32 || (native.bits == 32 && native.is_signed)) return of(Kind::Int32);
      if (native.bits < 64 || (native.bits == 64 && native.is_signed)) return of(Kind::Int64);
      return std::nullopt;
    case NativeKind::Float:
      return of(Kind::Float32);
    case NativeKind::Double:
      return of(Kind::Float64);
    case NativeKind::Varchar:
    case NativeKind::Text:
      return of(Kind::String);
    case NativeKind::Blob:
      return of(Kind::Bytes);
    case NativeKind::Timestamp:
    case NativeKind::TimestampSeconds:
    case NativeKind::TimestampMillis:
    case NativeKind::TimestampZoned:
    case NativeKind::Date:
      return of(Kind::Timestamp);
    default:
      return std::nullopt;
  }
}

}  // namespace provender::offline
