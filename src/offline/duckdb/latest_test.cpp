#include "offline/duckdb/latest.hpp"

#include <chrono>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offline/duckdb/duckdb_store.hpp"
#include "offline/duckdb/test_project.hpp"
#include "offline/duckdb/test_views.hpp"

namespace provender::offline {
namespace {

constexpr Timestamp kEnd{Duration(1'800'000'000'000'000)};

class LatestTest : public ::testing::Test {
 protected:
  struct Read {
    std::uint64_t rows = 0;
    bool ascending = true;
    std::int64_t sum = 0;
  };

  /// Reads a view of an int64 key and an int64 feature to its end.
  Result<Read> read(const FeatureView& view, const Control& control = {}) {
    auto reader = store_.latest(definitions_, view, kEnd, control);
    if (!reader) return std::move(reader).error();
    Read out;
    std::optional<std::int64_t> last;
    while (true) {
      auto batch = (*reader)->next();
      if (!batch) return std::move(batch).error();
      if (!*batch) return out;
      for (std::size_t row = 0; row < (*batch)->rows; ++row) {
        const auto key = (*batch)->columns[0].at<std::int64_t>(row);
        out.ascending = out.ascending && (!last || key > *last);
        last = key;
        out.sum += (*batch)->columns[3].at<std::int64_t>(row);
        ++out.rows;
      }
    }
  }

  TestProject project_;
  DuckdbStore store_{project_.options()};
  Definitions definitions_ = user_definitions();
};

TEST_F(LatestTest, OneRowPerKeyAscends) {
  project_.write("a.parquet",
                 "SELECT (hash(i) % 1000000)::BIGINT - 500000 AS user_id, TIMESTAMP '2026-05-01' "
                 "AS event_timestamp, "
                 "1::BIGINT AS f FROM range(200000) t(i)");
  const auto out = read(add_view(definitions_, "v", parquet("a.parquet"), "f"));
  ASSERT_TRUE(out) << out.error().message();
  EXPECT_TRUE(out->ascending);
  EXPECT_EQ(project_.rows("SELECT count(DISTINCT user_id) FROM '@/a.parquet'")[0][0],
            Value{.storage = static_cast<std::int64_t>(out->rows)});
}

TEST_F(LatestTest, ManyRowsOfAKeyAcrossBatchesGiveTheLastOne) {
  // 40 keys × 5,000 rows, of which 3,000 are tied: the last of the file wins.
  project_.write("a.parquet",
                 "SELECT (i % 40)::BIGINT AS user_id, TIMESTAMP '2026-05-01' + "
                 "to_microseconds(least(i // 40, 2000)) "
                 "AS event_timestamp, (i // 40)::BIGINT AS f FROM range(200000) t(i)");
  const auto out = read(add_view(definitions_, "v", parquet("a.parquet"), "f"));
  ASSERT_TRUE(out) << out.error().message();
  EXPECT_EQ(out->rows, 40U);
  EXPECT_EQ(out->sum, 40 * 4999);
}

TEST_F(LatestTest, ColumnsAreKeysTimesAndFeatures) {
  project_.write("a.parquet",
                 "SELECT 7::BIGINT AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, "
                 "[0.5::FLOAT, NULL] AS f");
  const FeatureView& view =
      add_view(definitions_, "v", parquet("a.parquet"), "f", {Kind::Float32, true});
  auto reader = store_.latest(definitions_, view, kEnd, {});
  ASSERT_TRUE(reader);
  const auto batch = (*reader)->next();
  ASSERT_TRUE(batch && *batch);
  ASSERT_EQ((*batch)->columns.size(), 4U);
  EXPECT_EQ((*batch)->columns[1].type, Type{Kind::Timestamp});
  EXPECT_EQ(value_at((*batch)->columns[1], 0),
            (Value{.storage = Timestamp(Duration(1'777'593'600'000'000))}));
  EXPECT_TRUE((*batch)->columns[2].is_null(0));
  EXPECT_EQ(value_at((*batch)->columns[3], 0),
            (Value{.storage = ValueList{Value{.storage = 0.5F}, Value{}}}));
}

TEST_F(LatestTest, RowsWithoutKeyOrTimeAreCounted) {
  project_.write("a.parquet",
                 "SELECT * FROM (VALUES (1::BIGINT, TIMESTAMP '2026-05-01', 1::BIGINT), (NULL, "
                 "'2026-05-01', 2), "
                 "(3, NULL, 3)) t(user_id, event_timestamp, f)");
  auto reader =
      store_.latest(definitions_, add_view(definitions_, "v", parquet("a.parquet"), "f"), kEnd, {});
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->skipped_rows(), 2U);
}

std::uint64_t bytes_below(const std::filesystem::path& folder) {
  std::uint64_t out = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) out += entry.file_size();
  }
  return out;
}

TEST_F(LatestTest, SortingSpillsUnderTheMemoryLimit) {
  DuckdbStore small(
      {.project = project_.folder(), .roots = {}, .memory_limit = 300 << 20, .threads = 1});
  project_.sql(
      "COPY (SELECT (hash(i) % 1000000007)::BIGINT AS user_id, TIMESTAMP '2026-05-01' AS "
      "event_timestamp, "
      "repeat('x', 400) || i AS f FROM range(700000) t(i)) TO '@/a.parquet' (ROW_GROUP_SIZE "
      "20480)");
  const FeatureView& view = add_view(definitions_, "v", parquet("a.parquet"), "f", {Kind::String});
  auto reader = small.latest(definitions_, view, kEnd, {});
  ASSERT_TRUE(reader) << reader.error().message();
  // Some 290 MB of text are sorted in three quarters of 300: the rest lies in files.
  EXPECT_GT(bytes_below(project_.path(".provender/tmp")), std::uint64_t{32} << 20);
  std::uint64_t rows = 0;
  while (true) {
    const auto batch = (*reader)->next();
    ASSERT_TRUE(batch) << batch.error().message();
    if (!*batch) break;
    rows += (*batch)->rows;
  }
  EXPECT_GT(rows, 699000U);
}

TEST_F(LatestTest, AStopEndsTheReading) {
  add_view(definitions_,
           "slow",
           select("SELECT i AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, "
                  "max(hash(i, j))::HUGEINT % 100 AS f FROM range(3000000) a(i), range(3000000) "
                  "b(j) GROUP BY i"),
           "f");
  const std::stop_source stop;
  const std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop.request_stop();
  });
  const auto out =
      read(definitions_.feature_views[0], {.stop = stop.get_token(), .progress = nullptr});
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code(), ErrorCode::Cancelled);
}

TEST_F(LatestTest, AStopBetweenBatchesEndsTheReading) {
  project_.write("a.parquet",
                 "SELECT i AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, i AS f FROM "
                 "range(3000000) t(i)");
  const std::stop_source stop;
  auto reader = store_.latest(definitions_,
                              add_view(definitions_, "v", parquet("a.parquet"), "f"),
                              kEnd,
                              {.stop = stop.get_token(), .progress = nullptr});
  ASSERT_TRUE(reader);
  ASSERT_TRUE((*reader)->next());
  stop.request_stop();
  while (true) {
    const auto batch = (*reader)->next();
    if (!batch) {
      EXPECT_EQ(batch.error().code(), ErrorCode::Cancelled);
      return;
    }
    ASSERT_TRUE(*batch) << "read to the end";
  }
}

TEST_F(LatestTest, TwoReadersAtOnceDoNotMeet) {
  project_.write("a.parquet",
                 "SELECT i AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, i AS f FROM "
                 "range(5000) t(i)");
  const FeatureView& view = add_view(definitions_, "v", select("SELECT * FROM 'a.parquet'"), "f");
  auto first = store_.latest(definitions_, view, kEnd, {});
  auto second = store_.latest(definitions_, view, kEnd, {});
  ASSERT_TRUE(first && second);
  const auto a = (*first)->next();
  const auto b = (*second)->next();
  ASSERT_TRUE(a && *a && b && *b);
  EXPECT_EQ(value_at((*a)->columns[0], 0), value_at((*b)->columns[0], 0));
}

}  // namespace
}  // namespace provender::offline
