#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "provender/types.hpp"

namespace provender {

/// When a feature view is due to be materialized.
struct Cadence {
  enum class Kind : std::uint8_t {
    Manual,     ///< only when asked (the default)
    Streaming,  ///< by pushes and streams
    Every,      ///< whole multiples of `every` since 1970-01-01 UTC: 1h is on the hour
    Cron,       ///< a 5-field cron expression in UTC
  };
  Kind kind = Kind::Manual;
  Duration every{};
  std::string cron;

  friend bool operator==(const Cadence&, const Cadence&) = default;
};

/// Reads `manual`, `streaming`, `hourly`, `daily`, `weekly` (Monday midnight), a duration, or a
/// 5-field cron expression (numbers, names of months and days, `*`, lists, ranges, steps; if both
/// day fields are restricted, either matches).
Result<Cadence> parse_cadence(std::string_view text);

/// The text that parse_cadence reads back the same.
std::string format_cadence(const Cadence& cadence);

/// The first due time after `t`; nullopt if there is none (manual, streaming, a cron day that never
/// comes).
std::optional<Timestamp> next_due(const Cadence& cadence, Timestamp t);

}  // namespace provender
