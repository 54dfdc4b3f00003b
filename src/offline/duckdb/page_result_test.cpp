#include "offline/duckdb/page_result.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offline/duckdb/testing_historical.hpp"

/// Results that are written without DuckDB.
namespace provender::offline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// One column of each type that is read page by page, one row in seven null.
constexpr const char* kAllTypes =
    "CASE WHEN i % 7 <> 0 THEN i % 3 = 0 END AS {0}_bool, "
    "CASE WHEN i % 7 <> 1 THEN (i * 7)::INTEGER END AS {0}_int, "
    "CASE WHEN i % 7 <> 2 THEN i * 1234567891 END AS {0}_bigint, "
    "CASE WHEN i % 7 <> 3 THEN (i / 8)::FLOAT * CASE WHEN i % 2 = 0 THEN -1 ELSE 1 END END AS "
    "{0}_float, "
    "CASE WHEN i % 7 <> 4 THEN CASE WHEN i % 11 = 0 THEN 'nan'::DOUBLE WHEN i % 11 = 1 THEN "
    "'-0.0' ELSE i / 10 END END AS {0}_double, "
    "CASE WHEN i % 7 <> 5 THEN repeat('text ', (i % 5)::INTEGER) || (i % 100) END AS {0}_text, "
    "CASE WHEN i % 7 <> 6 THEN ('\\x00\\xFF' || i)::BLOB END AS {0}_bytes, "
    "CASE WHEN i % 7 <> 0 THEN TIMESTAMP '2026-05-01' + to_microseconds(i) END AS {0}_time";

class PageResultTest : public HistoricalTest {
 protected:
  static constexpr int kRows = 130'000;

  PageResultTest() {
    project_.write("data/all.parquet",
                   "SELECT i AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, " +
                       fmt::format(fmt::runtime(kAllTypes), "f") + " FROM range(1000) t(i)");
    definitions_ = user_definitions();
    FeatureView view{.name = "all", .entities = {"user_id"}, .source = parquet("data/all.parquet")};
    view.ttl = std::chrono::days(3);
    for (const auto& [name, kind] :
         std::vector<std::pair<std::string, Kind>>{{"f_bool", Kind::Bool},
                                                   {"f_int", Kind::Int32},
                                                   {"f_bigint", Kind::Int64},
                                                   {"f_float", Kind::Float32},
                                                   {"f_double", Kind::Float64},
                                                   {"f_text", Kind::String},
                                                   {"f_bytes", Kind::Bytes},
                                                   {"f_time", Kind::Timestamp}}) {
      view.features.push_back({.name = name, .type = {.kind = kind}});
      features_.push_back("all:" + name);
    }
    definitions_.feature_views.push_back(view);
  }

  /// Of users that have features, features that are too old, or none.
  void write_spine(const std::string& more, std::size_t row_group_rows = 122'880) {
    project_.write(
        "spine.parquet",
        fmt::format("SELECT (i * 7919) % 1100 AS user_id, TIMESTAMPTZ '2026-05-02 00:00:00+00' + "
                    "to_days((i % 4)::INTEGER) AS event_timestamp, {} FROM range({}) t(i)",
                    more,
                    kRows),
        row_group_rows);
  }

  void run_with(JoinEngine engine, const std::string& out) {
    auto opened = project_.options();
    opened.join_engine = engine;
    store_ = std::make_unique<DuckdbStore>(opened);
    options_.out = project_.path(out);
    options_.overwrite = true;
    const auto done = run(features_);
    ASSERT_TRUE(done) << done.error().message();
  }

  std::string writer_of(const std::string& file) {
    const auto rows =
        project_.rows("SELECT created_by FROM parquet_file_metadata('@/" + file + "')");
    return std::get<std::string>(rows.at(0).at(0).storage);
  }

  std::vector<std::string> features_;
};

TEST_F(PageResultTest, HoldsWhatDuckDbWouldWrite) {
  options_.with_status = true;
  write_spine(fmt::format(fmt::runtime(kAllTypes), "s"), 50'000);
  run_with(JoinEngine::KernelScan, "duckdb.parquet");
  EXPECT_THAT(writer_of("duckdb.parquet"), StartsWith("DuckDB"));
  const auto schema = [&](const std::string& file) {
    return project_.rows("SELECT column_name, column_type FROM (DESCRIBE FROM '@/" + file + "')");
  };
  for (const JoinEngine engine : {JoinEngine::Kernel, JoinEngine::KernelPasses}) {
    run_with(engine, "out.parquet");
    EXPECT_THAT(writer_of("out.parquet"), StartsWith("provender version "));
    EXPECT_EQ(schema("out.parquet"), schema("duckdb.parquet"));
    // As texts, so that -0.0 and NaN are what they are.
    const auto rows = project_.rows(
        "SELECT count(*), count(*) FILTER (a::VARCHAR <> b::VARCHAR) FROM '@/out.parquet' a JOIN "
        "'@/duckdb.parquet' b ON a.file_row_number = b.file_row_number");
    EXPECT_EQ(rows[0][0], Value{.storage = std::int64_t{kRows}});
    EXPECT_EQ(rows[0][1], Value{.storage = std::int64_t{0}});
  }
}

TEST_F(PageResultTest, TellsReadersWhatToSkip) {
  write_spine("i AS label, 'user ' || (i // 1000) AS name");
  run_with(JoinEngine::Kernel, "out.parquet");
  const auto bounds = [&](const std::string& column) {
    std::vector<std::string> out;
    for (const auto& row : project_.rows(
             "SELECT stats_min_value || ' to ' || stats_max_value || ', ' || stats_null_count FROM "
             "parquet_metadata('@/out.parquet') WHERE path_in_schema = '" +
             column + "' ORDER BY row_group_id")) {
      out.push_back(std::get<std::string>(row[0].storage));
    }
    return out;
  };
  EXPECT_THAT(bounds("label"), ElementsAre("0 to 122879, 0", "122880 to 129999, 0"));
  EXPECT_THAT(bounds("name").front(), "user 0 to user 99, 0");
  EXPECT_THAT(bounds("event_timestamp").front(), HasSubstr("2026-05-02 00:00:00"));
  // By which DuckDB leaves rows out, and must find those that there are.
  for (const char* condition : {"label = 125000", "name = 'user 129'", "f_double < -1"}) {
    EXPECT_EQ(
        project_.rows(fmt::format("SELECT count(*) FROM '@/out.parquet' WHERE {}", condition)),
        project_.rows(fmt::format(
            "SELECT count(*) FROM (SELECT * FROM '@/out.parquet' OFFSET 0) WHERE {}", condition)))
        << condition;
  }
}

TEST_F(PageResultTest, IsLeftToDuckDbWhereTheSpineHasWhatOnlyDuckDbReads) {
  for (const char* column : {"i::UINTEGER", "DATE '2026-05-01'", "[i]", "i::DECIMAL(18, 3)"}) {
    write_spine(std::string(column) + " AS label");
    run_with(JoinEngine::Kernel, "out.parquet");
    EXPECT_THAT(writer_of("out.parquet"), StartsWith("DuckDB")) << column;
  }
  write_spine("i AS file_row_number");
  run_with(JoinEngine::Kernel, "out.parquet");
  EXPECT_THAT(writer_of("out.parquet"), StartsWith("DuckDB"));
}

TEST_F(PageResultTest, IsTheSameEachTime) {
  write_spine("hash(i)::VARCHAR AS label");
  run_with(JoinEngine::Kernel, "out.parquet");
  const std::string first = project_.read_text("out.parquet");
  for (int i = 0; i < 2; ++i) {
    run_with(JoinEngine::Kernel, "out.parquet");
    EXPECT_TRUE(project_.read_text("out.parquet") == first);
  }
}

TEST_F(PageResultTest, OfNoRowsHasItsColumns) {
  write_spine("i AS label");
  project_.sql("COPY (FROM '@/spine.parquet' LIMIT 0) TO '@/none.parquet'");
  options_.spine = project_.path("none.parquet");
  run_with(JoinEngine::Kernel, "out.parquet");
  EXPECT_EQ(project_.rows("SELECT count(*) FROM '@/out.parquet'")[0][0],
            Value{.storage = std::int64_t{0}});
  EXPECT_EQ(project_.rows("SELECT count(*) FROM (DESCRIBE FROM '@/out.parquet')")[0][0],
            Value{.storage = std::int64_t{11}});
  EXPECT_THAT(writer_of("out.parquet"), StartsWith("provender version "));
}

TEST_F(PageResultTest, IsHardlyLargerThanASpineWhoseTextsAreInADictionary) {
  project_.sql(fmt::format(
      "COPY (SELECT i % 1100 AS user_id, TIMESTAMPTZ '2026-05-02 00:00:00+00' AS event_timestamp, "
      "md5((i % 17000)::VARCHAR) || md5((i % 17000 + 1)::VARCHAR) AS prompt FROM "
      "range({}) t(i)) TO '@/spine.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE "
      "122880, DICTIONARY_SIZE_LIMIT 50000, STRING_DICTIONARY_PAGE_SIZE_LIMIT 10000000)",
      kRows));
  run_with(JoinEngine::Kernel, "out.parquet");
  EXPECT_THAT(writer_of("out.parquet"), StartsWith("provender version "));
  const auto bytes_of = [&](const std::string& file) {
    return std::get<std::int64_t>(
        project_
            .rows("SELECT sum(total_compressed_size)::BIGINT FROM parquet_metadata('@/" + file +
                  "') WHERE path_in_schema = 'prompt'")[0][0]
            .storage);
  };
  EXPECT_LT(bytes_of("out.parquet"), bytes_of("spine.parquet") * 3 / 2)
      << "though after thousands of rows none has come twice";
  EXPECT_EQ(project_.rows("SELECT count(*) FROM '@/out.parquet' a JOIN '@/spine.parquet' b ON "
                          "a.file_row_number = b.file_row_number AND a.prompt = b.prompt")[0][0],
            Value{.storage = std::int64_t{kRows}});
}

TEST_F(PageResultTest, ADamagedColumnOfTheSpineIsNamed) {
  write_spine("hash(i)::VARCHAR AS label");
  std::string bytes = project_.read_text("spine.parquet");
  const auto rows = project_.rows(
      "SELECT data_page_offset FROM parquet_metadata('@/spine.parquet') WHERE path_in_schema = "
      "'label' AND row_group_id = 1");
  const auto at = static_cast<std::size_t>(std::get<std::int64_t>(rows[0][0].storage));
  bytes.replace(at + 40, 400, std::string(400, '\xEE'));
  project_.write_text("spine.parquet", bytes);
  remember_files();
  const auto done = run(features_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::InvalidArgument) << done.error().message();
  EXPECT_THAT(std::string(done.error().message()),
              ::testing::AllOf(HasSubstr("spine.parquet"), HasSubstr("label")));
  EXPECT_EQ(files(), before_);
}

}  // namespace
}  // namespace provender::offline
