#include "offline/conversion.hpp"

#include <string_view>

#include <fmt/format.h>

#include "offline/time_range.hpp"

namespace provender::offline {
namespace {

using Converted = std::optional<Conversion>;

/// Some of DuckDB's casts round (1.5 to 2), saturate or ignore a part of a text (the zone of a
/// TIMESTAMP) without a word: what a cast would lose is asked before it is used.
Conversion cast(const std::string& column, std::string_view type, std::string is_exact = {}) {
  return {.value = fmt::format("CAST({} AS {})", column, type), .is_exact = std::move(is_exact)};
}

Converted to_bool(const NativeType& from, const std::string& c) {
  if (from.kind == NativeKind::Bool) return Conversion{.value = c, .is_exact = {}};
  if (from.kind == NativeKind::Text) {
    return Conversion{.value = fmt::format("(lower({}) = 'true')", c),
                      .is_exact = fmt::format("lower({}) IN ('true', 'false')", c)};
  }
  return std::nullopt;
}

Converted to_integer(const NativeType& from, int bits, const std::string& c) {
  const std::string_view type = bits == 32 ? "INTEGER" : "BIGINT";
  const std::string_view least = bits == 32 ? "-2147483648" : "-9223372036854775808";
  const std::string_view most = bits == 32 ? "2147483647" : "9223372036854775807";
  switch (from.kind) {
    case NativeKind::Integer: {
      if (from.bits == bits && from.is_signed) return Conversion{.value = c, .is_exact = {}};
      if (from.bits < bits) return cast(c, type);
      return cast(c, type, fmt::format("{} BETWEEN {} AND {}", c, least, most));
    }
    case NativeKind::Decimal:
      if (from.scale != 0) return std::nullopt;
      return cast(c, type, fmt::format("TRY_CAST({} AS {}) IS NOT NULL", c, type));
    case NativeKind::Float:
    case NativeKind::Double:  // both bounds are doubles: -2^(bits-1) and 2^(bits-1)
      return cast(c,
                  type,
                  fmt::format("{0} = trunc({0}) AND {0} >= CAST({1} AS DOUBLE) AND "
                              "{0} < -CAST({1} AS DOUBLE)",
                              c,
                              least));
    case NativeKind::Text:
      return cast(c,
                  type,
                  fmt::format("regexp_full_match({0}, '[+-]?[0-9]+') AND "
                              "TRY_CAST({0} AS {1}) IS NOT NULL",
                              c,
                              type));
    default:
      return std::nullopt;
  }
}

Conversion text_to_float(std::string_view type, const std::string& c) {
  return cast(
      c,
      type,
      fmt::format(
          "CASE WHEN regexp_full_match({0}, '[+-]?(nan|inf|infinity)', 'i') THEN true "
          "WHEN regexp_full_match({0}, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?') "
          "THEN coalesce(isfinite(TRY_CAST({0} AS {1})), false) ELSE false END",
          c,
          type));
}

Converted to_float(const NativeType& from, Kind to, const std::string& c) {
  const bool single = to == Kind::Float32;
  const std::string_view type = single ? "FLOAT" : "DOUBLE";
  switch (from.kind) {
    case NativeKind::Float:
      return single ? Conversion{.value = c, .is_exact = {}} : cast(c, type);
    case NativeKind::Double:
      if (!single) return Conversion{.value = c, .is_exact = {}};
      return cast(
          c, type, fmt::format("isnan({0}) OR CAST(TRY_CAST({0} AS FLOAT) AS DOUBLE) = {0}", c));
    case NativeKind::Integer: {
      if (from.bits < 32 || (from.bits == 32 && !single)) return cast(c, type);
      // Compared as integers: comparing with the double would convert the integer first. The
      // largest values of all round up to 2^127 or 2^128, which no HUGEINT holds: not exact.
      return cast(
          c,
          type,
          fmt::format("TRY_CAST(CAST({0} AS {1}) AS HUGEINT) = TRY_CAST({0} AS HUGEINT)", c, type));
    }
    case NativeKind::Text:
      return text_to_float(type, c);
    default:
      return std::nullopt;
  }
}

Converted to_string_or_bytes(const NativeType& from, Kind to, const std::string& c) {
  if (to == Kind::String) {
    if (from.kind == NativeKind::Text) return Conversion{.value = c, .is_exact = {}};
    if (from.kind == NativeKind::Varchar) return cast(c, "VARCHAR");  // UUID and ENUM become text
    return std::nullopt;
  }
  if (from.kind == NativeKind::Blob) return Conversion{.value = c, .is_exact = {}};
  if (from.kind == NativeKind::Text) {
    return Conversion{.value = fmt::format("from_base64({})", c),
                      .is_exact = fmt::format(
                          "regexp_full_match({}, "
                          "'([A-Za-z0-9+/]{{4}})*([A-Za-z0-9+/]{{2}}==|[A-Za-z0-9+/]{{3}}=)?')",
                          c)};
  }
  return std::nullopt;
}

/// Microseconds of a text such as 2026-05-07, 2026-05-07 22:00[:00[.ffffff]], [Z|±hh:mm].
Conversion text_to_micros(const std::string& c) {
  // A cast to TIMESTAMP would ignore the zone, and both casts cut fractions at six digits. A zone
  // behind a time without seconds is not read, so that the seconds are put in.
  const std::string instant = fmt::format(
      R"(AS_TYPE(regexp_replace({}, '^(.{{10}}[ T].{{5}})(Z|[+-].{{5}})$', '\1:00\2') AS TIMESTAMPTZ))",
      c);
  const auto with = [&](std::string_view function) {
    return std::string(function) + instant.substr(std::string_view("AS_TYPE").size());
  };
  return {.value = fmt::format("epoch_us({})", with("CAST")),
          .is_exact = fmt::format("regexp_full_match({0}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([ "
                                  "T]([01][0-9]|2[0-3]):[0-5][0-9]"
                                  "(:[0-5][0-9]([.][0-9]{{1,6}}0*)?)?(Z|[+-][0-9]{{2}}:[0-9]{{2}})?"
                                  ")?') AND {1} IS NOT NULL",
                                  c,
                                  with("TRY_CAST"))};
}

Conversion integer_to_micros(TimestampUnit unit, const std::string& c) {
  const std::string wide = fmt::format("CAST({} AS HUGEINT)", c);
  const auto in_range = [](const std::string& micros) {
    return fmt::format("{} BETWEEN {} AND {}", micros, kLeastTime, kMostTime);
  };
  const auto scaled = [&](std::string_view factor) {
    const std::string micros = fmt::format("({} * {})", wide, factor);
    return Conversion{.value = fmt::format("CAST({} AS BIGINT)", micros),
                      .is_exact = in_range(micros)};
  };
  switch (unit) {
    case TimestampUnit::Seconds:
      return scaled("1000000");
    case TimestampUnit::Milliseconds:
      return scaled("1000");
    case TimestampUnit::Microseconds:
      return scaled("1");
    case TimestampUnit::Nanoseconds:
      break;
  }
  return {.value = fmt::format("CAST({} // 1000 AS BIGINT)", wide),
          .is_exact = fmt::format("{} % 1000 = 0", wide)};
}

}  // namespace

Converted convert_timestamp(const NativeType& from,
                            std::optional<TimestampUnit> unit,
                            const std::string& c) {
  if (from.is_list) return std::nullopt;
  const std::string micros = fmt::format("epoch_us({})", c);
  const std::string finite = fmt::format("isfinite({})", c);
  switch (from.kind) {
    case NativeKind::Null:
      return cast(c, "BIGINT");
    case NativeKind::Timestamp:
    case NativeKind::TimestampZoned:  // a file may hold what is none
      return Conversion{.value = micros,
                        .is_exact = fmt::format("{} AND {} >= {}", finite, micros, kLeastTime)};
    case NativeKind::TimestampMillis:
      return Conversion{.value = micros, .is_exact = finite};
    case NativeKind::TimestampSeconds:
    case NativeKind::Date:  // both reach further than a TIMESTAMP
      return Conversion{
          .value = micros,
          .is_exact = fmt::format("{} AND TRY_CAST({} AS TIMESTAMP) IS NOT NULL", finite, c)};
    case NativeKind::TimestampNanos:
      return Conversion{.value = micros,
                        .is_exact = fmt::format("{} AND epoch_ns({}) % 1000 = 0", finite, c)};
    case NativeKind::Integer:
      if (!unit || from.bits > 64) return std::nullopt;
      return integer_to_micros(*unit, c);
    case NativeKind::Text: {
      if (!unit) return text_to_micros(c);
      const Conversion number = *to_integer(from, 64, c);
      const std::string integer = fmt::format("TRY_CAST({} AS BIGINT)", c);
      Conversion out = integer_to_micros(*unit, integer);
      out.is_exact = fmt::format("{} AND {}", number.is_exact, out.is_exact);
      return out;
    }
    default:
      return std::nullopt;
  }
}

namespace {

Converted convert_scalar(const NativeType& from, Kind to, const std::string& c) {
  switch (to) {
    case Kind::Bool:
      return to_bool(from, c);
    case Kind::Int32:
      return to_integer(from, 32, c);
    case Kind::Int64:
      return to_integer(from, 64, c);
    case Kind::Float32:
    case Kind::Float64:
      return to_float(from, to, c);
    case Kind::String:
    case Kind::Bytes:
      return to_string_or_bytes(from, to, c);
    case Kind::Timestamp:
      break;
  }
  Converted micros = convert_timestamp(from, std::nullopt, c);
  if (!micros) return std::nullopt;
  if (from.kind == NativeKind::Timestamp) {
    micros->value = c;
  } else {
    micros->value = fmt::format("make_timestamp({})", micros->value);
  }
  return micros;
}

std::string_view sql_type(Kind kind) {
  switch (kind) {
    case Kind::Bool:
      return "BOOLEAN";
    case Kind::Int32:
      return "INTEGER";
    case Kind::Int64:
      return "BIGINT";
    case Kind::Float32:
      return "FLOAT";
    case Kind::Float64:
      return "DOUBLE";
    case Kind::String:
      return "VARCHAR";
    case Kind::Bytes:
      return "BLOB";
    case Kind::Timestamp:
      return "TIMESTAMP";
  }
  return "";
}

}  // namespace

std::string column_type(Type type) {
  return fmt::format("{}{}", sql_type(type.kind), type.is_list ? "[]" : "");
}

Converted convert(const NativeType& from, Type to, const std::string& column) {
  if (from.kind == NativeKind::Null) return cast(column, column_type(to));
  if (from.is_list != to.is_list) return std::nullopt;
  if (!to.is_list) return convert_scalar(from, to.kind, column);

  NativeType element = from;
  element.is_list = false;
  Converted out = convert_scalar(element, to.kind, "x");
  if (!out) return std::nullopt;
  // The cast makes a list of a fixed-size array too.
  out->value = fmt::format(
      "CAST(list_transform({}, lambda x: {}) AS {})", column, out->value, column_type(to));
  if (!out->is_exact.empty()) {
    out->is_exact =
        fmt::format("len(list_filter({}, lambda x: x IS NOT NULL AND NOT coalesce({}, false))) = 0",
                    column,
                    out->is_exact);
  }
  return out;
}

}  // namespace provender::offline
