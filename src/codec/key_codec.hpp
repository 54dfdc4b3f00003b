#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "provender/value.hpp"

#include "model/key_size.hpp"

/// Entity keys as bytes that memcmp orders like the tuples of their values
/// (docs/format/entity_key.md): part behind part, each self-delimiting, so that (1,11) ≠ (11,1) and
/// ("a","bc") ≠ ("ab","c").
///   bool       1 byte, 0 or 1
///   int32      4 bytes big-endian, sign bit flipped
///   int64      8 bytes big-endian, sign bit flipped; timestamp the same, in microseconds
///   string     the bytes, 0x00 written as 0x00 0xFF, ended by 0x00 0x00; bytes the same
namespace provender::codec {

/// Appends one part. `part` is not null and of a key type.
void append_key_part(std::string& out, const ValueView& part);

/// The key of a tuple of values in canonical order of the join keys. InvalidArgument above
/// kMaxKeySize bytes.
Result<std::string> encode_key(std::span<const ValueView> parts);

/// The tuple that encode_key was given. Corruption if `key` is not such a key of these types.
Result<std::vector<Value>> decode_key(std::string_view key, std::span<const Type> types);

}  // namespace provender::codec
