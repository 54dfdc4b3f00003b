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
            "note: 2 rows of the spine have a null key or timestamp: their features are "
            "NOT_FOUND\n"
            "note: 3 rows of the sources have a null key or event timestamp and were skipped\n"
            "note: 40 values were created after the time of their row: they were not known then; "
            "--known-by-created leaves them out\n");
  EXPECT_EQ(data.historical_options.spine, "spine.csv");
  EXPECT_EQ(data.historical_options.event_timestamp, "event_timestamp");
  EXPECT_EQ(data.historical_options.features.service, "s");
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
  bool heard = false;
  data.during = [&](const Control& control) -> Result<> {
    heard = control.progress != nullptr;
    if (heard) control.progress->update("read user_segment", 5, 10);
    return {};
  };
  historical();
  EXPECT_FALSE(heard);
  console.err_is.is_terminal = true;
  historical();
  EXPECT_TRUE(heard);
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
