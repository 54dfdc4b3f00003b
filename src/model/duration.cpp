#include <array>
#include <charconv>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "provender/types.hpp"

namespace provender {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t micros;
};

/// Largest first.
constexpr std::array kUnits{Unit{"w", 604'800'000'000},
                            Unit{"d", 86'400'000'000},
                            Unit{"h", 3'600'000'000},
                            Unit{"m", 60'000'000},
                            Unit{"s", 1'000'000},
                            Unit{"ms", 1'000},
                            Unit{"us", 1}};

std::optional<std::int64_t> micros_of(std::string_view unit) {
  for (const auto& [name, micros] : kUnits) {
    if (name == unit) return micros;
  }
  return std::nullopt;
}

Error not_a_duration(std::string_view text, std::string_view why) {
  return {ErrorCode::InvalidArgument,
          fmt::format("'{}' is not a duration: {}; expected one like 250ms, 15m, 1h30m or 30d "
                      "(units us ms s m h d w)",
                      text,
                      why)};
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  std::int64_t total = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const auto digits = rest.substr(0, rest.find_first_not_of("0123456789"));
    rest.remove_prefix(digits.size());
    const auto unit = rest.substr(0, rest.find_first_of("0123456789"));
    rest.remove_prefix(unit.size());
    if (digits.empty()) return not_a_duration(text, "a whole number is missing");
    if (unit.empty()) return not_a_duration(text, "the unit is missing");
    const auto micros = micros_of(unit);
    if (!micros) return not_a_duration(text, fmt::format("'{}' is not a unit", unit));
    std::int64_t part = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), part);
    if (read.ec != std::errc() || __builtin_mul_overflow(part, *micros, &part) ||
        __builtin_add_overflow(total, part, &total)) {
      return not_a_duration(text, "it is longer than 292,000 years");
    }
  }
  if (total == 0) return not_a_duration(text, text.empty() ? "it is empty" : "it is zero");
  return Duration(total);
}

std::string format_duration(Duration duration) {
  std::int64_t rest = duration.count();
  std::string text;
  for (const auto& [name, micros] : kUnits) {
    if (name == "w" || rest / micros == 0) continue;
    text += fmt::format("{}{}", rest / micros, name);
    rest %= micros;
  }
  return text.empty() ? "0us" : text;
}

}  // namespace provender
