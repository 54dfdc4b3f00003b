#include "wire/value_json.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/try.hpp"
#include "model/timestamp.hpp"

namespace provender::wire {
namespace {

using JsonKind = json::Value::Kind;

void write_scalar(json::Writer& out, const ValueView& value, Dialect dialect) {
  switch (value.type().kind) {
    case Kind::Bool:
      return out.boolean(value.get<bool>());
    case Kind::Int32:
      return out.integer(value.get<std::int32_t>());
    case Kind::Int64:
      return out.integer(value.get<std::int64_t>());
    case Kind::Float32:
      if (dialect == Dialect::Feast) return out.number(static_cast<double>(value.get<float>()));
      return out.number(value.get<float>());
    case Kind::Float64:
      return out.number(value.get<double>());
    case Kind::String:
      return out.string(value.get<std::string_view>());
    case Kind::Bytes:
      out.quoted([&](std::string& text) { append_base64(text, value.get<std::string_view>()); });
      return;
    case Kind::Timestamp:
      if (dialect == Dialect::Provender) {
        out.quoted([&](std::string& text) {
          append_timestamp(text, value.get<Timestamp>(), /*always_fraction=*/true);
        });
        return;
      }
      return out.integer(std::chrono::floor<std::chrono::seconds>(value.get<Timestamp>())
                             .time_since_epoch()
                             .count());
  }
}

std::string_view name_of(json::Value::Kind kind) {
  using enum json::Value::Kind;
  switch (kind) {
    case Null:
      return "null";
    case Bool:
      return "a bool";
    case Int:
    case UInt:
      return "an integer";
    case Double:
      return "a number with a fraction or exponent";
    case String:
      return "text";
    case Array:
      return "a list";
    case Object:
      return "an object";
  }
  return "something else";
}

std::string_view expected_for(Kind kind) {
  switch (kind) {
    case Kind::Bool:
      return "true or false";
    case Kind::Int32:
      return "an integer of 32 bits";
    case Kind::Int64:
      return "an integer of 64 bits";
    case Kind::Bytes:
      return "base64 text";
    case Kind::Timestamp:
      return "RFC 3339 text such as \"2026-05-07T22:00:00Z\"";
    default:
      return "text";
  }
}

Error mismatch(const json::Value& found, Type type) {
  return {ErrorCode::InvalidArgument,
          fmt::format("found {}, expected {} ({})",
                      name_of(found.kind()),
                      expected_for(type.kind),
                      to_string(type))};
}

Error does_not_fit(auto number, Type type) {
  return {ErrorCode::InvalidArgument,
          fmt::format("{} does not fit {} ({})", number, expected_for(type.kind), to_string(type))};
}

Result<ValueView> read_integer(std::int64_t number, Type type) {
  if (type.kind == Kind::Int64) return ValueView(number);
  if (!std::in_range<std::int32_t>(number)) return does_not_fit(number, type);
  return ValueView(static_cast<std::int32_t>(number));
}

}  // namespace

bool has_json_form(const ValueView& value) {
  if (value.is_null()) return true;
  if (value.type().is_list) {
    if (value.type().kind != Kind::Float32 && value.type().kind != Kind::Float64) return true;
    const auto& list = value.get<ListView>();
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      if (!has_json_form(ValueView::element(list, i))) return false;
    }
    return true;
  }
  if (value.type().kind == Kind::Float32) return std::isfinite(value.get<float>());
  return value.type().kind != Kind::Float64 || std::isfinite(value.get<double>());
}

void write_value(json::Writer& out, const ValueView& value, Dialect dialect) {
  if (value.is_null()) return out.null();
  if (!value.type().is_list) return write_scalar(out, value, dialect);
  const auto& list = value.get<ListView>();
  out.begin_array();
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    write_value(out, ValueView::element(list, i), dialect);
  }
  out.end_array();
}

Result<ValueView> read_key(const json::Value& value, Type type, std::string& decoded) {
  if (type.kind == Kind::Bool) {
    if (!value.is(JsonKind::Bool)) return mismatch(value, type);
    return ValueView(value.as_bool());
  }
  const bool is_integer = type.kind == Kind::Int32 || type.kind == Kind::Int64;
  if (is_integer && value.is(JsonKind::Int)) return read_integer(value.as_int(), type);
  if (is_integer && value.is(JsonKind::UInt)) return does_not_fit(value.as_uint(), type);
  if (!value.is(JsonKind::String)) return mismatch(value, type);
  const std::string_view text = value.as_string();
  if (type.kind == Kind::String) return ValueView(Kind::String, text);
  if (type.kind == Kind::Bytes) {
    const std::size_t at = decoded.size();
    if (append_base64_decoded(decoded, text)) {
      return ValueView(Kind::Bytes, std::string_view(decoded).substr(at));
    }
  }
  PROVENDER_ASSIGN(const Value read, parse_value(text, type));
  return to_view(read, type);
}

}  // namespace provender::wire
