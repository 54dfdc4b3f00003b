#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "provender/export.hpp"
#include "provender/result.hpp"

namespace provender {

/// The kind of one value, or of the elements of a list. The numbers are stored: never reuse one.
enum class Kind : std::uint8_t {
  Bool = 1,
  Int32 = 2,
  Int64 = 3,
  Float32 = 4,
  Float64 = 5,
  String = 6,  ///< UTF-8
  Bytes = 7,
  Timestamp = 8,  ///< see provender::Timestamp
};

/// The only clock inside: UTC in whole microseconds since 1970-01-01.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

/// The type of a feature or key: a kind, or a list of it.
struct Type {
  Kind kind = Kind::Bool;
  bool is_list = false;

  friend bool operator==(Type, Type) = default;
};

/// "int64", "list<float32>", …: the spelling of definitions, CLI and HTTP.
PROVENDER_EXPORT std::string to_string(Type type);

/// Reads a type's name; `int`, `float` and `str` are aliases of int64, float64 and string.
PROVENDER_EXPORT Result<Type> parse_type(std::string_view text);

/// Whether values of this kind have a size that depends on the value.
constexpr bool is_variable_length(Kind kind) {
  return kind == Kind::String || kind == Kind::Bytes;
}

/// Whether a join key may have this type: bool, integers, string, bytes, timestamp; no lists.
constexpr bool is_key_type(Type type) {
  return !type.is_list && type.kind != Kind::Float32 && type.kind != Kind::Float64;
}

/// What is known of one value in a reply (docs/reference/glossary.md).
enum class Status : std::uint8_t {
  Present,
  NullValue,      ///< the row exists, the value in it is null
  NotFound,       ///< no row, or the feature is younger than the row
  OutsideMaxAge,  ///< the newest row is older than the view's ttl; the value given is null
  Invalid,        ///< an unreadable row, or a value that the reply's format cannot carry
};

/// "PRESENT", "NULL_VALUE", "NOT_FOUND", "OUTSIDE_MAX_AGE", "INVALID".
PROVENDER_EXPORT std::string_view to_string(Status status) noexcept;

/// RFC 3339 in UTC with `Z`: 2026-05-07T22:00:00Z. A fraction of exactly 6 digits when
/// `always_fraction`, else of 0, 3 or 6 as needed. Years outside 0000..9999 have a sign, as ISO
/// 8601 expands them: +10000-01-01T00:00:00Z.
PROVENDER_EXPORT std::string format_timestamp(Timestamp time, bool always_fraction = false);

/// Reads `2026-05-07`, `2026-05-07 22:00[:00[.ffffff]]` with ` ` or `T`, and then optional `Z` or
/// `±hh:mm`. Without a zone it is UTC. More than six fraction digits are taken only if the rest is
/// zero.
PROVENDER_EXPORT Result<Timestamp> parse_timestamp(std::string_view text);

/// Reads a duration such as `250ms`, `15m`, `30d` or `1h30m`: units us ms s m h d w (a day is 24
/// h), above zero.
PROVENDER_EXPORT Result<Duration> parse_duration(std::string_view text);

/// The usual text that parse_duration reads back as the same duration, largest unit first and no
/// larger one than days: `30d`, `1h30m`, `250ms`.
PROVENDER_EXPORT std::string format_duration(Duration duration);

/// `t - duration`, or the smallest (for a negative duration, greatest) time where that would
/// overflow.
PROVENDER_EXPORT Timestamp minus_saturating(Timestamp t, Duration duration) noexcept;

}  // namespace provender
