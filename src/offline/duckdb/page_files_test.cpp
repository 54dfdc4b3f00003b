#include "offline/duckdb/page_files.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "offline/duckdb/testing_page_files.hpp"
#include "offline/sql_text.hpp"

/// Files as other writers may make them: joined page by page they give what DuckDB's scans give,
/// or are left to those.
namespace provender::offline {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(FilesOfPages, WhoseFooterNamesItsRowGroupsTwiceHaveThoseOfTheLastTime) {
  const std::string once = project_.read_text("data/f.parquet");
  ASSERT_TRUE(reads_pages());
  const Joined right = joined(JoinEngine::Kernel);
  EXPECT_EQ(std::get<1>(right), 3U);
  const std::string twice = parquet::with_field_twice(once, 4);
  project_.write_text("data/f.parquet", twice);
  const parquet::MemoryFile memory(twice);
  ASSERT_EQ(parquet::File::open(memory.path())->read_footer()->row_groups.size(), 1U);
  EXPECT_TRUE(reads_pages());
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

TEST_F(FilesOfPages, ThatCannotBeReadAreSaidToBeInTheSameWordsAsByDuckDbsScans) {
  const fs::path path = project_.path("data/f.parquet");
  const std::string whole = project_.read_text("data/f.parquet");
  const std::vector<std::pair<std::string, std::function<void()>>> changes = {
      {"read data/f.parquet: No such file or directory", [&] { fs::remove(path); }},
      {"'data/f.parquet' is a folder", [&] { fs::create_directory(path); }},
      {"data/f.parquet is not read as Parquet: ",
       [&] { project_.write_text("data/f.parquet", "user_id,f\n"); }},
      {"data/f.parquet is not read as Parquet: ",
       [&] { project_.write_text("data/f.parquet", whole.substr(0, 300)); }}};
  for (const auto& [what, change] : changes) {
    fs::remove_all(path);
    change();
    take(JoinEngine::KernelScan);
    const std::string said = message();
    EXPECT_THAT(said, StartsWith("feature view 'v': " + what));
    EXPECT_THAT(said, Not(HasSubstr(project_.folder().string())));
    take(JoinEngine::Kernel);
    EXPECT_EQ(message(), said);
  }
}

/// A file whose one column of features is one page of so many bytes, packed to few.
class LargePage : public FilesOfPages {
 protected:
  static constexpr std::size_t kRows = 300'000;

  /// What the footer says of the feature's, or of all columns.
  void write(std::int64_t unpacked_bytes, std::size_t first = 2) {
    const std::vector<Value> ids(kRows, whole(1));
    std::vector<Value> times;
    for (std::size_t i = 0; i < kRows; ++i) {
      times.push_back(second(static_cast<std::int64_t>(i % 1000)));
    }
    parquet::TestFile file = test_file();
    file.row_groups = {{.rows = kRows, .chunks = {chunk(ids), chunk(times), chunk(ids)}}};
    for (std::size_t i = first; i < 3; ++i) {
      file.row_groups[0].chunks[i].unpacked_bytes = unpacked_bytes;
    }
    project_.write_text("data/f.parquet", file.write());
  }

  /// A megabyte for a page.
  void take_small(JoinEngine engine) {
    auto opened = project_.options();
    opened.memory_limit = std::uint64_t{64} << 20;
    opened.threads = 1;
    opened.join_engine = engine;
    store_ = std::make_unique<DuckdbStore>(opened);
    options_.overwrite = true;
  }

 private:
  static parquet::TestFile::Chunk chunk(const std::vector<Value>& rows) {
    const parquet::TestPage page = parquet::data_page(rows, {});
    return {.pages = page.write(parquet::Codec::Zstd),
            .codec = parquet::Codec::Zstd,
            .unpacked_bytes = static_cast<std::int64_t>(page.levels.size() + page.body.size())};
  }
};

TEST_F(LargePage, OfWhichTheFooterTellsIsLeftToDuckDb) {
  write(kRows * 8 + 100);
  EXPECT_TRUE(reads_pages());
  const Joined right = joined(JoinEngine::Kernel);
  EXPECT_EQ(std::get<1>(right), kRows);
  take_small(JoinEngine::Kernel);
  options_.explain = true;
  const auto planned = run();
  ASSERT_TRUE(planned) << planned.error().message();
  EXPECT_THAT(planned->plan.steps.at(0).second_pass, Not(HasSubstr(kByPages)));
  options_.explain = false;
  const auto done = run();
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(output(), std::get<0>(right));
}

TEST_F(LargePage, OfWhichTheFooterDoesNotTellIsAnErrorThatSaysWhatToDo) {
  write(1000);
  take_small(JoinEngine::Kernel);
  const auto done = run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::ResourceExhausted);
  EXPECT_THAT(
      std::string(done.error().message()),
      AllOf(StartsWith("feature view 'v': data/f.parquet: column 'f': a page that takes 24"),
            HasSubstr("write the file anew, or raise offline.memory_limit")));
}

TEST_F(LargePage, OfASpineIsSaidToBeThere) {
  write(1000, /*first=*/0);
  fs::copy_file(project_.path("data/f.parquet"),
                project_.path("spine.parquet"),
                fs::copy_options::overwrite_existing);
  add_view(definitions_, "w", parquet("data/g.parquet"), "g");
  project_.write(
      "data/g.parquet",
      "SELECT 1::BIGINT AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, 1::BIGINT AS g");
  take_small(JoinEngine::Kernel);
  const auto done = run({"w:g"});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::ResourceExhausted);
  EXPECT_THAT(std::string(done.error().message()),
              HasSubstr("spine.parquet: column 'user_id': a page that takes"));
}

/// Of one file of 100 users.
Result<PageFiles> files_of(const parquet::MemoryFile& memory,
                           std::size_t most,
                           std::stop_token stop = {}) {
  return PageFiles::of({.files = {memory.path()},
                        .columns = std::set<std::string>{"f"},
                        .most_page_bytes = most,
                        .stop = std::move(stop)});
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
    const auto files = files_of(memory, most);
    return files->can_read(part, {&column});
  };
  constexpr std::size_t kLevels = 100 / 8;
  EXPECT_TRUE(can_read(packed, packed + kLevels));
  EXPECT_FALSE(can_read(packed + 1, packed + kLevels));
  EXPECT_TRUE(can_read(packed - 50, packed));
  EXPECT_FALSE(can_read(packed - 50, packed - 1));  // as packed it is larger
  EXPECT_FALSE(can_read(std::numeric_limits<std::size_t>::max(), packed));
  column.native_type = "INTEGER";
  EXPECT_FALSE(can_read(packed, packed + kLevels));
}

TEST(PageFiles, ThatAreManyAreLookedAtUntilAStop) {
  parquet::TestFile file = test_file();
  file.row_groups = {row_group(100, 0)};
  const parquet::MemoryFile memory(file.write());
  const std::stop_source stop;
  EXPECT_TRUE(files_of(memory, 1000, stop.get_token()));
  stop.request_stop();
  const auto stopped_files = files_of(memory, 1000, stop.get_token());
  ASSERT_FALSE(stopped_files);
  EXPECT_EQ(stopped_files.error().code(), ErrorCode::Cancelled);
}

}  // namespace
}  // namespace provender::offline
