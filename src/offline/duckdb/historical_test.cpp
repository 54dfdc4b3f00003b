#include <chrono>

#include <fmt/format.h>

#include "offline/duckdb/testing_historical.hpp"

namespace provender::offline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(HistoricalTest, KeepsEveryRowInOrderAndReports) {
  spine(
      "(2::BIGINT, TIMESTAMP '2026-05-04 00:00:00', 'a'), (1, '2026-05-02 00:00:00', 'b'), "
      "(NULL, '2026-05-02 00:00:00', 'c'), (1, NULL, NULL), (1, '2026-05-03 00:00:00', 'd'), "
      "(1, '2026-05-03 00:00:00', 'd'), (9, '2026-05-03 00:00:00', 'e')");
  options_.with_status = true;
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_THAT(output(),
              ElementsAre(HasSubstr("'label': a, 'f': NULL, 'f__status': NULL_VALUE"),
                          HasSubstr("'label': b, 'f': 10, 'f__status': PRESENT"),
                          HasSubstr("'label': c, 'f': NULL, 'f__status': NOT_FOUND"),
                          HasSubstr("'label': NULL, 'f': NULL, 'f__status': NOT_FOUND"),
                          HasSubstr("'label': d, 'f': 30, 'f__status': PRESENT"),
                          HasSubstr("'label': d, 'f': 30, 'f__status': PRESENT"),
                          HasSubstr("'label': e, 'f': NULL, 'f__status': NOT_FOUND")));
  EXPECT_EQ(report->rows, 7U);
  EXPECT_EQ(report->null_rows, 2U);
  ASSERT_EQ(report->views.size(), 1U);
  EXPECT_EQ(report->views[0].view, "v");
  EXPECT_EQ(report->views[0].source_rows, 3U);
}

TEST_F(HistoricalTest, SpineColumnsKeepTheirTypes) {
  project_.sql(
      "COPY (SELECT 1::INTEGER AS user_id, TIMESTAMPTZ '2026-05-04 02:00:00+02' AS "
      "event_timestamp, "
      "{'a': [1.5::DECIMAL(9,2)]} AS s, 'x'::BLOB AS b, 3::UTINYINT AS u) TO '@/spine.parquet'");
  ASSERT_TRUE(run());
  std::vector<std::string> types;
  for (const auto& row : project_.rows("SELECT column_type FROM (DESCRIBE FROM '@/out.parquet')")) {
    types.push_back(std::get<std::string>(row[0].storage));
  }
  EXPECT_THAT(types,
              ElementsAre("INTEGER",
                          "TIMESTAMP WITH TIME ZONE",
                          "STRUCT(a DECIMAL(9,2)[])",
                          "BLOB",
                          "UTINYINT",
                          "BIGINT"));
}

TEST_F(HistoricalTest, TheOrderOfManyRowGroupsIsKept) {
  project_.write("spine.parquet",
                 "SELECT (i % 3)::BIGINT AS user_id, TIMESTAMP '2026-05-04' - "
                 "to_microseconds((hash(i) % 100)::BIGINT) "
                 "AS event_timestamp, i AS label FROM range(300000) t(i)");
  ASSERT_TRUE(run());
  const Rows rows = project_.rows(
      "SELECT count(*), count(*) FILTER (WHERE label <> file_row_number), "
      "count(*) FILTER (WHERE f IS DISTINCT FROM CASE user_id WHEN 1 THEN 30 END) FROM "
      "'@/out.parquet'");
  EXPECT_EQ(rows[0][0], Value{.storage = std::int64_t{300000}});
  EXPECT_EQ(rows[0][1], Value{.storage = std::int64_t{0}});
  EXPECT_EQ(rows[0][2], Value{.storage = std::int64_t{0}});
}

TEST_F(HistoricalTest, OfFewWinnersEachViewOfAFileGetsItsOwn) {
  project_.write("data/f.parquet",
                 "SELECT i % 50 AS user_id, TIMESTAMP '2026-05-01' + INTERVAL 1 SECOND * i AS "
                 "event_timestamp, CASE WHEN i % 3 > 0 THEN i END AS f, 'a longer text ' || i AS g "
                 "FROM range(20000) r(i)");
  add_view(definitions_, "w", parquet("data/f.parquet"), "g", {.kind = Kind::String}).ttl =
      std::chrono::seconds(20);
  project_.write("spine.parquet",
                 "SELECT (i * 7) % 50 AS user_id, TIMESTAMP '2026-05-01' + INTERVAL 1 SECOND * "
                 "((i * 7919) % 20000) AS event_timestamp, i AS label FROM range(300) r(i)");
  const auto done = run({"v:f", "w:g"});
  ASSERT_TRUE(done) << done.error().message();
  const auto counts = project_.rows(
      "SELECT count(o.f), count(o.g), count(*) FILTER (o.f IS DISTINCT FROM h.f OR o.g IS DISTINCT "
      "FROM CASE WHEN h.event_timestamp >= o.event_timestamp - INTERVAL 20 SECOND THEN h.g END) "
      "FROM '@/out.parquet' o ASOF LEFT JOIN '@/data/f.parquet' h ON o.user_id = h.user_id AND "
      "o.event_timestamp >= h.event_timestamp");
  EXPECT_GT(std::get<std::int64_t>(counts[0][0].storage), 100);
  EXPECT_GT(std::get<std::int64_t>(counts[0][1].storage), 50);
  EXPECT_EQ(std::get<std::int64_t>(counts[0][2].storage), 0);
}

TEST_F(HistoricalTest, LargeFilesOfAViewKeepTheirRowsApart) {
  const auto write = [&](const std::string& file, int begin, int end) {
    project_.write(file,
                   "SELECT i % 50 AS user_id, TIMESTAMP '2026-05-01' + INTERVAL 1 SECOND * i AS "
                   "event_timestamp, i AS f FROM range(" +
                       std::to_string(begin) + ", " + std::to_string(end) + ") r(i)");
  };
  write("data/f-0.parquet", 0, 220'000);  // large enough for a scan of its own
  write("data/f-1.parquet", 220'000, 221'000);
  write("data/f-2.parquet", 221'000, 222'000);
  write("data/f-3.parquet", 222'000, 430'000);
  definitions_.feature_views[0].source.text = "data/f-*.parquet";
  project_.write("spine.parquet",
                 "SELECT (i * 7) % 50 AS user_id, TIMESTAMP '2026-05-01' + INTERVAL 1 SECOND * "
                 "((i * 7919) % 430000) AS event_timestamp, i AS label FROM range(3000) r(i)");
  const auto done = run({"v:f"});
  ASSERT_TRUE(done) << done.error().message();
  const auto counts = project_.rows(
      "SELECT count(o.f), count(*) FILTER (o.f IS DISTINCT FROM h.f) FROM '@/out.parquet' o ASOF "
      "LEFT JOIN '@/data/f-*.parquet' h ON o.user_id = h.user_id AND "
      "o.event_timestamp >= h.event_timestamp");
  EXPECT_GT(std::get<std::int64_t>(counts[0][0].storage), 2900);
  EXPECT_EQ(std::get<std::int64_t>(counts[0][1].storage), 0);
}

TEST_F(HistoricalTest, ASpineInSeveralPassesIsWrittenInItsOrder) {
  project_.write("spine.parquet",
                 "SELECT (i % 3)::BIGINT AS user_id, TIMESTAMP '2026-05-04' AS event_timestamp, "
                 "i AS label, '-0.0'::DOUBLE AS z FROM range(10000) t(i)");
  OfflineOptions passes = project_.options();
  passes.join_engine = JoinEngine::KernelPasses;
  DuckdbStore store(passes);
  const std::vector<std::string> features = {"v:f"};
  const auto selection =
      provender::select(definitions_, {.features = features, .service = "", .full_names = false});
  ASSERT_TRUE(selection);
  for (const char* out : {"out.parquet", "out.csv"}) {
    options_.out = project_.path(out);
    const auto report = store.historical(
        {.definitions = definitions_, .selection = *selection, .options = options_}, {});
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_EQ(report->rows, 10000U);
    EXPECT_EQ(report->views[0].source_rows, 3U);
  }
  EXPECT_EQ(
      project_.rows("SELECT count(*) FROM '@/out.parquet' WHERE label = file_row_number AND "
                    "signbit(z) AND f IS NOT DISTINCT FROM CASE user_id WHEN 1 THEN 30 END")[0][0],
      Value{.storage = std::int64_t{10000}});
  EXPECT_THAT(project_.read_text("out.csv"), HasSubstr("\n1,2026-05-04 00:00:00,9997,-0.0,30\n"));
  EXPECT_THAT(project_.list(".provender/tmp"), ElementsAre());
}

TEST_F(HistoricalTest, CsvGoesInAndOut) {
  definitions_ = user_definitions({Kind::String});
  project_.write(
      "data/g.parquet",
      "SELECT '007' AS user_id, DATE '2026-05-01' AS event_timestamp, '\\x00\\xFF'::BLOB AS g");
  add_view(definitions_, "w", parquet("data/g.parquet"), "g", {Kind::Bytes});
  project_.write_text("spine.csv",
                      "user_id,event_timestamp,note,n\n007,2026-05-04T00:00:00Z,\"a,b\",01\n008,"
                      "2026-05-04,,\"\"\n");
  options_.spine = project_.path("spine.csv");
  options_.out = project_.path("out.csv");
  auto report = run({"w:g"});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(project_.read_text("out.csv"),
            "user_id,event_timestamp,note,n,g\n007,2026-05-04T00:00:00Z,\"a,b\",01,AP8=\n"
            "008,2026-05-04,,\"\",\n");
}

TEST_F(HistoricalTest, OfACsvSpineParquetGetsTypesThatLoseNothing) {
  project_.write_text("spine.csv",
                      "user_id,event_timestamp,label,zip,price,big\n"
                      "1,2026-05-04,4,007,1.50,12345678901234567890\n1,2026-05-04,-5,8,2,1.0\n");
  options_.spine = project_.path("spine.csv");
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message();
  std::vector<std::string> types;
  for (const auto& row : project_.rows("SELECT column_type FROM (DESCRIBE FROM '@/out.parquet')")) {
    types.push_back(std::get<std::string>(row[0].storage));
  }
  EXPECT_THAT(
      types,
      ElementsAre("BIGINT", "TIMESTAMP", "BIGINT", "VARCHAR", "DOUBLE", "VARCHAR", "BIGINT"));
}

TEST_F(HistoricalTest, NegativeZeroSurvivesTheOutput) {
  definitions_ = user_definitions();
  project_.write("data/z.parquet",
                 "SELECT i AS user_id, DATE '2026-05-01' AS event_timestamp, "
                 "CASE WHEN i % 2 = 0 THEN '-0.0'::DOUBLE ELSE 0 END AS z FROM range(10) t(i)");
  add_view(definitions_, "z", parquet("data/z.parquet"), "z", {Kind::Float64});
  project_.write("spine.parquet",
                 "SELECT i AS user_id, DATE '2026-05-02' AS event_timestamp FROM range(10) t(i)");
  ASSERT_TRUE(run({"z:z"}));
  EXPECT_EQ(project_.rows(
                "SELECT count(*) FROM '@/out.parquet' WHERE signbit(z) = (user_id % 2 = 0)")[0][0],
            Value{.storage = std::int64_t{10}});
}

TEST_F(HistoricalTest, ProgressIsTold) {
  struct Told final : Progress {
    std::vector<std::string> phases;  ///< with the rows that each begins with
    std::string last;
    void update(std::string_view phase, std::uint64_t done, std::uint64_t total) override {
      const std::string begun = fmt::format("{} of {}", phase, total);
      EXPECT_LE(done, total) << begun;
      if (std::exchange(last, begun) != begun) phases.push_back(begun);
    }
  } told;
  spine(kOneRow);
  ASSERT_TRUE(run({"v:f"}, {.stop = {}, .progress = &told}));
  EXPECT_THAT(
      told.phases,
      ElementsAre(
          "reads the spine of 0", "reads the spine of 1", "joins v of 6", "writes the rows of 1"));
}

TEST_F(HistoricalTest, NothingIsLeftInTheTemporaryFolder) {
  spine(kOneRow);
  ASSERT_EQ(message(), "");
  EXPECT_THAT(project_.list(".provender/tmp"), ElementsAre());
}

}  // namespace
}  // namespace provender::offline
