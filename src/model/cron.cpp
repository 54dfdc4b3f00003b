#include "model/cron.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "base/try.hpp"

namespace provender {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;
using std::chrono::year_month_day;

struct Field {
  std::string_view name;
  int min;
  int max;
  std::span<const std::string_view> names;  ///< of min, min + 1, …
};

constexpr std::array<std::string_view, 12> kMonths{
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

constexpr std::array<Field, 5> kFields{Field{"minute", 0, 59, {}},
                                       Field{"hour", 0, 23, {}},
                                       Field{"day of month", 1, 31, {}},
                                       Field{"month", 1, 12, kMonths},
                                       Field{"day of week", 0, 7, kDays}};

constexpr std::uint64_t bit(unsigned index) {
  return std::uint64_t{1} << index;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0;;) {
    const auto end = text.find(separator, at);
    parts.push_back(text.substr(at, end - at));
    if (end == std::string_view::npos) return parts;
    at = end + 1;
  }
}

std::vector<std::string_view> words_of(std::string_view text) {
  auto words = split(text, ' ');
  std::erase(words, "");
  return words;
}

Error bad_field(const Field& field, std::string_view found, std::string_view why) {
  return {ErrorCode::InvalidArgument, fmt::format("the {} '{}' {}", field.name, found, why)};
}

bool same_word(std::string_view a, std::string_view lower) {
  return std::ranges::equal(a, lower, [](char x, char y) { return (x | 0x20) == y; });
}

Result<int> parse_number(std::string_view text, const Field& field) {
  for (std::size_t i = 0; i < field.names.size(); ++i) {
    if (same_word(text, field.names[i])) return field.min + static_cast<int>(i);
  }
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < field.min ||
      number > field.max) {
    return bad_field(
        field, text, fmt::format("is not a number from {} to {}", field.min, field.max));
  }
  return number;
}

struct Range {
  int first;
  int last;
};

Result<Range> parse_range(std::string_view text, const Field& field) {
  if (text == "*") return Range{.first = field.min, .last = field.max};
  const auto ends = split(text, '-');
  if (ends.size() > 2) return bad_field(field, text, "is not a range such as 1-5");
  PROVENDER_ASSIGN(const int first, parse_number(ends.front(), field));
  PROVENDER_ASSIGN(const int last, parse_number(ends.back(), field));
  if (first > last) return bad_field(field, text, "is a range that runs backwards");
  return Range{.first = first, .last = last};
}

Result<std::uint64_t> parse_part(std::string_view text, const Field& field) {
  const auto slash = text.find('/');
  PROVENDER_ASSIGN(const Range range, parse_range(text.substr(0, slash), field));
  int step = 1;
  if (slash != std::string_view::npos) {
    if (text.front() != '*' && !text.substr(0, slash).contains('-')) {
      return bad_field(field, text, "has a step without a range: write 5-59/15 or */15");
    }
    const Field steps{.name = field.name, .min = 1, .max = field.max, .names = {}};
    PROVENDER_ASSIGN(step, parse_number(text.substr(slash + 1), steps));
  }
  std::uint64_t bits = 0;
  for (int n = range.first; n <= range.last; n += step) {
    bits |= bit(static_cast<unsigned>(n));
  }
  return bits;
}

Result<std::uint64_t> parse_field(std::string_view text, const Field& field) {
  std::uint64_t bits = 0;
  for (const auto part : split(text, ',')) {
    PROVENDER_ASSIGN(const std::uint64_t part_bits, parse_part(part, field));
    bits |= part_bits;
  }
  return bits;
}

bool matches_day(const Cron& cron, sys_days day) {
  const year_month_day date(day);
  if ((cron.months & bit(static_cast<unsigned>(date.month()))) == 0) return false;
  const bool by_month = (cron.days_of_month & bit(static_cast<unsigned>(date.day()))) != 0;
  const bool by_week = (cron.days_of_week & bit(std::chrono::weekday(day).c_encoding())) != 0;
  return cron.either_day ? by_month || by_week : by_month && by_week;
}

/// The first minute of the day that matches and is not before `from`.
std::optional<minutes> first_minute(const Cron& cron, minutes from) {
  for (minutes minute = from; minute < hours(24); ++minute) {
    const auto hour = static_cast<unsigned>(minute / hours(1));
    const auto rest = static_cast<unsigned>(minute.count() % 60);
    if ((cron.hours & bit(hour)) != 0 && (cron.minutes & bit(rest)) != 0) return minute;
  }
  return std::nullopt;
}

}  // namespace

Result<Cron> parse_cron(std::string_view text) {
  const auto words = words_of(text);
  if (words.size() != kFields.size()) {
    return Error(
        ErrorCode::InvalidArgument,
        fmt::format(
            "'{}' is not a cron expression: expected 5 fields (minute, hour, day of month, month, "
            "day of week), found {}",
            text,
            words.size()));
  }
  std::array<std::uint64_t, kFields.size()> bits{};
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    auto field = parse_field(words[i], kFields[i]);
    if (!field) {
      return std::move(field).error().within(fmt::format("'{}' is not a cron expression", text));
    }
    bits[i] = *field;
  }
  constexpr std::uint64_t kSunday = 1;
  const bool sunday = (bits[4] & bit(7)) != 0;
  Cron cron{.minutes = bits[0],
            .hours = bits[1],
            .days_of_month = bits[2],
            .months = bits[3],
            .days_of_week = (bits[4] & ~bit(7)) | (sunday ? kSunday : 0),
            .either_day = !words[2].starts_with('*') && !words[4].starts_with('*'),
            .text = fmt::format("{}", fmt::join(words, " "))};
  if (!next_match(cron, Timestamp{})) {
    return Error(
        ErrorCode::InvalidArgument,
        fmt::format("'{}' is not a cron expression that ever comes: no year has such a day", text));
  }
  return cron;
}

std::optional<Timestamp> next_match(const Cron& cron, Timestamp t) {
  using std::chrono::year;
  constexpr Timestamp kFirst = sys_days(year(1) / 1 / 1);
  constexpr Timestamp kLast = sys_days(year(9999) / 12 / 31);
  constexpr days kLongestGap(41 * 366);  // 29 February on one weekday, over a century without one
  t = std::max(t, kFirst);
  if (t > kLast) return std::nullopt;
  const auto next = floor<minutes>(t) + minutes(1);
  const auto first_day = floor<days>(next);
  for (auto day = first_day; day <= first_day + kLongestGap; day += days(1)) {
    if (!matches_day(cron, day)) continue;
    const minutes from = day == first_day ? floor<minutes>(next - first_day) : minutes(0);
    if (const auto minute = first_minute(cron, from)) return Timestamp(day + *minute);
  }
  return std::nullopt;
}

}  // namespace provender
