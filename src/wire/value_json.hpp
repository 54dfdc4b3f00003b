#pragma once

#include <string>
#include <string_view>

#include "provender/value.hpp"

#include "base/json/reader.hpp"
#include "base/json/writer.hpp"

namespace provender::wire {

/// In which dialect a value is written.
enum class Dialect : unsigned char {
  Provender,  ///< float32 in its shortest form; timestamps RFC 3339 with microseconds and `Z`
  Feast,      ///< float32 as the double that it is; timestamps as whole epoch seconds
};

/// Whether JSON has a form for the value: not for NaN and the infinities, alone or in a list.
bool has_json_form(const ValueView& value);

/// Writes a value that has a JSON form, or null. Bytes are base64.
void write_value(json::Writer& out, const ValueView& value, Dialect dialect);

/// Reads a join key: a JSON integer or its canonical decimal text for integers, true or false for
/// bool, text for strings, base64 for bytes, RFC 3339 for timestamps; nothing is coerced.
/// InvalidArgument says what was found and expected. The key of bytes points behind what is in
/// `decoded`, which must have room for it.
Result<ValueView> read_key(const json::Value& value, Type type, std::string& decoded);

}  // namespace provender::wire
