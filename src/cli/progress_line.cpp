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

ProgressLine::ProgressLine(Console& console, Now now) : console_(console), now_(std::move(now)) {}

ProgressLine::~ProgressLine() {
  console_.set_status_line("");
}

void ProgressLine::update(std::string_view phase, std::uint64_t done, std::uint64_t total) {
  const auto now = now_();
  if (phase != phase_) {
    phase_ = phase;
    started_ = now;
  } else if (now - shown_ < kBetween) {
    return;
  }
  shown_ = now;
  const std::string text = format_progress(phase, done, total, now - started_);
  const std::size_t width = console_.err_terminal().width;
  console_.set_status_line(width == 0 ? text : truncate(text, width - 1));
}

ProgressLog::ProgressLog(Logger& logger, Now now) : logger_(logger), now_(std::move(now)) {}

void ProgressLog::update(std::string_view phase, std::uint64_t done, std::uint64_t total) {
  const auto now = now_();
  if (phase != phase_) {
    phase_ = phase;
    started_ = said_ = now;
  }
  if (now - said_ < kBetweenLines) return;
  said_ = now;
  logger_.log(LogLevel::Info, format_progress(phase, done, total, now - started_));
}

}  // namespace provender::cli
