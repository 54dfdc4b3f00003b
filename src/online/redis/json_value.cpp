#include "online/redis/json_value.hpp"

#include <cmath>
#include <limits>

#include "base/json/writer.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace provender::online::redis {
namespace {

template <class Number>
void write_float(json::Writer& out, Number number) {
  if (std::isnan(number)) return out.string("NaN");
  if (std::isinf(number)) return out.string(number > 0 ? "Infinity" : "-Infinity");
  out.number(number);
}

void write(json::Writer& out, const ValueView& value) {
  if (value.is_null()) return out.null();
  if (value.type().is_list) {
    const auto& list = value.get<ListView>();
    out.begin_array();
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      write(out, ValueView::element(list, i));
    }
    return out.end_array();
  }
  switch (value.type().kind) {
    case Kind::Bool:
      return out.boolean(value.get<bool>());
    case Kind::Int32:
      return out.integer(value.get<std::int32_t>());
    case Kind::Int64:
      return out.integer(value.get<std::int64_t>());
    case Kind::Float32:
      return write_float(out, value.get<float>());
    case Kind::Float64:
      return write_float(out, value.get<double>());
    case Kind::String:
      return out.string(value.get<std::string_view>());
    case Kind::Bytes:
      return out.string(base64_encode(value.get<std::string_view>()));
    case Kind::Timestamp:
      return out.string(format_timestamp(value.get<Timestamp>(), /*always_fraction=*/true));
  }
}

Error mismatch(Type type) {
  return {ErrorCode::Corruption, "a JSON value in Redis is no " + to_string(type)};
}

std::optional<double> read_float(const json::Value& json) {
  using JsonKind = json::Value::Kind;
  switch (json.kind()) {
    case JsonKind::Double:
      return json.as_double();
    case JsonKind::Int:
      return static_cast<double>(json.as_int());
    case JsonKind::UInt:
      return static_cast<double>(json.as_uint());
    case JsonKind::String:
      if (json.as_string() == "NaN") return std::numeric_limits<double>::quiet_NaN();
      if (json.as_string() == "Infinity") return std::numeric_limits<double>::infinity();
      if (json.as_string() == "-Infinity") return -std::numeric_limits<double>::infinity();
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

Result<Value> read_number(const json::Value& json, Type type) {
  using JsonKind = json::Value::Kind;
  if (type.kind == Kind::Float32 || type.kind == Kind::Float64) {
    const auto number = read_float(json);
    if (!number) return mismatch(type);
    return type.kind == Kind::Float64 ? Value{*number} : Value{static_cast<float>(*number)};
  }
  if (!json.is(JsonKind::Int)) return mismatch(type);
  const std::int64_t number = json.as_int();
  if (type.kind == Kind::Int64) return Value{number};
  if (number != static_cast<std::int32_t>(number)) return mismatch(type);
  return Value{static_cast<std::int32_t>(number)};
}

Result<Value> read_text(const json::Value& json, Type type) {
  if (!json.is(json::Value::Kind::String)) return mismatch(type);
  const std::string_view text = json.as_string();
  if (type.kind == Kind::String) return Value{std::string(text)};
  if (type.kind == Kind::Bytes) {
    auto bytes = base64_decode(text);
    if (!bytes) return mismatch(type);
    return Value{Bytes{*std::move(bytes)}};
  }
  auto time = parse_timestamp(text);
  if (!time) return mismatch(type);
  return Value{*time};
}

}  // namespace

void append_json(std::string& out, const ValueView& value) {
  json::Writer writer(out);
  write(writer, value);
}

Result<Value> read_json(const json::Value& json, Type type) {
  using JsonKind = json::Value::Kind;
  if (json.is(JsonKind::Null)) return Value{};
  if (type.is_list) {
    if (!json.is(JsonKind::Array)) return mismatch(type);
    ValueList list;
    std::optional<Error> failure;
    json.for_each_element([&](const json::Value& element) {
      auto value = read_json(element, Type{type.kind});
      if (value) {
        list.push_back(*std::move(value));
      } else if (!failure) {
        failure = std::move(value).error();
      }
    });
    if (failure) return *failure;
    return Value{std::move(list)};
  }
  switch (type.kind) {
    case Kind::Bool:
      if (!json.is(JsonKind::Bool)) return mismatch(type);
      return Value{json.as_bool()};
    case Kind::Int32:
    case Kind::Int64:
    case Kind::Float32:
    case Kind::Float64:
      return read_number(json, type);
    default:
      return read_text(json, type);
  }
}

}  // namespace provender::online::redis
