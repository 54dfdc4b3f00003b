#include <filesystem>

#include <sys/mount.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offline/duckdb/duckdb_store.hpp"
#include "offline/duckdb/test_project.hpp"
#include "offline/duckdb/test_views.hpp"

/// Training rows onto a disk that has no room for them: a real one, a small file system in memory.
/// Who may not mount has the tests of historical_test, with a limit on the size of files.
namespace provender::offline {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A file system of 256 KiB, as long as it lives.
class SmallDisk {
 public:
  explicit SmallDisk(const std::filesystem::path& at) : at_(at) {
    std::filesystem::create_directories(at);
    is_mounted_ = ::mount("tmpfs", at.c_str(), "tmpfs", 0, "size=256k") == 0;
  }
  ~SmallDisk() {
    if (is_mounted_) ::umount2(at_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool is_mounted() const { return is_mounted_; }

 private:
  std::filesystem::path at_;
  bool is_mounted_;
};

class FullDisk : public ::testing::Test {
 protected:
  FullDisk() {
    project_.write("data/f.parquet",
                   "SELECT range AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, "
                   "(hash(range) // 2)::BIGINT AS f FROM range(40000)");
    write_spine("hash(range)");
    add_view(definitions_, "v", parquet("data/f.parquet"), "f");
  }

  void write_spine(const std::string& label) {
    project_.write("spine.parquet",
                   "SELECT range AS user_id, TIMESTAMP '2026-05-02' AS event_timestamp, " + label +
                       " AS label FROM range(40000)");
  }

  Result<HistoricalReport> run(JoinEngine engine, const std::string& out) {
    const std::vector<std::string> names = {"f"};
    const auto selection = provender::select(definitions_, {.features = names, .service = ""});
    auto opened = project_.options();
    opened.join_engine = engine;
    DuckdbStore store(opened);
    const HistoricalOptions options{.features = {},
                                    .spine = project_.path("spine.parquet"),
                                    .out = project_.path(out),
                                    .overwrite = true};
    return store.historical(
        {.definitions = definitions_, .selection = *selection, .options = options}, {});
  }

  TestProject project_;
  Definitions definitions_ = user_definitions();
};

TEST_F(FullDisk, IsSaidAndNothingIsLeftOnIt) {
  const SmallDisk disk(project_.path("small"));
  if (!disk.is_mounted()) GTEST_SKIP() << "only root may mount";
  project_.write_text("small/out.parquet", "the old one");
  // Of a type that only DuckDB writes, and of one that needs no DuckDB.
  for (const char* label : {"hash(range)", "(hash(range) // 2)::BIGINT"}) {
    write_spine(label);
    for (const JoinEngine engine : {JoinEngine::Kernel, JoinEngine::KernelPasses}) {
      const auto done = run(engine, "small/out.parquet");
      ASSERT_FALSE(done);
      EXPECT_EQ(done.error().code(), ErrorCode::ResourceExhausted);
      EXPECT_THAT(std::string(done.error().message()),
                  AllOf(HasSubstr("write"), HasSubstr("out.parquet"), HasSubstr("No space left")));
      EXPECT_EQ(project_.list("small"), std::vector<std::string>{"out.parquet"});
      EXPECT_EQ(project_.read_text("small/out.parquet"), "the old one");
    }
  }
}

/// The rows of a pass wait in a file of the project's.
TEST_F(FullDisk, IsSaidWhereAPassHasNoRoom) {
  const SmallDisk disk(project_.path(".provender/tmp"));
  if (!disk.is_mounted()) GTEST_SKIP() << "only root may mount";
  const auto done = run(JoinEngine::KernelPasses, "out.parquet");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::ResourceExhausted);
  EXPECT_THAT(std::string(done.error().message()), HasSubstr("No space left"));
  EXPECT_FALSE(std::filesystem::exists(project_.path("out.parquet")));
  EXPECT_THAT(project_.list(".provender/tmp"), IsEmpty());
}

}  // namespace
}  // namespace provender::offline
