// Timestamps as text. Days are cut into whole 400-year cycles, because std::chrono's calendar ends
// at the year 32767 and the clock does not.

#include "model/timestamp.hpp"

#include <chrono>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "base/append.hpp"

namespace provender {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::int64_t kDaysPerCycle = 146097;
constexpr std::int64_t kYearsPerCycle = 400;
constexpr std::int64_t kSecondsPerDay = 86400;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::size_t kLongestText = 40;  ///< more than any: +292277-01-09T04:00:54.775807Z

struct Floored {
  std::int64_t quotient;
  std::int64_t rest;  ///< from 0 to divisor - 1
};

constexpr Floored floor_divide(std::int64_t number, std::int64_t divisor) {
  const std::int64_t rest = ((number % divisor) + divisor) % divisor;
  return {.quotient = number / divisor - (number % divisor < 0 ? 1 : 0), .rest = rest};
}

/// Takes text apart from its start.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool at_end() const { return text_.empty(); }
  bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::string_view take_digits() {
    std::size_t count = 0;
    while (count < text_.size() && text_[count] >= '0' && text_[count] <= '9') {
      ++count;
    }
    const auto digits = text_.substr(0, count);
    text_.remove_prefix(count);
    return digits;
  }
  /// A number of two digits, at most `max`.
  std::optional<int> take_two(int max) {
    const auto digits = take_digits();
    if (digits.size() != 2) return std::nullopt;
    const int number = (digits[0] - '0') * 10 + (digits[1] - '0');
    if (number > max) return std::nullopt;
    return number;
  }

 private:
  std::string_view text_;
};

/// Four digits; with a sign up to six.
std::optional<std::int64_t> read_year(Cursor& cursor) {
  const bool negative = cursor.take('-');
  const bool is_signed = negative || cursor.take('+');
  const auto digits = cursor.take_digits();
  if (digits.size() < 4 || digits.size() > (is_signed ? 6 : 4)) return std::nullopt;
  std::int64_t year = 0;
  for (const char digit : digits) {
    year = year * 10 + (digit - '0');
  }
  return negative ? -year : year;
}

/// Days since 1970-01-01.
std::optional<std::int64_t> read_date(Cursor& cursor) {
  const auto year = read_year(cursor);
  if (!year || !cursor.take('-')) return std::nullopt;
  const auto month = cursor.take_two(12);
  if (!month || !cursor.take('-')) return std::nullopt;
  const auto day = cursor.take_two(31);
  if (!day) return std::nullopt;
  const auto [cycles, year_in_cycle] = floor_divide(*year, kYearsPerCycle);
  const year_month_day date(std::chrono::year(static_cast<int>(year_in_cycle)),
                            std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return sys_days(date).time_since_epoch().count() + cycles * kDaysPerCycle;
}

/// Microseconds of the digits behind the point; nullopt if there are none or some below 1 µs.
std::optional<std::int64_t> read_fraction(Cursor& cursor) {
  const auto digits = cursor.take_digits();
  if (digits.empty()) return std::nullopt;
  std::int64_t micros = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    micros = micros * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  }
  const bool is_exact =
      digits.size() <= 6 || digits.find_first_not_of('0', 6) == std::string_view::npos;
  return is_exact ? std::optional(micros) : std::nullopt;
}

struct TimeOfDay {
  std::int64_t seconds = 0;  ///< zone taken off
  std::int64_t micros = 0;
};

std::optional<std::int64_t> read_zone_seconds(Cursor& cursor) {
  if (cursor.at_end() || cursor.take('Z')) return 0;
  const bool negative = cursor.take('-');
  if (!negative && !cursor.take('+')) return std::nullopt;
  const auto hour = cursor.take_two(23);
  if (!hour || !cursor.take(':')) return std::nullopt;
  const auto minute = cursor.take_two(59);
  if (!minute) return std::nullopt;
  const std::int64_t seconds = (std::int64_t{*hour} * 60 + *minute) * 60;
  return negative ? -seconds : seconds;
}

std::optional<TimeOfDay> read_time(Cursor& cursor) {
  const auto hour = cursor.take_two(23);
  if (!hour || !cursor.take(':')) return std::nullopt;
  const auto minute = cursor.take_two(59);
  if (!minute) return std::nullopt;
  TimeOfDay time{.seconds = (std::int64_t{*hour} * 60 + *minute) * 60};
  if (cursor.take(':')) {
    const auto second = cursor.take_two(59);
    if (!second) return std::nullopt;
    time.seconds += *second;
    if (cursor.take('.')) {
      const auto micros = read_fraction(cursor);
      if (!micros) return std::nullopt;
      time.micros = *micros;
    }
  }
  const auto zone = read_zone_seconds(cursor);
  if (!zone) return std::nullopt;
  time.seconds -= *zone;
  return time;
}

std::optional<Timestamp> to_timestamp(std::int64_t seconds, std::int64_t micros) {
  if (seconds < 0) {  // so that the smallest time does not overflow on its way
    ++seconds;
    micros -= kMicrosPerSecond;
  }
  std::int64_t total = 0;
  if (__builtin_mul_overflow(seconds, kMicrosPerSecond, &total)) return std::nullopt;
  if (__builtin_add_overflow(total, micros, &total)) return std::nullopt;
  return Timestamp(Duration(total));
}

std::optional<Timestamp> read_timestamp(std::string_view text) {
  Cursor cursor(text);
  const auto date = read_date(cursor);
  if (!date) return std::nullopt;
  TimeOfDay time;
  if (cursor.take('T') || cursor.take(' ')) {
    const auto read = read_time(cursor);
    if (!read) return std::nullopt;
    time = *read;
  }
  if (!cursor.at_end()) return std::nullopt;
  return to_timestamp(*date * kSecondsPerDay + time.seconds, time.micros);
}

/// Writes digits behind each other into memory that is large enough.
class Digits {
 public:
  explicit Digits(char* at) : at_(at) {}

  char* at() const { return at_; }
  void put(char c) { *at_++ = c; }
  /// The last `Width` digits of `number`, which has no more.
  template <int Width>
  void put(std::uint32_t number) {
    for (int i = Width; i-- > 0; number /= 10) {
      at_[i] = static_cast<char>('0' + number % 10);
    }
    at_ += Width;
  }
  /// Four digits, or a sign and four or more.
  void put_year(std::int64_t year) {
    if (year < 0 || year > 9999) put(year < 0 ? '-' : '+');
    const auto number = static_cast<std::uint32_t>(year < 0 ? -year : year);
    if (number < 10'000) return put<4>(number);
    if (number < 100'000) return put<5>(number);
    put<6>(number);
  }

 private:
  char* at_;
};

}  // namespace

void append_timestamp(std::string& out, Timestamp time, bool always_fraction) {
  const auto [seconds, micros] = floor_divide(time.time_since_epoch().count(), kMicrosPerSecond);
  const auto [day, second_of_day] = floor_divide(seconds, kSecondsPerDay);
  const auto [cycles, day_in_cycle] = floor_divide(day, kDaysPerCycle);
  const year_month_day date{sys_days(days(day_in_cycle))};
  const auto second = static_cast<std::uint32_t>(second_of_day);
  const auto fraction = static_cast<std::uint32_t>(micros);
  append_in_place(out, kLongestText, [&](char* at) noexcept {
    Digits digits(at);
    digits.put_year(static_cast<int>(date.year()) + cycles * kYearsPerCycle);
    digits.put('-');
    digits.put<2>(static_cast<unsigned>(date.month()));
    digits.put('-');
    digits.put<2>(static_cast<unsigned>(date.day()));
    digits.put('T');
    digits.put<2>(second / 3600);
    digits.put(':');
    digits.put<2>(second / 60 % 60);
    digits.put(':');
    digits.put<2>(second % 60);
    if (always_fraction || fraction != 0) {
      const bool in_full = always_fraction || fraction % 1000 != 0;
      digits.put('.');
      in_full ? digits.put<6>(fraction) : digits.put<3>(fraction / 1000);
    }
    digits.put('Z');
    return digits.at();
  });
}

std::string format_timestamp(Timestamp time, bool always_fraction) {
  std::string text;
  append_timestamp(text, time, always_fraction);
  return text;
}

Result<Timestamp> parse_timestamp(std::string_view text) {
  if (const auto time = read_timestamp(text)) return *time;
  return Error(
      ErrorCode::InvalidArgument,
      fmt::format("'{}' is not a timestamp: expected one like 2026-05-07, 2026-05-07 22:00:00 or "
                  "2026-05-07T22:00:00.123456+02:00, to the microsecond",
                  text));
}

}  // namespace provender
