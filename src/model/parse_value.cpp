// Values from text, exactly: what is read is written back as the same text, but for the forms of
// floats and timestamps.

#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "provender/value.hpp"

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

}  // namespace

Result<Value> parse_value(std::string_view text, Type type) {
  if (type.is_list) {
    return Error(ErrorCode::Unimplemented,
                 fmt::format("values of type {} cannot be read from text", to_string(type)));
  }
  return parse_scalar(text, type);
}

}  // namespace provender
