#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "offline/duckdb/testing_historical.hpp"

namespace provender::offline {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(HistoricalTest, RowGroupsThatNobodyNeedsAreNotRead) {
  // Clustered by key, so that most row groups have none of the spine's; a row of the future each.
  project_.sql(
      "COPY (SELECT i // 2048 AS user_id, TIMESTAMP '2026-05-01' + to_seconds(i % 2048) AS "
      "event_timestamp, i AS g FROM range(20480) t(i)) TO '@/data/g.parquet' (ROW_GROUP_SIZE "
      "2048)");
  add_view(definitions_, "w", parquet("data/g.parquet"), "g");
  project_.write("spine.parquet",
                 "SELECT unnest([3, 7, 30])::BIGINT AS user_id, TIMESTAMP '2026-05-04' AS "
                 "event_timestamp");
  options_.explain = true;
  auto report = run({"w:g"});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->plan.rows, 3U);
  ASSERT_EQ(report->plan.steps.size(), 1U);
  EXPECT_EQ(report->plan.steps[0].row_groups, 10U);
  EXPECT_EQ(report->plan.steps[0].row_groups_read, 2U);
  EXPECT_EQ(report->plan.steps[0].rows, 20480U);
  EXPECT_EQ(report->plan.steps[0].rows_read, 4096U);
  EXPECT_THAT(project_.list("."), Not(Contains(HasSubstr("out.parquet"))));

  options_.explain = false;
  report = run({"w:g"});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->views[0].source_rows, 20480U);
  EXPECT_THAT(output(),
              ElementsAre(HasSubstr("'g': 8191"), HasSubstr("'g': 16383"), HasSubstr("'g': NULL")));

  project_.write("spine.parquet",
                 "SELECT 3::BIGINT AS user_id, TIMESTAMP '2026-04-01' AS event_timestamp");
  options_.explain = true;
  report = run({"w:g"});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->plan.steps[0].row_groups_read, 0U);
}

/// The bytes of a Parquet file with all before its footer destroyed: nobody can read a row of it.
std::string without_rows(std::string bytes) {
  std::uint32_t footer = 0;
  std::memcpy(&footer, bytes.data() + bytes.size() - 8, sizeof footer);
  std::fill(bytes.begin() + 4, bytes.end() - 8 - footer, '\xff');
  return bytes;
}

class Explain : public HistoricalTest {
 protected:
  Explain() { options_.explain = true; }

  HistoricalPlan plan(std::vector<std::string> features = {"w:g"}) {
    const auto report = run(std::move(features));
    EXPECT_TRUE(report) << report.error().message();
    return report ? report->plan : HistoricalPlan{};
  }

  /// Ten row groups of 2048 rows, a day each, whose ends are in this order.
  void days(const std::string& day, const std::string& key = "i % 100") {
    project_.write("data/g.parquet",
                   fmt::format("SELECT {} AS user_id, TIMESTAMP '2026-05-01' + INTERVAL 1 DAY * "
                               "({}) + to_seconds(i % 2048) AS event_timestamp, i AS g, "
                               "md5(i::VARCHAR) || md5('b' || i) AS unasked FROM range(20480) t(i)",
                               key,
                               day),
                   2048);
    definitions_ = user_definitions();
    add_view(definitions_, "w", parquet("data/g.parquet"), "g");
  }
  void destroy_rows() {
    project_.write_text("data/g.parquet", without_rows(project_.read_text("data/g.parquet")));
  }
  static Timestamp may(int day) {
    return Timestamp(std::chrono::sys_days(std::chrono::May / day / 2026));
  }
};

TEST_F(Explain, SaysWhatIsReadHowAndWhatElseItWouldCost) {
  days("i // 2048");
  project_.write("spine.parquet",
                 "SELECT unnest([3, 7, 7])::BIGINT AS user_id, TIMESTAMP '2026-05-04 12:00' AS "
                 "event_timestamp");
  const HistoricalPlan found = plan();
  EXPECT_EQ(found.rows, 3U);
  EXPECT_TRUE(found.are_rows_counted);
  EXPECT_EQ(found.passes, 1U);
  EXPECT_EQ(found.memory.limit, project_.options().memory_limit);
  EXPECT_EQ(found.memory.writing + found.memory.scanning + found.memory.joining,
            found.memory.limit);
  EXPECT_GT(found.memory.joining_needed, 3U * 100U);
  EXPECT_LT(found.memory.joining_needed, 100'000U);
  ASSERT_EQ(found.steps.size(), 1U);
  const PlanStep& step = found.steps[0];
  EXPECT_EQ(step.source, "data/g.parquet");
  EXPECT_EQ(step.row_groups, 10U);
  EXPECT_EQ(step.row_groups_read, 4U);
  EXPECT_EQ(step.rows_read, 4U * 2048U);
  EXPECT_GT(step.bytes_read, 1000U);
  EXPECT_LT(step.bytes_read * 2, step.bytes);
  EXPECT_LT(step.bytes * 2, fs::file_size(project_.path("data/g.parquet")));
  EXPECT_EQ(step.way, "replay");
  EXPECT_THAT(step.reason, HasSubstr("follow each other in time"));
  ASSERT_EQ(step.costs.size(), 2U);
  EXPECT_EQ(step.costs[0].way, "replay");
  EXPECT_EQ(step.costs[1].way, "slots");
  EXPECT_LT(step.costs[0].seconds, step.costs[1].seconds);
  EXPECT_THAT(step.second_pass, HasSubstr("of the rows that win, 3 at most"));
}

TEST_F(Explain, TakesTheCheaperWay) {
  spine(kOneRow);
  days("i // 2048 - CASE WHEN i % 2048 = 77 THEN i // 2048 ELSE 0 END");  // late rows, one a group
  EXPECT_EQ(plan().steps[0].way, "replay");
  days("(i // 2048 * 7) % 10 - 5");
  const HistoricalPlan unordered = plan();
  EXPECT_EQ(unordered.steps[0].way, "slots");
  EXPECT_THAT(unordered.steps[0].reason, HasSubstr("forth and back in time"));
  project_.write("spine.parquet",
                 "SELECT i AS user_id, TIMESTAMP '2026-06-01' AS event_timestamp FROM range(10) "
                 "t(i)");
  days("(i // 2048 * 7) % 10 - 5", "i // 2048");
  EXPECT_LT(plan().steps[0].costs[1].seconds, unordered.steps[0].costs[1].seconds);
  options_.known_by_created = true;
  definitions_.feature_views[0].source.created_timestamp = "event_timestamp";
  const HistoricalPlan known_by = plan();
  EXPECT_EQ(known_by.steps[0].way, "slots");
  EXPECT_EQ(known_by.steps[0].costs.size(), 1U);
}

TEST_F(Explain, ReadsNoRowOfASourceForARange) {
  days("i // 2048");
  destroy_rows();
  options_.spine.clear();
  options_.range = {.start = may(3), .end = may(5)};
  const HistoricalPlan found = plan();
  EXPECT_EQ(found.rows, 2U * 2048U);
  EXPECT_FALSE(found.are_rows_counted);
  EXPECT_EQ(found.passes, 1U);
  EXPECT_EQ(found.steps[0].row_groups_read, 4U);  // those before the range are looked back at
  EXPECT_GT(found.memory.joining_needed, 2U * 2048U * 50U);

  definitions_.feature_views[0].ttl = std::chrono::hours(1);
  EXPECT_EQ(plan().steps[0].row_groups_read, 2U);

  options_.explain = false;
  EXPECT_FALSE(run({"w:g"}));
  EXPECT_FALSE(fs::exists(options_.out));
}

TEST_F(Explain, ReadsNoRowOfASourceForASnapshot) {
  days("i // 2048");
  destroy_rows();
  options_.spine.clear();
  options_.at = may(7);
  const HistoricalPlan found = plan();
  EXPECT_EQ(found.rows, 7U * 2048U);
  EXPECT_FALSE(found.are_rows_counted);
  EXPECT_EQ(found.steps[0].row_groups_read, 7U);
}

TEST_F(Explain, ReadsNoRowOfCsvEither) {
  project_.write_text("data/c.csv", "user_id,event_timestamp,g\n1,2026-05-01,5,too,many\n");
  definitions_ = user_definitions();
  add_view(definitions_, "w", csv("data/c.csv"), "g");
  options_.spine.clear();
  options_.at = may(7);
  const HistoricalPlan found = plan();
  EXPECT_EQ(found.rows, std::nullopt);
  EXPECT_EQ(found.passes, 0U);
  ASSERT_EQ(found.steps.size(), 1U);
  EXPECT_EQ(found.steps[0].source, "data/c.csv");
  EXPECT_THAT(found.steps[0].second_pass, HasSubstr("staged table"));
}

}  // namespace
}  // namespace provender::offline
