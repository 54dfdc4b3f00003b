#include "cli/progress_line.hpp"

#include <gtest/gtest.h>

#include "cli/testing/fake_console.hpp"

namespace provender::cli {
namespace {

using namespace std::chrono_literals;

TEST(FormatProgress, TellsShareRateAndWhatIsLeft) {
  EXPECT_EQ(format_progress("materialize user_activity", 1'200'000, 5'000'000, 2s),
            "materialize user_activity: 1,200,000 of 5,000,000 rows, 24 %, 600 k rows/s, 6s left");
}

TEST(FormatProgress, LeavesOutWhatItDoesNotKnow) {
  EXPECT_EQ(format_progress("read", 0, 0, 3s), "read");
  EXPECT_EQ(format_progress("read", 1'000, 0, 2s), "read: 1,000 rows, 500 rows/s");
  EXPECT_EQ(format_progress("read", 10, 20, 0ms), "read: 10 of 20 rows, 50 %");
  EXPECT_EQ(format_progress("read", 0, 20, 9s), "read: 0 of 20 rows, 0 %");
  EXPECT_EQ(format_progress("read", 20, 20, 2s), "read: 20 of 20 rows, 100 %, 10 rows/s");
}

class ProgressLineTest : public testing::Test {
 protected:
  std::chrono::steady_clock::time_point now_;
  FakeConsole console_;
  std::optional<ProgressLine> line_{std::in_place, console_, [this] { return now_; }};
};

TEST_F(ProgressLineTest, ShowsAtMostTenLinesASecondButEveryPhase) {
  line_->update("read", 1, 10);
  EXPECT_EQ(console_.status_line, "read: 1 of 10 rows, 10 %");
  now_ += 99ms;
  line_->update("read", 2, 10);
  EXPECT_EQ(console_.status_line, "read: 1 of 10 rows, 10 %");
  now_ += 1ms;
  line_->update("read", 3, 10);
  EXPECT_EQ(console_.status_line, "read: 3 of 10 rows, 30 %");
  line_->update("write", 1, 10);
  EXPECT_EQ(console_.status_line, "write: 1 of 10 rows, 10 %");
}

TEST_F(ProgressLineTest, FitsTheTerminalAndGoesAway) {
  console_.err_is = {.is_terminal = true, .width = 11};
  line_->update("materialize", 1, 10);
  EXPECT_EQ(console_.status_line, "materiali…");
  line_.reset();
  EXPECT_EQ(console_.status_line, "");
}

struct Lines final : Logger {
  void log(LogLevel level, std::string_view message) override {
    EXPECT_EQ(level, LogLevel::Info);
    lines.emplace_back(message);
  }
  std::vector<std::string> lines;
};

TEST(ProgressLog, SaysLongPhasesEachFiveSeconds) {
  std::chrono::steady_clock::time_point now{};
  Lines log;
  ProgressLog progress(log, [&] { return now; });
  progress.update("read", 0, 0);
  now += 6s;
  progress.update("join", 0, 100);
  now += 4s;
  progress.update("join", 20, 100);
  now += 1s;
  progress.update("join", 50, 100);
  now += 4s;
  progress.update("join", 60, 100);
  progress.update("join", 0, 100);  // again
  now += 4s;
  progress.update("join", 10, 100);
  EXPECT_EQ(log.lines, std::vector<std::string>{"join: 50 of 100 rows, 50 %, 10 rows/s, 5s left"});
}

}  // namespace
}  // namespace provender::cli
