// Values from text, exactly: what is read is written back as the same text, but for the forms of
// floats and timestamps.

#include <charconv>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "provender/value.hpp"

#include "base/json/reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace provender {
namespace {

Error not_a_value(std::string_view text, Type type, std::string_view expected) {
  return {
      ErrorCode::InvalidArgument,
      fmt::format("'{}' is not a value of type {}: expected {}", text, to_string(type), expected)};
}

bool is_canonical_integer(std::string_view text) {
  if (text.starts_with('-')) return text.size() > 1 && text[1] != '0';
  return text == "0" || !text.starts_with('0');
}

template <class Int>
Result<Value> parse_integer(std::string_view text, Type type) {
  Int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && is_canonical_integer(text)) {
    return Value{number};
  }
  return not_a_value(
      text,
      type,
      fmt::format("a whole number from {} to {}, without leading zeros, sign + or spaces",
                  std::numeric_limits<Int>::min(),
                  std::numeric_limits<Int>::max()));
}

/// std::from_chars would take "infinity" and "nan(x)" too.
bool is_number_or_named(std::string_view text) {
  if (text == "nan" || text == "inf" || text == "-inf") return true;
  return text.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
}

template <class Float>
Result<Value> parse_float(std::string_view text, Type type) {
  Float number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && is_number_or_named(text)) {
    return Value{number};
  }
  return not_a_value(text, type, "a number such as 5, 0.25 or 1e-3 in its range, nan, inf or -inf");
}

Result<Value> parse_bool(std::string_view text, Type type) {
  if (text == "true") return Value{true};
  if (text == "false") return Value{false};
  return not_a_value(text, type, "true or false");
}

Result<Value> parse_string(std::string_view text, Type type) {
  if (is_utf8(text)) return Value{std::string(text)};
  return not_a_value(text, type, "UTF-8 text");
}

Result<Value> parse_bytes(std::string_view text, Type type) {
  if (auto bytes = base64_decode(text)) return Value{Bytes{*std::move(bytes)}};
  return not_a_value(text, type, "base64 with padding");
}

Result<Value> parse_scalar(std::string_view text, Type type) {
  switch (type.kind) {
    case Kind::Bool:
      return parse_bool(text, type);
    case Kind::Int32:
      return parse_integer<std::int32_t>(text, type);
    case Kind::Int64:
      return parse_integer<std::int64_t>(text, type);
    case Kind::Float32:
      return parse_float<float>(text, type);
    case Kind::Float64:
      return parse_float<double>(text, type);
    case Kind::String:
      return parse_string(text, type);
    case Kind::Bytes:
      return parse_bytes(text, type);
    case Kind::Timestamp: {
      PROVENDER_ASSIGN(const Timestamp time, parse_timestamp(text));
      return Value{time};
    }
  }
  return Error(ErrorCode::Internal, "unknown type");
}

/// An element of a list, which is written as JSON.
Result<Value> parse_element(const json::Value& element, Type type) {
  using Json = json::Value::Kind;
  const bool is_text = is_variable_length(type.kind) || type.kind == Kind::Timestamp;
  switch (element.kind()) {
    case Json::Null:
      return Value{};
    case Json::String:
      if (is_text) return parse_scalar(element.as_string(), type);
      break;
    case Json::Bool:
      if (type.kind == Kind::Bool) return Value{element.as_bool()};
      break;
    case Json::Int:
      if (!is_text) return parse_scalar(fmt::format("{}", element.as_int()), type);
      break;
    case Json::Double: {
      std::string number;
      append_number(number, element.as_double());
      if (!is_text) return parse_scalar(number, type);
      break;
    }
    default:
      break;
  }
  return Error(ErrorCode::InvalidArgument,
               fmt::format("expected elements of type {}", to_string(type)));
}

Result<Value> parse_list(std::string_view text, Type type) {
  json::Parser parser;
  const auto array = parser.parse(text);
  if (!array || !array->is(json::Value::Kind::Array)) {
    return not_a_value(text, type, R"(a JSON array such as [1.5, null] or ["a", "b"])");
  }
  ValueList elements;
  std::optional<Error> failure;
  array->for_each_element([&](json::Value element) {
    auto value = parse_element(element, Type{type.kind});
    if (value) {
      elements.push_back(*std::move(value));
    } else if (!failure) {
      failure = std::move(value).error().within(
          fmt::format("element {} of a {}", elements.size(), to_string(type)));
    }
  });
  if (failure) return *std::move(failure);
  return Value{std::move(elements)};
}

}  // namespace

Result<Value> parse_value(std::string_view text, Type type) {
  return type.is_list ? parse_list(text, type) : parse_scalar(text, type);
}

}  // namespace provender
