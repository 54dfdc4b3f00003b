#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "provender/types.hpp"

namespace provender::offline {

/// What a column of a source is, as far as its conversion goes.
enum class NativeKind : std::uint8_t {
  Null,  ///< a SQL column that is NULL and nothing else
  Bool,
  Integer,  ///< of `bits`, `is_signed`
  Decimal,  ///< of `scale`; one of scale 0 is an integer that may be wide
  Float,
  Double,
  Varchar,  ///< text that means text
  Text,     ///< text that is parsed: CSV and hive partitions, which have no types
  Blob,
  Timestamp,
  TimestampSeconds,
  TimestampMillis,
  TimestampNanos,
  TimestampZoned,
  Date,
  Other,  ///< no feature can come from it
};

struct NativeType {
  NativeKind kind = NativeKind::Other;
  bool is_list = false;
  int bits = 0;
  bool is_signed = true;
  int scale = 0;
};

/// How a text column of CSV files and hive partitions is called in SourceColumn::native_type.
inline constexpr std::string_view kTextColumn = "TEXT";

/// Reads a type as DuckDB names it: "BIGINT", "DECIMAL(18,3)", "FLOAT[3]", "VARCHAR[]", …
NativeType parse_native_type(std::string_view name);

/// The type of a feature or key that every value of the column has without loss; nullopt: none has.
std::optional<Type> lossless_type(const NativeType& native);

}  // namespace provender::offline
