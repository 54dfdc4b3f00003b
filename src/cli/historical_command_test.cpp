#include "cli/testing/cli_fixture.hpp"

namespace provender::cli {
namespace {

class HistoricalCommandTest : public Cli {
 protected:
  HistoricalCommandTest() {
    data.historical = HistoricalReport{
        .rows = 100'000,
        .null_rows = 2,
        .views = {{.view = "user_segment", .source_rows = 12'345},
                  {.view = "friend", .source_rows = 7, .skipped_rows = 3, .created_after = 40}}};
  }
  int historical(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {
        "historical", "--entities", "spine.csv", "--out", "train.parquet", "--service", "s"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

TEST_F(HistoricalCommandTest, ReportsRowsAndWhatIsOddAboutThem) {
  EXPECT_EQ(historical(), 0);
  EXPECT_EQ(out(),
            "VIEW          SOURCE ROWS  SKIPPED  CREATED AFTER\n"
            "user_segment       12,345        0              0\n"
            "friend                  7        3             40\n"
            "100,000 rows in train.parquet\n");
  EXPECT_EQ(err(),
            "note: 2 rows of the spine have a null key or timestamp, and features that are "
            "NOT_FOUND\n"
            "note: skipped 3 rows of the sources with a null key or event timestamp\n"
            "note: 40 values were created after the time of the row, and not known then; "
            "--known-by-created leaves out what was not\n");
  EXPECT_EQ(data.historical_options.spine, "spine.csv");
  EXPECT_EQ(data.historical_options.event_timestamp, "event_timestamp");
  EXPECT_EQ(data.historical_options.features.service, "s");
}

TEST_F(HistoricalCommandTest, ARangeOrATimeStandsInPlaceOfASpine) {
  const std::vector<std::string> words = {"historical", "--out", "train.parquet", "--service", "s"};
  auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), words.begin(), words.end());
    return run(more);
  };
  EXPECT_EQ(with({"--start", "2026-05-01", "--end", "2026-06-01"}), 0);
  ASSERT_TRUE(data.historical_options.range);
  EXPECT_EQ(format_timestamp(data.historical_options.range->start), "2026-05-01T00:00:00Z");
  EXPECT_EQ(format_timestamp(data.historical_options.range->end), "2026-06-01T00:00:00Z");
  EXPECT_FALSE(data.historical_options.with_status);

  EXPECT_EQ(with({"--at", "2026-05-01"}), 0);
  ASSERT_TRUE(data.historical_options.at);
  EXPECT_FALSE(data.historical_options.range);
  EXPECT_TRUE(data.historical_options.with_status);

  EXPECT_EQ(with({"--start", "2026-05-01"}), 2);
  EXPECT_EQ(with({"--at", "2026-05-01", "--entities", "spine.csv"}), 2);
  EXPECT_EQ(historical({"--start", "2026-05-01", "--end", "2026-06-01"}), 2);
}

TEST_F(HistoricalCommandTest, AsJson) {
  EXPECT_EQ(historical({"--output", "json"}), 0);
  EXPECT_EQ(out(),
            R"({"out":"train.parquet","rows":100000,"null_rows":2,"views":[)"
            R"({"view":"user_segment","source_rows":12345,"skipped_rows":0,"created_after":0},)"
            R"({"view":"friend","source_rows":7,"skipped_rows":3,"created_after":40}]})"
            "\n");
}

TEST_F(HistoricalCommandTest, ShowsProgressOnATerminalOnlyAndClearsItInTheEnd) {
  std::string shown;
  data.during = [&](const Control& control) -> Result<> {
    control.progress->update("read user_segment", 5, 10);
    shown = console.status_line;
    return {};
  };
  historical();
  EXPECT_EQ(shown, "");
  console.err_is.is_terminal = true;
  historical();
  EXPECT_EQ(shown, "read user_segment: 5 of 10 rows, 50 %");
  EXPECT_EQ(console.status_line, "");
}

TEST_F(HistoricalCommandTest, IsStoppedFromOutside) {
  data.during = [&](const Control& control) -> Result<> {
    EXPECT_FALSE(control.stop.stop_requested());
    stop.request_stop();
    EXPECT_TRUE(control.stop.stop_requested());
    return Error(ErrorCode::Cancelled, "stopped; train.parquet was not written");
  };
  EXPECT_EQ(historical(), 130);
  EXPECT_EQ(out(), "");
  EXPECT_EQ(err(), "error: stopped; train.parquet was not written\n");
}

}  // namespace
}  // namespace provender::cli
