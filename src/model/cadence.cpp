#include "model/cadence.hpp"

#include <chrono>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/try.hpp"
#include "model/cron.hpp"

namespace provender {
namespace {

constexpr std::string_view kWeekly = "0 0 * * 1";

struct NamedCadence {
  std::string_view name;
  Cadence cadence;
};

std::vector<NamedCadence> named_cadences() {
  using std::chrono::hours;
  return {{"manual", {.kind = Cadence::Kind::Manual}},
          {"streaming", {.kind = Cadence::Kind::Streaming}},
          {"hourly", {.kind = Cadence::Kind::Every, .every = hours(1)}},
          {"daily", {.kind = Cadence::Kind::Every, .every = hours(24)}},
          {"weekly", {.kind = Cadence::Kind::Cron, .cron = std::string(kWeekly)}}};
}

bool begins_with_digit(std::string_view text) {
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

std::optional<Timestamp> next_multiple(Duration every, Timestamp t) {
  const std::int64_t time = t.time_since_epoch().count();
  const std::int64_t step = every.count();
  if (step <= 0) return std::nullopt;
  const std::int64_t floored = time / step - (time % step < 0 ? 1 : 0);
  std::int64_t next = 0;
  if (__builtin_mul_overflow(floored + 1, step, &next)) return std::nullopt;
  return Timestamp(Duration(next));
}

}  // namespace

Result<Cadence> parse_cadence(std::string_view text) {
  std::vector<std::string> names;
  for (auto& [name, cadence] : named_cadences()) {
    if (name == text) return std::move(cadence);
    names.emplace_back(name);
  }
  if (text.contains(' ') || text.starts_with('*')) {
    PROVENDER_ASSIGN(const Cron cron, parse_cron(text));
    return Cadence{.kind = Cadence::Kind::Cron, .cron = cron.text};
  }
  if (begins_with_digit(text)) {
    PROVENDER_ASSIGN(const Duration every, parse_duration(text));
    return Cadence{.kind = Cadence::Kind::Every, .every = every};
  }
  return Error(
      ErrorCode::InvalidArgument,
      fmt::format("'{}' is not a cadence{}: expected manual, streaming, hourly, daily, weekly, a "
                  "duration such as 15m, or a cron expression such as '0 * * * *'",
                  text,
                  did_you_mean(text, names)));
}

std::string format_cadence(const Cadence& cadence) {
  for (const auto& [name, named] : named_cadences()) {
    if (named == cadence) return std::string(name);
  }
  return cadence.kind == Cadence::Kind::Cron ? cadence.cron : format_duration(cadence.every);
}

std::optional<Timestamp> next_due(const Cadence& cadence, Timestamp t) {
  switch (cadence.kind) {
    case Cadence::Kind::Manual:
    case Cadence::Kind::Streaming:
      return std::nullopt;
    case Cadence::Kind::Every:
      return next_multiple(cadence.every, t);
    case Cadence::Kind::Cron:
      break;
  }
  const auto cron = parse_cron(cadence.cron);
  return cron ? next_match(*cron, t) : std::nullopt;
}

}  // namespace provender
