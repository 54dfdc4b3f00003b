#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "provender/types.hpp"

namespace provender {

/// A 5-field cron expression: bit n of a field is set where n matches.
struct Cron {
  std::uint64_t minutes = 0;
  std::uint64_t hours = 0;
  std::uint64_t days_of_month = 0;
  std::uint64_t months = 0;
  std::uint64_t days_of_week = 0;  ///< 0 is Sunday
  /// Both day fields restrict (do not begin with `*`): a day matches if either does, as crontab(5)
  /// has it.
  bool either_day = false;
  std::string text;  ///< with single spaces
};

/// Reads minute, hour, day of month, month and day of week: numbers, names of months and days (any
/// case), `*`, lists, ranges, steps of `*` or a range. An expression that never matches is an
/// error.
Result<Cron> parse_cron(std::string_view text);

/// The first matching minute after `t`. Times before year 1 count as year 1; nullopt after year
/// 9999.
std::optional<Timestamp> next_match(const Cron& cron, Timestamp t);

}  // namespace provender
