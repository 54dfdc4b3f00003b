#include "offline/duckdb/historical.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <thread>
#include <utility>

#include <sys/resource.h>
#include <sys/stat.h>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "offline/duckdb/duckdb_store.hpp"
#include "offline/duckdb/test_project.hpp"
#include "offline/duckdb/test_views.hpp"

namespace provender::offline {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class HistoricalTest : public ::testing::Test {
 protected:
  HistoricalTest() {
    project_.write(
        "data/f.parquet",
        "SELECT * FROM (VALUES (1::BIGINT, TIMESTAMP '2026-05-01 00:00:00', 10::BIGINT), "
        "(1, '2026-05-03 00:00:00', 30), (2, '2026-05-02 00:00:00', NULL)) "
        "t(user_id, event_timestamp, f)");
    add_view(definitions_, "v", parquet("data/f.parquet"), "f");
    options_.spine = project_.path("spine.parquet");
    options_.out = project_.path("out.parquet");
  }

  /// A spine of rows "(user, 'time', label)".
  void spine(const std::string& rows) {
    project_.write("spine.parquet",
                   "SELECT * FROM (VALUES " + rows + ") t(user_id, event_timestamp, label)");
  }

  Result<HistoricalReport> run(std::vector<std::string> features = {"v:f"},
                               const Control& control = {}) {
    auto selection =
        provender::select(definitions_, {.features = features, .service = "", .full_names = false});
    if (!selection) return std::move(selection).error();
    return store_.historical(
        {.definitions = definitions_, .selection = *selection, .options = options_}, control);
  }

  std::string message() {
    const auto done = run();
    if (done) return "";
    code_ = done.error().code();
    return std::string(done.error().message());
  }

  /// Rows of the output as text.
  std::vector<std::string> output() {
    std::vector<std::string> out;
    for (const auto& row : project_.rows("SELECT CAST(t AS VARCHAR) FROM '@/out.parquet' t")) {
      out.push_back(std::get<std::string>(row[0].storage));
    }
    return out;
  }

  TestProject project_;
  DuckdbStore store_{project_.options()};
  Definitions definitions_ = user_definitions();
  HistoricalOptions options_;
  ErrorCode code_ = ErrorCode::Internal;
};

constexpr const char* kOneRow = "(1::BIGINT, TIMESTAMP '2026-05-04 00:00:00', 'a')";

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

TEST_F(HistoricalTest, AValueThatDoesNotConvertIsFoundInRowGroupsWithoutWinnersToo) {
  project_.sql(
      "COPY (SELECT i // 2048 AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, "
      "i + CASE WHEN i = 20000 THEN 0.5 ELSE 0 END::DOUBLE AS g FROM range(20480) t(i)) TO "
      "'@/data/g.parquet' (ROW_GROUP_SIZE 2048)");
  add_view(definitions_, "w", parquet("data/g.parquet"), "g");
  spine(kOneRow);
  const auto done = run({"w:g"});
  ASSERT_FALSE(done);
  EXPECT_THAT(std::string(done.error().message()), HasSubstr("g.parquet, row 20001: column 'g'"));
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

TEST_F(HistoricalTest, NamesAKeyThatTheSpineLacks) {
  project_.write("spine.parquet", "SELECT 1::BIGINT AS userid, now() AS event_timestamp");
  EXPECT_THAT(
      message(),
      HasSubstr(
          "the spine has no column 'user_id' for key 'user_id' (int64) (did you mean 'userid'?)"));
  EXPECT_EQ(code_, ErrorCode::InvalidArgument);
}

class LongKeyTest : public HistoricalTest {
 protected:
  LongKeyTest() {
    definitions_ = {};
    definitions_.project = "test";
    definitions_.entities.push_back({.name = "user",
                                     .keys = {{.name = "id", .type = Type{.kind = Kind::String}},
                                              {.name = "n", .type = Type{.kind = Kind::Int32}}}});
    add_view(definitions_, "v", parquet("data/f.parquet"), "f").entities = {"user"};
    history(474);
  }

  /// A source with a key whose text has this many bytes; six more are its end and the number.
  void history(int bytes) {
    project_.write("data/f.parquet",
                   fmt::format("SELECT repeat('k', {}) AS id, 7::INTEGER AS n, TIMESTAMP "
                               "'2026-05-01' AS event_timestamp, 5::BIGINT AS f",
                               bytes));
  }
  void ask(const std::string& id) {
    project_.write(options_.spine.filename(),
                   "SELECT unnest(['a', " + id +
                       "]) AS id, 7::INTEGER AS n, TIMESTAMP "
                       "'2026-05-04' AS event_timestamp");
  }
};

TEST_F(LongKeyTest, IsRefusedWithItsRowAsEveryStoreRefusesIt) {
  options_.overwrite = true;
  ask("repeat('k', 474)");
  ASSERT_EQ(message(), "");
  EXPECT_THAT(output(), Contains(HasSubstr("'f': 5")));
  const std::string old = project_.read_text("out.parquet");
  for (const char* file : {"spine.parquet", "spine.csv"}) {
    options_.spine = project_.path(file);
    ask("repeat('k', 475)");
    EXPECT_THAT(message(),
                AllOf(HasSubstr(fmt::format("{}: row 2: the entity key (id, n) takes 481 bytes "
                                            "encoded, more than the 480 allowed; it begins with "
                                            "kkkk",
                                            file)),
                      HasSubstr("Shorten its text")));
    EXPECT_EQ(code_, ErrorCode::InvalidArgument);
  }
  EXPECT_EQ(project_.read_text("out.parquet"), old);
}

TEST_F(LongKeyTest, IsCountedAsItIsWritten) {
  options_.overwrite = true;
  ask("repeat('k', 472) || chr(0)");
  EXPECT_EQ(message(), "");
  ask("repeat('k', 473) || chr(0)");
  EXPECT_THAT(message(), HasSubstr("481 bytes encoded"));
}

TEST_F(LongKeyTest, OfASourceMattersToThoseWhoAskForAllOfIt) {
  history(475);
  ask("'b'");
  EXPECT_EQ(message(), "");
  options_.spine.clear();
  options_.overwrite = true;
  options_.at = Timestamp(std::chrono::sys_days(std::chrono::May / 9 / 2026));
  EXPECT_THAT(message(), HasSubstr("the rows of the sources: row 1: the entity key (id, n) takes"));
}

TEST_F(HistoricalTest, TheSpineNeedsATimestamp) {
  project_.write("spine.parquet", "SELECT 1::BIGINT AS user_id, now() AS event_time");
  EXPECT_THAT(
      message(),
      HasSubstr(
          "no column 'event_timestamp' for the event timestamp (did you mean 'event_time'?)"));
  options_.event_timestamp = "event_time";
  EXPECT_EQ(message(), "");
  options_.overwrite = true;
  project_.write("spine.parquet", "SELECT 1::BIGINT AS user_id, '2026-05-04' AS event_time");
  EXPECT_THAT(
      message(),
      HasSubstr(
          "column 'event_time' of the spine is VARCHAR, which does not fit the event timestamp"));
  project_.write("spine.parquet", "SELECT 1::BIGINT AS user_id, 5 AS event_time");
  EXPECT_THAT(message(), HasSubstr("'event_time' of the spine is INTEGER"));
}

TEST_F(HistoricalTest, NamesBothTypesOfAKeyThatDoesNotFit) {
  project_.write("spine.parquet", "SELECT '1' AS user_id, now() AS event_timestamp");
  EXPECT_THAT(
      message(),
      HasSubstr(
          "column 'user_id' of the spine is VARCHAR, which does not fit key 'user_id' (int64)"));
  project_.write("spine.parquet",
                 "SELECT unnest([1, 1.5])::DOUBLE AS user_id, now() AS event_timestamp");
  EXPECT_THAT(
      message(),
      HasSubstr(
          "row 2: column 'user_id' has 1.5 (DOUBLE), which does not fit key 'user_id' (int64)"));
}

TEST_F(HistoricalTest, NamesASpineColumnThatHasAFeaturesName) {
  project_.write("spine.parquet", "SELECT 1::BIGINT AS user_id, now() AS event_timestamp, 1 AS F");
  EXPECT_THAT(message(), HasSubstr("the output column 'f' has the name of the spine's column 'F'"));
  project_.write("spine.parquet",
                 "SELECT 1::BIGINT AS user_id, now() AS event_timestamp, 1 AS f__status");
  options_.with_status = true;
  EXPECT_THAT(message(), HasSubstr("'f__status'"));
}

TEST_F(HistoricalTest, ASpineColumnNamedAsDuckdbsRowNumberIsRefused) {
  project_.write("spine.parquet",
                 "SELECT 1::BIGINT AS user_id, now() AS event_timestamp, 1 AS RowId");
  EXPECT_THAT(message(), HasSubstr("a spine cannot have a column 'rowid': rename it"));
}

TEST_F(HistoricalTest, AValueThatDoesNotFitIsSaidOfItsSourceAlone) {
  spine(kOneRow);
  project_.write("data/f.parquet",
                 "SELECT 7::BIGINT AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, "
                 "1.5::DOUBLE AS f");
  EXPECT_THAT(message(), StartsWith("feature view 'v': data/f.parquet, row 1: column 'f' has 1.5"));
}

TEST_F(HistoricalTest, NamesFileAndColumnOfASourceThatCannotBeRead) {
  project_.sql(
      "COPY (SELECT 1::BIGINT AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, 'wxyz' AS t) "
      "TO '@/data/t.parquet' (COMPRESSION uncompressed)");
  std::string bytes = project_.read_text("data/t.parquet");
  for (std::size_t at = 0; (at = bytes.find("wxyz", at)) != std::string::npos;) {
    bytes.replace(at, 4, "\xff\xfe\xfd.");
  }
  project_.write_text("data/t.parquet", bytes);
  add_view(definitions_, "text", parquet("data/t.parquet"), "t", {Kind::String});
  spine(kOneRow);
  const auto done = run({"text:t"});
  ASSERT_FALSE(done);
  EXPECT_THAT(
      std::string(done.error().message()),
      HasSubstr("feature view 'text': data/t.parquet: column 't' (VARCHAR) cannot be read"));
}

TEST_F(HistoricalTest, NamesASpineThatCannotBeRead) {
  EXPECT_THAT(
      message(),
      AllOf(HasSubstr("read the spine"), HasSubstr("spine.parquet"), HasSubstr("No such file")));
  EXPECT_EQ(code_, ErrorCode::NotFound);
  options_.spine = project_.folder();
  EXPECT_THAT(message(), HasSubstr("neither a .parquet, .csv nor .arrow"));
  fs::create_directory(project_.path("s.parquet"));
  options_.spine = project_.path("s.parquet");
  EXPECT_THAT(message(), HasSubstr("is a folder"));
  project_.write_text("t.parquet", "this is no Parquet file at all");
  options_.spine = project_.path("t.parquet");
  EXPECT_THAT(message(), AllOf(HasSubstr("t.parquet"), HasSubstr("magic bytes")));
}

TEST_F(HistoricalTest, TheOutputMustBeAFileInAFolderThatIsThere) {
  spine(kOneRow);
  fs::create_directory(project_.path("o.parquet"));
  options_.out = project_.path("o.parquet");
  EXPECT_THAT(message(), HasSubstr("is a folder"));
  options_.out = project_.path("nowhere/o.parquet");
  EXPECT_THAT(message(), AllOf(HasSubstr("nowhere"), HasSubstr("No such file or directory")));
  EXPECT_EQ(code_, ErrorCode::NotFound);
  options_.out = project_.path("o.txt");
  EXPECT_THAT(message(), HasSubstr("neither a .parquet, .csv nor .arrow"));
}

TEST_F(HistoricalTest, AFolderWithoutPermissionIsNamed) {
  if (::geteuid() == 0) {
    // Root may write anywhere but below a file system that refuses it.
    options_.out = "/proc/out.parquet";
    spine(kOneRow);
    EXPECT_THAT(message(), HasSubstr("/proc"));
    return;
  }
  spine(kOneRow);
  fs::create_directory(project_.path("closed"));
  ::chmod(project_.path("closed").c_str(), 0500);
  options_.out = project_.path("closed/o.parquet");
  EXPECT_THAT(message(), HasSubstr("Permission denied"));
  EXPECT_EQ(code_, ErrorCode::PermissionDenied);
}

TEST_F(HistoricalTest, AFullDiskLeavesNothingBehindAndTheOldOutputWhole) {
  project_.write("spine.parquet",
                 "SELECT 1::BIGINT AS user_id, TIMESTAMP '2026-05-04' AS event_timestamp, "
                 "hash(i) AS a, hash(i + 1) AS b FROM range(100000) t(i)");
  project_.write_text("out.parquet", "the old one");
  options_.overwrite = true;
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  ::signal(SIGXFSZ, SIG_IGN);  // NOLINT(concurrency-mt-unsafe): one thread
  const rlimit small{.rlim_cur = 100'000, .rlim_max = old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const std::string failed = message();
  ::setrlimit(RLIMIT_FSIZE, &old);
  EXPECT_THAT(failed,
              AllOf(HasSubstr("write"), HasSubstr("/out.parquet"), Not(HasSubstr("/proc/"))));
  EXPECT_EQ(project_.read_text("out.parquet"), "the old one");
  EXPECT_THAT(project_.list("."), Not(Contains(HasSubstr(".tmp"))));
  EXPECT_EQ(message(), "");
}

TEST_F(HistoricalTest, AnOldOutputIsReplacedOnlyIfThatIsAsked) {
  spine(kOneRow);
  project_.write_text("out.parquet", "the old one");
  EXPECT_THAT(message(), AllOf(HasSubstr("out.parquet' exists"), HasSubstr("--overwrite")));
  EXPECT_EQ(code_, ErrorCode::AlreadyExists);
  EXPECT_EQ(project_.read_text("out.parquet"), "the old one");
  fs::remove(options_.out);
  fs::create_symlink(project_.path("nowhere"), options_.out);
  EXPECT_THAT(message(), HasSubstr("exists"));
  options_.overwrite = true;
  ASSERT_EQ(message(), "");
  EXPECT_THAT(output(), ElementsAre(HasSubstr("'f': 30")));
}

TEST_F(HistoricalTest, AFileThatIsReadIsNeverReplaced) {
  spine(kOneRow);
  project_.write("data/other.parquet", "SELECT 1 AS x");
  add_view(definitions_, "other", select("SELECT * FROM 'data/other.parquet'"), "x");
  fs::create_hard_link(project_.path("data/f.parquet"), project_.path("hard.parquet"));
  fs::create_symlink(project_.path("spine.parquet"), project_.path("soft.parquet"));
  options_.overwrite = true;
  for (const auto& [name, read] :
       std::map<std::string, std::string>{{"spine.parquet", "spine.parquet"},
                                          {"soft.parquet", "spine.parquet"},
                                          {"data/../data/f.parquet", "data/f.parquet"},
                                          {"hard.parquet", "data/f.parquet"},
                                          {"data/other.parquet", "data/other.parquet"}}) {
    options_.out = project_.path(name);
    EXPECT_THAT(message(), AllOf(HasSubstr(read + "', which is read"), HasSubstr("another name")))
        << name;
    EXPECT_EQ(code_, ErrorCode::InvalidArgument);
  }
  EXPECT_EQ(project_.rows("SELECT count(*) FROM '@/data/f.parquet'")[0][0],
            Value{.storage = std::int64_t{3}});
}

/// Does something once, when a phase is told whose name begins so.
struct During final : Progress {
  std::string phase;
  std::function<void()> action;

  void update(std::string_view told, std::uint64_t /*done*/, std::uint64_t /*total*/) override {
    if (action && told.starts_with(phase)) std::exchange(action, {})();
  }
};

TEST_F(HistoricalTest, AFileThatChangesOrVanishesWhileItIsReadIsAnError) {
  project_.write_text("data/c.csv", "user_id,event_timestamp,g\n1,2026-05-01,5\n");
  add_view(definitions_, "csv", csv("data/c.csv"), "g");
  add_view(definitions_,
           "sql",
           select("SELECT user_id, event_timestamp, g AS h FROM 'data/c.csv'"),
           "h");
  project_.write_text("spine.csv", "user_id,event_timestamp\n1,2026-05-04\n");
  options_.spine = project_.path("spine.csv");
  const std::map<std::string, std::string> sources = {
      {"v:f", "data/f.parquet"}, {"csv:g", "data/c.csv"}, {"sql:h", "data/c.csv"}};
  for (const auto& [feature, source] : sources) {
    for (const std::string& file : {source, std::string("spine.csv")}) {
      const std::string bytes = project_.read_text(file);
      for (const bool vanishes : {false, true}) {
        During during;
        during.phase = "writes";
        during.action = [&] {
          if (vanishes) {
            fs::remove(project_.path(file));
          } else {
            project_.write_text(file, bytes + "\n");
          }
        };
        const auto done = run({feature}, {.stop = {}, .progress = &during});
        project_.write_text(file, bytes);
        ASSERT_FALSE(done) << feature << file;
        EXPECT_EQ(done.error().code(), ErrorCode::Conflict) << done.error().message();
        EXPECT_THAT(std::string(done.error().message()),
                    HasSubstr(file + (vanishes ? "' vanished while" : "' changed while")));
        EXPECT_THAT(project_.list("."), ElementsAre(".provender", ".test", "data", "spine.csv"));
      }
    }
  }
}

TEST_F(HistoricalTest, WithoutASpineASourceThatChangesAfterItsRowsWereFoundIsAnError) {
  options_.spine.clear();
  options_.at = Timestamp(std::chrono::sys_days(std::chrono::May / 9 / 2026));
  During during;
  during.phase = "joins";
  during.action = [&] {
    project_.write("data/f.parquet",
                   "SELECT 7::BIGINT AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, "
                   "1::BIGINT AS f");
  };
  const auto done = run({"v:f"}, {.stop = {}, .progress = &during});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::Conflict) << done.error().message();
  EXPECT_FALSE(fs::exists(options_.out));
}

TEST_F(HistoricalTest, AStopIsObeyedSoonAndLeavesNothing) {
  definitions_ = user_definitions();
  add_view(definitions_,
           "slow",
           select("SELECT (i % 7)::BIGINT AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, "
                  "max(hash(i, j))::HUGEINT % 100 AS f FROM range(3000000) a(i), range(3000000) "
                  "b(j) GROUP BY i"),
           "f");
  spine(kOneRow);
  const std::stop_source stop;
  const std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop.request_stop();
  });
  const auto done = run({"slow:f"}, {.stop = stop.get_token(), .progress = nullptr});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::Cancelled);
  EXPECT_THAT(project_.list("."), Not(Contains(HasSubstr("out.parquet"))));
}

TEST_F(HistoricalTest, AStopBeforeTheStartIsObeyed) {
  spine(kOneRow);
  const std::stop_source stop;
  stop.request_stop();
  const auto done = run({"v:f"}, {.stop = stop.get_token(), .progress = nullptr});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::Cancelled);
}

TEST_F(HistoricalTest, TooLittleMemoryIsSaid) {
  DuckdbStore small(
      {.project = project_.folder(), .roots = {}, .memory_limit = 2 << 20, .threads = 1});
  spine(kOneRow);
  const std::vector<std::string> features = {"v:f"};
  auto selection =
      provender::select(definitions_, {.features = features, .service = "", .full_names = false});
  ASSERT_TRUE(selection);
  const auto done = small.historical(
      {.definitions = definitions_, .selection = *selection, .options = options_}, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::ResourceExhausted) << done.error().message();
}

TEST_F(HistoricalTest, ASpineThatDoesNotFitTheLimitIsJoinedInPasses) {
  project_.sql(
      "COPY (SELECT i % 1000 AS user_id, TIMESTAMP '2026-05-01' + to_seconds(i // 1000) AS "
      "event_timestamp, repeat('x', 200) || i AS t FROM range(5000) t(i)) TO '@/data/t.parquet'");
  add_view(definitions_, "texts", parquet("data/t.parquet"), "t", {.kind = Kind::String});
  project_.write("spine.parquet",
                 "SELECT i % 1000 AS user_id, TIMESTAMP '2026-05-02' AS event_timestamp, i AS "
                 "label FROM range(400000) t(i)");
  OfflineOptions options = project_.options();
  options.memory_limit = 150 << 20;
  DuckdbStore small(options);
  const std::vector<std::string> features = {"texts:t"};
  const auto selection =
      provender::select(definitions_, {.features = features, .service = "", .full_names = false});
  ASSERT_TRUE(selection);
  const HistoricalRequest request{
      .definitions = definitions_, .selection = *selection, .options = options_};
  options_.explain = true;
  const auto planned = small.historical(request, {});
  ASSERT_TRUE(planned) << planned.error().message();
  EXPECT_GT(planned->plan.passes, 1U);
  options_.explain = false;
  const auto done = small.historical(request, {});
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(project_.rows("SELECT count(*) FROM '@/out.parquet' WHERE label = file_row_number AND "
                          "t = repeat('x', 200) || (4000 + user_id)")[0][0],
            Value{.storage = std::int64_t{400'000}});
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

TEST_F(HistoricalTest, OneOfSpineRangeAndTimeSaysWhichRows) {
  options_.spine.clear();
  EXPECT_THAT(message(), HasSubstr("none of a spine, a range of time and a time"));
  const Timestamp may(std::chrono::sys_days(std::chrono::May / 1 / 2026));
  options_.range = {.start = may, .end = may};
  EXPECT_THAT(message(),
              AllOf(HasSubstr("begins at 2026-05-01T00:00:00Z"), HasSubstr("not after that")));
  options_.at = may;
  EXPECT_THAT(message(), HasSubstr("more than one"));
  EXPECT_EQ(code_, ErrorCode::InvalidArgument);
  EXPECT_FALSE(fs::exists(options_.out));
}

TEST_F(HistoricalTest, WithoutASpineViewsMustShareTheirKeys) {
  definitions_.entities.push_back(
      {.name = "item", .keys = {{.name = "item", .type = Type{.kind = Kind::Int64}}}});
  add_view(definitions_, "w", parquet("data/f.parquet"), "g").entities = {"item"};
  options_.spine.clear();
  options_.at = Timestamp(std::chrono::sys_days(std::chrono::May / 9 / 2026));
  const auto done = run({"v:f", "w:g"});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::InvalidArgument);
  EXPECT_THAT(std::string(done.error().message()),
              AllOf(HasSubstr("'v' has (user_id), 'w' has (item)"), HasSubstr("Give a spine")));
}

TEST_F(HistoricalTest, WithoutASpineTheTimeNeedsANameOfItsOwn) {
  options_.spine.clear();
  options_.at = Timestamp(std::chrono::sys_days(std::chrono::May / 9 / 2026));
  options_.event_timestamp = "USER_ID";
  EXPECT_THAT(message(), AllOf(HasSubstr("'user_id'"), HasSubstr("--event-timestamp")));
  options_.event_timestamp = "day";
  ASSERT_TRUE(run());
  EXPECT_THAT(output(),
              ElementsAre("{'user_id': 1, 'day': '2026-05-09 00:00:00', 'f': 30}",
                          "{'user_id': 2, 'day': '2026-05-09 00:00:00', 'f': NULL}"));
}

}  // namespace
}  // namespace provender::offline
