#pragma once

#include <string>
#include <string_view>

#include "provender/value.hpp"

#include "base/json/reader.hpp"

/// Values as the JSON of docs/format/redis.md: every value of every type, and back.
namespace provender::online::redis {

/// Appends the value: a number, text, true, false, null or an array of them. NaN and the infinities
/// are the texts "NaN", "Infinity" and "-Infinity"; bytes are base64, timestamps RFC 3339.
void append_json(std::string& out, const ValueView& value);

/// The value that append_json wrote. Corruption if it is none of `type`.
Result<Value> read_json(const json::Value& json, Type type);

}  // namespace provender::online::redis
