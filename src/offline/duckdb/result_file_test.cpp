#include <gtest/gtest.h>

#include "offline/duckdb/duckdb_store.hpp"
#include "offline/duckdb/test_engines.hpp"
#include "offline/duckdb/test_project.hpp"
#include "offline/duckdb/test_views.hpp"

/// The Parquet file of training rows, as a file.
namespace provender::offline {
namespace {

class ResultFile : public ::testing::TestWithParam<JoinEngine> {};

TEST_P(ResultFile, IsZstdInRowGroupsThatReadersShare) {
  constexpr std::int64_t kRows = 150'000;  // several passes cut their row groups apart
  const std::size_t row_groups = GetParam() == JoinEngine::KernelPasses ? 3 : 2;
  TestProject project;
  project.write(
      "data/f.parquet",
      "SELECT range AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, range * 3 AS f "
      "FROM range(1000)");
  project.write("spine.parquet",
                "SELECT range % 1000 AS user_id, TIMESTAMP '2026-05-02' AS event_timestamp, range "
                "AS label FROM range(150000)");
  Definitions definitions = user_definitions();
  add_view(definitions, "v", parquet("data/f.parquet"), "f");
  const std::vector<std::string> names = {"f"};
  const auto selection = provender::select(definitions, {.features = names, .service = ""});
  ASSERT_TRUE(selection) << selection.error().message();
  auto opened = project.options();
  opened.join_engine = GetParam();
  DuckdbStore store(opened);
  const HistoricalOptions options{
      .features = {}, .spine = project.path("spine.parquet"), .out = project.path("out.parquet")};
  const auto done = store.historical(
      {.definitions = definitions, .selection = *selection, .options = options}, {});
  ASSERT_TRUE(done) << done.error().message();

  const Rows codecs =
      project.rows("SELECT DISTINCT compression FROM parquet_metadata('@/out.parquet')");
  ASSERT_EQ(codecs.size(), 1U);
  EXPECT_TRUE(codecs[0][0] == Value{.storage = std::string("ZSTD")});
  const Rows groups = project.rows(
      "SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('@/out.parquet') "
      "ORDER BY 1");
  EXPECT_EQ(groups.size(), row_groups);
  std::int64_t rows = 0;
  for (const auto& group : groups) {
    // DuckDB cuts about there, where a batch of the scan ends.
    EXPECT_LE(std::get<std::int64_t>(group[1].storage), 122'880 + 8192);
    rows += std::get<std::int64_t>(group[1].storage);
  }
  EXPECT_EQ(rows, kRows);
}

INSTANTIATE_TEST_SUITE_P(Engines, ResultFile, each_engine(), engine_name);

}  // namespace
}  // namespace provender::offline
