#include "offline/duckdb/page_files.hpp"

#include <chrono>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "offline/duckdb/testing_historical.hpp"
#include "offline/sql_text.hpp"
#include "parquet/testing_chunk.hpp"
#include "parquet/testing_file.hpp"

/// Files as other writers may make them: joined page by page they give what DuckDB's scans give,
/// or are left to those.
namespace provender::offline {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kByPages = "page by page";

/// 2026-05-01, and so many seconds.
Value second(std::int64_t seconds) {
  return {.storage = Timestamp(std::chrono::sys_days(std::chrono::May / 1 / 2026)) +
                     std::chrono::seconds(seconds)};
}
Value whole(std::int64_t number) {
  return {.storage = number};
}

/// A file of user_id, event_timestamp and f.
parquet::TestFile test_file() {
  const auto column = [](std::string name, Kind kind) {
    auto out = parquet::flat_column(kind);
    out.name = std::move(name);
    return out;
  };
  return {.columns = {column("user_id", Kind::Int64),
                      column("event_timestamp", Kind::Timestamp),
                      column("f", Kind::Int64)},
          .row_groups = {}};
}

parquet::TestFile::Chunk plain_chunk(const std::vector<Value>& rows) {
  return {.pages = parquet::data_page(rows, {}).write()};
}

/// Of users 1, 2, … so many, at the second `at`, with f ten times the user.
parquet::TestFile::RowGroup row_group(std::int64_t users, std::int64_t at) {
  std::vector<Value> ids;
  std::vector<Value> features;
  for (std::int64_t i = 1; i <= users; ++i) {
    ids.push_back(whole(i));
    features.push_back(whole(10 * i + at));
  }
  const std::vector<Value> times(ids.size(), second(at));
  return {.rows = users, .chunks = {plain_chunk(ids), plain_chunk(times), plain_chunk(features)}};
}

class FilesOfPages : public HistoricalTest {
 protected:
  FilesOfPages() {
    project_.write("spine.parquet",
                   "SELECT i AS user_id, TIMESTAMP '2026-05-04' AS event_timestamp FROM range(8) "
                   "t(i)");
  }

  void take(JoinEngine engine) {
    auto opened = project_.options();
    opened.join_engine = engine;
    store_ = std::make_unique<DuckdbStore>(opened);
    options_.overwrite = true;
  }

  bool reads_pages() {
    take(JoinEngine::Kernel);
    options_.explain = true;
    const auto done = run();
    options_.explain = false;
    EXPECT_TRUE(done) << done.error().message();
    return done && done->plan.steps.at(0).second_pass.find(kByPages) != std::string::npos;
  }

  /// Rows, and how many the source has, and how many without key or time.
  using Joined = std::tuple<std::vector<std::string>, std::uint64_t, std::uint64_t>;
  Joined joined(JoinEngine engine) {
    take(engine);
    const auto done = run();
    EXPECT_TRUE(done) << done.error().message();
    if (!done) return {};
    return {output(), done->views[0].source_rows, done->views[0].skipped_rows};
  }
};

TEST_F(FilesOfPages, WhoseFooterNamesItsRowGroupsTwiceAreLeftToDuckDb) {
  const std::string once = project_.read_text("data/f.parquet");
  ASSERT_TRUE(reads_pages());
  const Joined right = joined(JoinEngine::Kernel);
  EXPECT_EQ(std::get<1>(right), 3U);
  const std::string twice = parquet::with_field_twice(once, 4);
  project_.write_text("data/f.parquet", twice);
  const parquet::MemoryFile memory(twice);
  ASSERT_EQ(parquet::File::open(memory.path())->read_footer()->row_groups.size(), 2U);
  EXPECT_FALSE(reads_pages());
  EXPECT_EQ(joined(JoinEngine::Kernel), right);
  EXPECT_EQ(joined(JoinEngine::KernelScan), right);
}

TEST_F(FilesOfPages, WithRowGroupsOfNoRowsAreReadRightly) {
  parquet::TestFile file = test_file();
  const parquet::TestFile::RowGroup of_an_empty_page = row_group(0, 0);
  const parquet::TestFile::RowGroup of_no_page{.rows = 0, .chunks = {{}, {}, {}}};
  for (const auto& groups :
       {std::vector{row_group(3, 1), of_an_empty_page, of_no_page, row_group(5, 2)},
        std::vector{of_no_page, row_group(3, 1), row_group(5, 2), of_an_empty_page},
        std::vector{of_an_empty_page, of_an_empty_page},
        std::vector{of_no_page}}) {
    file.row_groups = groups;
    project_.write_text("data/f.parquet", file.write());
    EXPECT_TRUE(reads_pages());
    const Joined pages = joined(JoinEngine::Kernel);
    EXPECT_EQ(pages, joined(JoinEngine::KernelScan));
    EXPECT_EQ(std::get<1>(pages), groups.size() == 4 ? 8U : 0U);
    if (groups.size() < 4) continue;
    EXPECT_THAT(std::get<0>(pages)[3], HasSubstr("'f': 32"));
    EXPECT_THAT(std::get<0>(pages)[5], HasSubstr("'f': 52"));
  }
}

TEST_F(FilesOfPages, ACreatedTimestampThatIsInfiniteIsFoundWhereNobodyAsksForItsRow) {
  project_.write("data/f.parquet",
                 "SELECT i AS user_id, TIMESTAMP '2026-05-01' + to_microseconds(i) AS "
                 "event_timestamp, CASE WHEN i = 9001 THEN 'infinity'::TIMESTAMP ELSE TIMESTAMP "
                 "'2026-05-02' END AS created, i AS f FROM range(10000) r(i)");
  definitions_.feature_views.front().source.created_timestamp = "created";
  project_.write("spine.parquet",
                 "SELECT unnest([5, 1])::BIGINT AS user_id, TIMESTAMP '2026-05-04' AS "
                 "event_timestamp");
  ASSERT_TRUE(reads_pages());
  for (const JoinEngine engine : {JoinEngine::Kernel, JoinEngine::KernelScan}) {
    take(engine);
    const auto done = run();
    ASSERT_FALSE(done) << to_string(engine);
    EXPECT_EQ(done.error().code(), ErrorCode::InvalidArgument);
    EXPECT_THAT(std::string(done.error().message()),
                HasSubstr("data/f.parquet, row 9002: column 'created'"));
  }
}

TEST(PageFiles, OfChunksThatAreLargerThanTheLimitAreNotRead) {
  parquet::TestFile file = test_file();
  file.row_groups = {row_group(100, 0)};
  const std::size_t packed = file.row_groups[0].chunks[2].pages.size();
  SourceRelation::Column column{.name = "f0",
                                .source = "f",
                                .native_type = "BIGINT",
                                .wanted = "int64",
                                .conversion = {.value = sql::identifier("f"), .is_exact = {}}};
  const auto can_read = [&](std::size_t unpacked, std::size_t most) {
    file.row_groups[0].chunks[2].unpacked_bytes = static_cast<std::int64_t>(unpacked);
    const parquet::MemoryFile memory(file.write());
    SourceRelation::Part part;
    part.source.files = {memory.path()};
    const PageFiles files =
        PageFiles::of({.files = part.source.files, .columns = {"f"}, .most_chunk_bytes = most});
    return files.can_read(part, {&column});
  };
  EXPECT_TRUE(can_read(packed, packed));
  EXPECT_FALSE(can_read(packed + 1, packed));
  EXPECT_TRUE(can_read(packed - 50, packed));
  EXPECT_FALSE(can_read(packed - 50, packed - 1));  // as packed it is larger
  EXPECT_FALSE(can_read(std::numeric_limits<std::size_t>::max(), packed));
  column.native_type = "INTEGER";
  EXPECT_FALSE(can_read(packed, packed));
}

}  // namespace
}  // namespace provender::offline
