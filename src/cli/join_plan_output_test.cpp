#include "cli/testing/cli_fixture.hpp"

namespace provender::cli {
namespace {

class JoinPlanOutput : public Cli {
 protected:
  int explain(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {
        "historical", "--entities", "s.csv", "--explain", "--service", "s"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }

  HistoricalPlan& plan() { return data.historical->plan; }

  JoinPlanOutput() {
    data.historical = HistoricalReport{
        .plan = {.rows = 1'000'000,
                 .passes = 2,
                 .memory = {.limit = 4'000'000'000,
                            .writing = 2'000'000'000,
                            .scanning = 500'000'000,
                            .joining = 1'500'000'000,
                            .joining_needed = 120'000'000},
                 .steps = {{.views = {"a", "b"},
                            .source = "a.parquet",
                            .files = 1,
                            .rows = 5000,
                            .rows_read = 1234,
                            .row_groups = 9,
                            .row_groups_read = 3,
                            .bytes = 1'200'000,
                            .bytes_read = 400'000,
                            .way = "replay",
                            .reason = "in order",
                            .costs = {{.way = "replay", .seconds = 0.08},
                                      {.way = "slots", .seconds = 1.25}},
                            .second_pass = "of row groups with a row that wins"}}}};
  }
};

TEST_F(JoinPlanOutput, ShowsWhatIsReadHowAndWhy) {
  EXPECT_EQ(explain(), 0);
  EXPECT_EQ(out(),
            "VIEWS       ROWS READ  ROW GROUPS READ        BYTES READ  WAY\n"
            "a, b   1,234 of 5,000           3 of 9  400 kB of 1.2 MB  replay\n"
            "a, b: replay, in order; of one thread's time replay takes about 80 ms, slots takes "
            "about 1.2 s\n"
            "a, b: features are read of row groups with a row that wins\n"
            "memory: 1.5 GB of 4.0 GB for the join's arrays, of which a pass takes about 120 MB; "
            "2.0 GB to write, 500 MB to scan\n"
            "1,000,000 rows of the spine in 2 passes\n");
  EXPECT_TRUE(data.historical_options.explain);
}

TEST_F(JoinPlanOutput, SaysWhatNothingTellsBefore) {
  plan() = {.rows = 70, .are_rows_counted = false, .passes = 1, .memory = {}, .steps = {}};
  EXPECT_EQ(explain(), 0);
  EXPECT_EQ(out(),
            "VIEWS  ROWS READ  ROW GROUPS READ  BYTES READ  WAY\n"
            "70 rows of the sources at most, in 1 pass at most\n");
  plan() = {.rows = {}, .are_rows_counted = false, .passes = 0, .memory = {}, .steps = {}};
  EXPECT_EQ(explain(), 0);
  EXPECT_THAT(out(), testing::HasSubstr("as many rows as the sources have, which nothing tells"));
}

TEST_F(JoinPlanOutput, AsJson) {
  EXPECT_EQ(explain({"--output", "json"}), 0);
  EXPECT_EQ(
      out(),
      R"({"rows":1000000,"are_rows_counted":true,"passes":2,"memory":{"limit":4000000000,)"
      R"("writing":2000000000,"scanning":500000000,"joining":1500000000,)"
      R"("joining_needed":120000000},"steps":[{"views":["a","b"],"source":"a.parquet","files":1,)"
      R"("rows":5000,"rows_read":1234,"row_groups":9,"row_groups_read":3,"bytes":1200000,)"
      R"("bytes_read":400000,"way":"replay","reason":"in order","costs":[{"way":"replay",)"
      R"("seconds":0.08},{"way":"slots","seconds":1.25}],)"
      R"("second_pass":"of row groups with a row that wins"}]})"
      "\n");
  plan() = {.rows = {}, .are_rows_counted = false, .passes = 0, .memory = {}, .steps = {}};
  EXPECT_EQ(explain({"--output", "json"}), 0);
  EXPECT_THAT(out(),
              testing::StartsWith(R"({"rows":null,"are_rows_counted":false,"passes":null,)"));
}

}  // namespace
}  // namespace provender::cli
