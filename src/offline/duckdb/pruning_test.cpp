#include <chrono>

#include <fmt/format.h>

#include "base/text.hpp"
#include "offline/duckdb/testing_historical.hpp"

/// Row groups that are not read, and those that must be: whatever metadata a file has.
namespace provender::offline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Users 1 to 4 at the first four days of May 2026, f ten times the user, in two row groups, as
/// pyarrow 26 writes them with write_statistics=False.
constexpr std::string_view kWithoutStatistics =
    "UEFSMRUAFSwVLCwVBBUAFQYVBhwAAAACAAAABAEBAAAAAAAAAAIAAAAAAAAAFQAVLBUsLBUEFQAVBhUGHAAAAAIAAA"
    "AEAQBAFUO2UAYAAKDsYMpQBgAVABUsFSwsFQQVABUGFQYcAAAAAgAAAAQBCgAAAAAAAAAUAAAAAAAAABUAFSwVLCwV"
    "BBUAFQYVBhwAAAACAAAABAEDAAAAAAAAAAQAAAAAAAAAFQAVLBUsLBUEFQAVBhUGHAAAAAIAAAAEAQAAxH7eUAYAAG"
    "CbnPJQBgAVABUsFSwsFQQVABUGFQYcAAAAAgAAAAQBHgAAAAAAAAAoAAAAAAAAABUEGUw1ABgGc2NoZW1hFQYAFQQl"
    "AhgHdXNlcl9pZAAVBCUCGA9ldmVudF90aW1lc3RhbXAlFEyMEhwsAAAAAAAVBCUCGAFmABYIGSwZPCYAHBUEGSUGAB"
    "kYB3VzZXJfaWQVABYEFlIWUiYISRwVABUAFQIAPCkGGSYABAAAACYAHBUEGSUGABkYD2V2ZW50X3RpbWVzdGFtcBUA"
    "FgQWUhZSJlpJHBUAFQAVAgA8KQYZJgAEAAAAJgAcFQQZJQYAGRgBZhUAFgQWUhZSJqwBSRwVABUAFQIAPCkGGSYABA"
    "AAABb2ARYEJggW9gEAGTwmABwVBBklBgAZGAd1c2VyX2lkFQAWBBZSFlIm/gFJHBUAFQAVAgA8KQYZJgAEAAAAJgAc"
    "FQQZJQYAGRgPZXZlbnRfdGltZXN0YW1wFQAWBBZSFlIm0AJJHBUAFQAVAgA8KQYZJgAEAAAAJgAcFQQZJQYAGRgBZh"
    "UAFgQWUhZSJqIDSRwVABUAFQIAPCkGGSYABAAAABb2ARYEJv4BFvYBACggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lv"
    "biAyNi4wLjEZPBwAABwAABwAAAC9AQAAUEFSMQ==";

class Pruning : public HistoricalTest {
 protected:
  std::vector<std::string> rows_by(JoinEngine engine, const std::vector<std::string>& features) {
    auto opened = project_.options();
    opened.join_engine = engine;
    store_ = std::make_unique<DuckdbStore>(opened);
    options_.overwrite = true;
    const auto done = run(features);
    EXPECT_TRUE(done) << done.error().message();
    if (done) report_ = *done;
    return output();
  }

  PlanStep planned(const std::vector<std::string>& features) {
    options_.explain = true;
    const auto done = run(features);
    options_.explain = false;
    EXPECT_TRUE(done) << done.error().message();
    return done ? done->plan.steps.at(0) : PlanStep{};
  }

  HistoricalReport report_;
};

TEST_F(Pruning, OfAFileWithoutStatisticsAllIsRead) {
  project_.write_text("data/f.parquet", base64_decode(kWithoutStatistics).value());
  ASSERT_EQ(project_.rows("SELECT count(*) FROM parquet_metadata('@/data/f.parquet') WHERE "
                          "stats_min_value IS NULL AND stats_null_count IS NULL")[0][0],
            Value{.storage = std::int64_t{6}});
  spine("(4::BIGINT, TIMESTAMP '2026-05-04 00:00:00', 'a'), (1, '2026-04-01 00:00:00', 'b')");
  EXPECT_EQ(planned({"v:f"}).row_groups_read, 2U);
  EXPECT_THAT(rows_by(JoinEngine::Kernel, {"v:f"}),
              ElementsAre(HasSubstr("'f': 40"), HasSubstr("'f': NULL")));
  EXPECT_EQ(report_.views[0].source_rows, 4U);
}

TEST_F(Pruning, RowGroupsWithNullsAreReadAndCountedOthersAsTheirBoundsAre) {
  // By row group: plain; no key; no time; some keys missing; features missing; later; other keys.
  project_.write(
      "data/f.parquet",
      "SELECT CASE WHEN g = 1 OR (g = 3 AND i % 2 = 0) THEN NULL WHEN g = 6 THEN 1000 + i % 10 "
      "ELSE i % 10 END::BIGINT AS user_id, "
      "CASE WHEN g <> 2 THEN TIMESTAMP '2026-05-01' + INTERVAL 1 DAY * (CASE g WHEN 5 THEN 90 ELSE "
      "g END) + to_seconds(i) END AS event_timestamp, "
      "CASE WHEN g <> 4 THEN i END AS f, "
      "CASE WHEN g <> 4 AND i % 3 > 0 THEN TIMESTAMP '1969-12-31 23:59:59' + to_seconds(i) END AS "
      "seen, CASE WHEN g <> 4 THEN repeat(chr((97 + i % 26)::INTEGER), 3) END AS s "
      "FROM (SELECT i, i // 2048 AS g FROM range(7 * 2048) r(i))",
      2048);
  add_view(definitions_, "times", parquet("data/f.parquet"), "seen", {.kind = Kind::Timestamp});
  add_view(definitions_, "texts", parquet("data/f.parquet"), "s", {.kind = Kind::String}).ttl =
      std::chrono::days(3);
  project_.write("spine.parquet",
                 "SELECT CASE WHEN i % 17 > 0 THEN i % 12 END::BIGINT AS user_id, TIMESTAMP "
                 "'2026-05-01' + to_seconds(i * 997) AS event_timestamp FROM range(1000) r(i)");
  const std::vector<std::string> features = {"v:f", "times:seen", "texts:s"};
  options_.with_status = true;
  const PlanStep step = planned(features);
  EXPECT_EQ(step.row_groups, 7U);
  EXPECT_EQ(step.row_groups_read, 5U);  // neither the later one nor that of other keys
  const auto ours = rows_by(JoinEngine::Kernel, features);
  const HistoricalReport report = report_;
  EXPECT_EQ(ours, rows_by(JoinEngine::Asof, features));
  for (std::size_t i = 0; i < features.size(); ++i) {
    EXPECT_EQ(report.views[i].source_rows, 7U * 2048U);
    EXPECT_EQ(report.views[i].skipped_rows, 2U * 2048U + 1024U);
    EXPECT_EQ(report.views[i].skipped_rows, report_.views[i].skipped_rows);
  }
  EXPECT_EQ(report.null_rows, report_.null_rows);
}

/// Key by key, 2,500 rows each: the keys of a row group are few.
class FewKeys : public Pruning {
 protected:
  void write(const std::string& key, const std::string& name = "f", int first = 0) {
    project_.write(
        "data/" + name + ".parquet",
        fmt::format("SELECT {} AS user_id, TIMESTAMP '2026-05-01' + to_seconds(i * 7919 % 2500) AS "
                    "event_timestamp, CASE WHEN i % 5 > 0 THEN i END AS f, 's' || i % 7 AS s FROM "
                    "range({}, {}) r(i)",
                    key,
                    first,
                    first + 20480),
        2048);
  }
  void ask(const std::string& keys) {
    project_.write("spine.parquet",
                   fmt::format("SELECT key AS user_id, TIMESTAMP '2026-05-01 00:10:00' + to_seconds"
                               "(i * 60) AS event_timestamp FROM (SELECT unnest([{}]) AS key), "
                               "range(5) r(i)",
                               keys));
  }
  /// Whether DuckDB's scans leave rows of other keys out.
  bool are_chosen(const std::vector<std::string>& features = {"v:f"}) {
    scan();
    return planned(features).second_pass.contains("whose key is asked for");
  }
  void scan() {
    auto options = project_.options();
    options.join_engine = JoinEngine::KernelScan;
    store_ = std::make_unique<DuckdbStore>(options);
  }
  void expect_same(const std::vector<std::string>& features = {"v:f"}) {
    const auto ours = rows_by(JoinEngine::KernelScan, features);
    const HistoricalReport report = report_;
    EXPECT_EQ(ours, rows_by(JoinEngine::Kernel, features));
    EXPECT_EQ(ours, rows_by(JoinEngine::KernelSlots, features));
    EXPECT_EQ(ours, rows_by(JoinEngine::KernelReplay, features));
    EXPECT_EQ(ours, rows_by(JoinEngine::Asof, features));
    EXPECT_EQ(report.views[0].source_rows, report_.views[0].source_rows);
    EXPECT_EQ(report.views[0].skipped_rows, report_.views[0].skipped_rows);
  }
};

TEST_F(FewKeys, OfThoseOnlyRowsAreLookedAtFurther) {
  write("i // 2500");
  ask("1, 4, 7, 100");
  EXPECT_TRUE(are_chosen());
  EXPECT_EQ(planned({"v:f"}).row_groups_read, 7U);
  expect_same();
  ask("3");
  EXPECT_TRUE(are_chosen());
  expect_same();
  ask("0, 1, 2, 3, 4, 5, 6, 7, 8");
  EXPECT_TRUE(are_chosen());
  expect_same();
}

TEST_F(FewKeys, AreTextsOrNarrowerNumbersOfSeveralFilesToo) {
  write("(i // 2500)::INTEGER");
  ask("1, 4, 7, 99999999999");
  EXPECT_TRUE(are_chosen());
  expect_same();

  definitions_ = user_definitions({.kind = Kind::String});
  add_view(definitions_, "v", parquet("data/*.parquet"), "f");
  add_view(definitions_, "w", parquet("data/*.parquet"), "s", {.kind = Kind::String});
  write("'a key of text, number ' || (100 + i // 2500)");
  write("'a key of text, number ' || (100 + i // 2500)", "g", 20480);
  ask("'a key of text, number 102', 'a key of text, number 112', 'another'");
  EXPECT_TRUE(are_chosen({"v:f", "w:s"}));
  expect_same({"v:f", "w:s"});
}

TEST_F(FewKeys, RowsThatAreLeftOutAreDoneToo) {
  struct Told final : Progress {
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    void update(std::string_view phase, std::uint64_t now, std::uint64_t all) override {
      if (!phase.starts_with("joins")) return;
      done = now;
      total = all;
    }
  } told;
  write("i // 2500");
  ask("1, 4, 7");
  ASSERT_TRUE(are_chosen());
  options_.explain = false;
  ASSERT_TRUE(run({"v:f"}, {.stop = {}, .progress = &told}));
  EXPECT_GT(told.total, 0U);
  EXPECT_EQ(told.done, told.total);
}

TEST_F(FewKeys, WithACreatedTimestampAreChosenToo) {
  write("i // 2500");
  definitions_.feature_views.front().source.created_timestamp = "event_timestamp";
  ask("1, 4, 7");
  EXPECT_TRUE(are_chosen());
  expect_same();
}

TEST_F(FewKeys, AreNotChosenWhereRowsCouldBeMissed) {
  write("CASE WHEN i % 2048 <> 9 THEN i // 2500 END");  // null keys are counted
  ask("1, 4");
  EXPECT_FALSE(are_chosen());
  expect_same();
  EXPECT_EQ(report_.views[0].skipped_rows, 10U);

  write("i % 8");  // in no order of keys
  EXPECT_FALSE(are_chosen());
  expect_same();
}

/// Keys of a row group lie anywhere, and each has 50 rows in one row group: no bounds help. The
/// row groups are 10.
class BloomFilters : public Pruning {
 protected:
  BloomFilters() {
    project_.write("data/f.parquet", rows("hash(i // 50) % 100000"), 2048);
    definitions_ = user_definitions();
    add_view(definitions_, "v", parquet("data/f.parquet"), "f");
  }

  static std::string rows(const std::string& key, const std::string& more = "") {
    return fmt::format(
        "SELECT ({})::BIGINT AS user_id, TIMESTAMP '2026-05-01' + to_seconds(i % 50) "
        "AS event_timestamp, i AS f{} FROM range(20480) r(i)",
        key,
        more);
  }
  /// Keys of the rows 5000 and 19000, and one that there is not.
  void ask(const std::string& type = "BIGINT") {
    project_.write(
        "spine.parquet",
        fmt::format("SELECT user_id::{0} AS user_id, TIMESTAMP '2026-05-04' AS "
                    "event_timestamp FROM (SELECT user_id FROM '{1}' WHERE f IN (5000, "
                    "19000) ORDER BY f) UNION ALL SELECT 100001::{0}, TIMESTAMP '2026-05-04'",
                    type,
                    project_.path("data/f.parquet").string()));
  }
};

TEST_F(BloomFilters, SayWhichRowGroupsHaveNoneOfFewKeys) {
  ask();
  EXPECT_LE(planned({"v:f"}).row_groups_read, 4U);
  EXPECT_GE(planned({"v:f"}).row_groups_read, 2U);
  EXPECT_THAT(rows_by(JoinEngine::Kernel, {"v:f"}),
              ElementsAre(HasSubstr("'f': 5049"), HasSubstr("'f': 19049"), HasSubstr("'f': NULL")));
  EXPECT_EQ(report_.views[0].source_rows, 20480U);

  project_.write("spine.parquet",
                 "SELECT (hash(i * 24) % 100000)::BIGINT AS user_id, TIMESTAMP '2026-05-04' AS "
                 "event_timestamp FROM range(17) r(i)");
  EXPECT_EQ(planned({"v:f"}).row_groups_read, 10U);  // of so many keys nobody is asked
}

TEST_F(BloomFilters, OfTextsAndOfSeveralFiles) {
  definitions_ = user_definitions({.kind = Kind::String});
  add_view(definitions_, "v", parquet("data/*.parquet"), "f");
  for (int i = 0; i < 2; ++i) {
    project_.write(
        fmt::format("data/{}.parquet", i == 0 ? "f" : "g"),
        fmt::format("SELECT * REPLACE ('é' || user_id AS user_id, f + {} AS f) FROM ({})",
                    i * 100'000,
                    rows(fmt::format("hash({} + i // 50) % 100000", i * 1000))),
        2048);
  }
  ask("VARCHAR");
  const PlanStep step = planned({"v:f"});
  EXPECT_EQ(step.row_groups, 20U);
  EXPECT_LE(step.row_groups_read, 6U);
  const auto ours = rows_by(JoinEngine::Kernel, {"v:f"});
  EXPECT_EQ(ours, rows_by(JoinEngine::Asof, {"v:f"}));
  EXPECT_THAT(ours[0], HasSubstr("'f': 5049"));
}

TEST_F(BloomFilters, OfANarrowerColumnThanTheKey) {
  project_.write("data/f.parquet",
                 "SELECT * REPLACE (user_id::INTEGER AS user_id) FROM (" +
                     rows("hash(i // 50) % 100000") + ")",
                 2048);
  ask();
  project_.sql(
      "COPY (FROM '@/spine.parquet' UNION ALL SELECT 99999999999, TIMESTAMP '2026-05-04') TO "
      "'@/spine.parquet'");
  EXPECT_LE(planned({"v:f"}).row_groups_read, 4U);
  EXPECT_EQ(rows_by(JoinEngine::Kernel, {"v:f"}), rows_by(JoinEngine::Asof, {"v:f"}));
}

TEST_F(BloomFilters, DoNotHideRowsThatAreCounted) {
  project_.write("data/f.parquet",
                 rows("CASE WHEN i % 2048 = 7 THEN NULL ELSE hash(i // 50) % 100000 END"),
                 2048);
  ask();
  EXPECT_EQ(planned({"v:f"}).row_groups_read, 10U);
  rows_by(JoinEngine::Kernel, {"v:f"});
  EXPECT_EQ(report_.views[0].skipped_rows, 10U);
}

TEST_F(BloomFilters, OfTwoRolesAreThoseOfBoth) {
  ask();
  project_.sql(
      "COPY (SELECT max(user_id) FILTER (file_row_number = 0) AS user_id, max(user_id) FILTER "
      "(file_row_number = 1) AS other_id, TIMESTAMP '2026-05-04' AS event_timestamp FROM "
      "read_parquet('@/spine.parquet', file_row_number = true)) TO '@/roles.parquet'");
  options_.spine = project_.path("roles.parquet");
  const std::vector<std::string> features = {"v:f", "v:f as other (user_id = other_id)"};
  const auto selection =
      provender::select(definitions_, {.features = features, .service = "", .full_names = true});
  ASSERT_TRUE(selection) << selection.error().message();
  const auto done = store_->historical(
      {.definitions = definitions_, .selection = *selection, .options = options_}, {});
  ASSERT_TRUE(done) << done.error().message();
  // The row group of each key is one that the other's role does not need.
  EXPECT_THAT(output(), ElementsAre(HasSubstr("'v__f': 5049, 'other__f': 19049")));
}

}  // namespace
}  // namespace provender::offline
