#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "provender/value.hpp"

#include "base/json/writer.hpp"

/// Members and values of the command line's JSON (docs/reference/cli.md).
namespace provender::cli {

void field(json::Writer& writer, std::string_view name, std::string_view value);
void field(json::Writer& writer, std::string_view name, const std::vector<std::string>& values);
void field(json::Writer& writer,
           std::string_view name,
           const std::map<std::string, std::string>& values);
/// RFC 3339 with microseconds; null where there is none.
void field(json::Writer& writer, std::string_view name, const std::optional<Timestamp>& time);

void field(json::Writer& writer, std::string_view name, std::same_as<bool> auto value) {
  writer.key(name);
  writer.boolean(value);
}
void field(json::Writer& writer, std::string_view name, std::unsigned_integral auto value)
  requires(!std::same_as<decltype(value), bool>)
{
  writer.key(name);
  writer.integer(static_cast<std::int64_t>(value));
}

/// A value of `type` as HTTP replies write it; lists may stand for themselves here.
void write_value(json::Writer& writer, const Value& value, Type type);

/// Whether write_value can carry `value`: no NaN, no infinity.
bool fits_json(const Value& value, Type type);

/// A value for people: as to_text writes it, lists too.
std::string value_text(const Value& value, Type type);

}  // namespace provender::cli
