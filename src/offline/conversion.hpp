#pragma once

#include <optional>
#include <string>

#include "model/definitions.hpp"
#include "offline/native_type.hpp"

namespace provender::offline {

/// How the values of a column become those of a feature, key or timestamp, as SQL.
struct Conversion {
  std::string value;  ///< the converted value; null stays null
  /// Whether a value that is not null converts without loss (never throws; null counts as no);
  /// empty: every value does.
  std::string is_exact;
};

/// The SQL type that holds values of `type`.
std::string column_type(Type type);

/// Converts the SQL expression `column` to column_type(to). nullopt: these types never fit.
std::optional<Conversion> convert(const NativeType& from, Type to, const std::string& column);

/// Converts an event or created timestamp to BIGINT microseconds. `unit` is that of integers.
std::optional<Conversion> convert_timestamp(const NativeType& from,
                                            std::optional<TimestampUnit> unit,
                                            const std::string& column);

}  // namespace provender::offline
