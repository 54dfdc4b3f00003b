#include "cli/progress_line.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "cli/text.hpp"

namespace provender::cli {
namespace {

using std::chrono::duration;
constexpr std::chrono::milliseconds kBetween{100};
constexpr std::chrono::seconds kBetweenLines{5};
/// Before this, a rate says more about the start than about the work.
constexpr duration<double> kSettled{0.5};

}  // namespace

std::string format_progress(std::string_view phase,
                            std::uint64_t done,
                            std::uint64_t total,
                            duration<double> elapsed) {
  std::string text(printable(phase));
  if (done == 0 && total == 0) return text;
  text += fmt::format(": {}", grouped(done));
  if (total != 0) text += fmt::format(" of {}", grouped(total));
  text += " rows";
  if (total != 0) {
    const double share = static_cast<double>(done) / static_cast<double>(total);
    text += fmt::format(", {:.0f} %", std::min(100.0, share * 100));
  }
  if (elapsed < kSettled || done == 0) return text;
  const double rate = static_cast<double>(done) / elapsed.count();
  text += fmt::format(", {} rows/s", about(rate));
  if (total > done) {
    const double left = static_cast<double>(total - done) / rate;
    text +=
        fmt::format(", {} left", format_age(std::chrono::seconds(std::max(1L, std::lround(left)))));
  }
  return text;
}

Pace::Pace(std::chrono::milliseconds between, First first, Now now)
    : between_(between), first_(first), now_(std::move(now)) {}

std::optional<duration<double>> Pace::due(std::string_view phase, std::uint64_t done) {
  const auto now = now_();
  const bool is_new = phase != phase_ || done < done_;
  done_ = done;
  if (is_new) {
    phase_ = phase;
    started_ = told_ = now;
  }
  const bool is_first = is_new && first_ == First::AtOnce;
  if (!is_first && now - told_ < between_) return std::nullopt;
  told_ = now;
  return now - started_;
}

ProgressLine::ProgressLine(Console& console, Pace::Now now)
    : console_(console), pace_(kBetween, Pace::First::AtOnce, std::move(now)) {}

ProgressLine::~ProgressLine() {
  console_.set_status_line("");
}

void ProgressLine::update(std::string_view phase, std::uint64_t done, std::uint64_t total) {
  const auto elapsed = pace_.due(phase, done);
  if (!elapsed) return;
  const std::string text = format_progress(phase, done, total, *elapsed);
  const std::size_t width = console_.err_terminal().width;
  console_.set_status_line(width == 0 ? text : truncate(text, width - 1));
}

ProgressLog::ProgressLog(Logger& logger, Pace::Now now)
    : logger_(logger), pace_(kBetweenLines, Pace::First::Later, std::move(now)) {}

void ProgressLog::update(std::string_view phase, std::uint64_t done, std::uint64_t total) {
  if (const auto elapsed = pace_.due(phase, done)) {
    logger_.log(LogLevel::Info, format_progress(phase, done, total, *elapsed));
  }
}

}  // namespace provender::cli
