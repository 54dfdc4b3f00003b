#include <filesystem>
#include <map>

#include <sys/resource.h>
#include <sys/stat.h>

#include <unistd.h>

#include "offline/duckdb/testing_historical.hpp"

namespace provender::offline {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

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
       std::map<std::string, std::string>{{"spine.parquet", options_.spine.string()},
                                          {"soft.parquet", options_.spine.string()},
                                          {"data/../data/f.parquet", "data/f.parquet"},
                                          {"hard.parquet", "data/f.parquet"},
                                          {"data/other.parquet", "data/other.parquet"}}) {
    options_.out = project_.path(name);
    EXPECT_THAT(message(),
                AllOf(HasSubstr("is '" + read + "', which is read"), HasSubstr("another name")))
        << name;
    EXPECT_EQ(code_, ErrorCode::InvalidArgument);
  }
  EXPECT_EQ(project_.rows("SELECT count(*) FROM '@/data/f.parquet'")[0][0],
            Value{.storage = std::int64_t{3}});
}

TEST_F(HistoricalTest, TooLittleMemoryIsSaid) {
  DuckdbStore small(
      {.project = project_.folder(), .roots = {}, .memory_limit = 2 << 20, .threads = 1});
  const std::vector<std::string> features = {"v:f"};
  auto selection =
      provender::select(definitions_, {.features = features, .service = "", .full_names = false});
  ASSERT_TRUE(selection);
  const auto run = [&](const std::string& rows) {
    spine(rows);
    return small.historical(
        {.definitions = definitions_, .selection = *selection, .options = options_}, {});
  };
  const auto done = run("(1::BIGINT, TIMESTAMP '2026-05-04 00:00:00', 1::UINTEGER)");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::ResourceExhausted) << done.error().message();
  EXPECT_TRUE(run(kOneRow)) << "what is written without DuckDB needs not as much";
}

TEST_F(HistoricalTest, ASpineThatDoesNotFitTheLimitIsJoinedInPasses) {
  project_.sql(
      "COPY (SELECT i AS user_id, TIMESTAMP '2026-05-01' + to_seconds(i // 1000) AS "
      "event_timestamp, repeat('x', 200) || i AS t FROM range(400000) t(i)) TO "
      "'@/data/t.parquet' (FORMAT parquet, ROW_GROUP_SIZE 4096)");
  add_view(definitions_, "texts", parquet("data/t.parquet"), "t", {.kind = Kind::String});
  project_.write(
      "spine.parquet",
      "SELECT i * 7919 % 400000 AS user_id, TIMESTAMP '2026-05-02' AS event_timestamp, i AS "
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
                          "t = repeat('x', 200) || user_id")[0][0],
            Value{.storage = std::int64_t{400'000}});
}

}  // namespace
}  // namespace provender::offline
