#include <chrono>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "offline/duckdb/testing_historical.hpp"

namespace provender::offline {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

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

TEST_F(HistoricalTest, AFileThatChangesOrVanishesWhileItIsReadIsAnError) {
  add_text_files();
  options_.spine = fs::relative(project_.path("spine.csv"));
  const std::map<std::string, std::string> sources = {
      {"v:f", "data/f.parquet"}, {"text:g", "data/c.csv"}, {"sql:h", "data/c.csv"}};
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
                    StartsWith((file == source ? "'" + file : "'" + options_.spine.string()) +
                               (vanishes ? "' vanished while" : "' changed while")));
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

/// Where a Parquet file's footer begins.
std::size_t footer_of(const std::string& bytes) {
  std::uint32_t size = 0;
  std::memcpy(&size, bytes.data() + bytes.size() - 8, sizeof size);
  return bytes.size() - 8 - size;
}

/// A Parquet file whose footer is whole, and whose last row group is not: its bytes are others, or
/// some are not there.
enum class Damage : std::uint8_t { Overwritten, Cut };

std::string damaged(std::string bytes, Damage damage) {
  const std::size_t footer = footer_of(bytes);
  const std::size_t from = footer - footer / 3;
  if (damage == Damage::Cut) return bytes.erase(from, footer - from);
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from),
            bytes.begin() + static_cast<std::ptrdiff_t>(footer),
            '\xff');
  return bytes;
}

class DamagedFile : public HistoricalTest {
 protected:
  DamagedFile() {
    project_.write("data/f.parquet",
                   "SELECT i % 1000 AS user_id, TIMESTAMP '2026-05-01' + to_seconds(i) AS "
                   "event_timestamp, (hash(i) % 1000)::BIGINT AS f FROM range(20480) r(i)",
                   2048);
    project_.write("spine.parquet",
                   "SELECT i % 1000 AS user_id, TIMESTAMP '2026-05-04' AS event_timestamp, "
                   "hash(i) AS label FROM range(20480) r(i)",
                   2048);
    remember_files();
  }

  void expect_refused(const std::string& named) {
    const auto done = run();
    ASSERT_FALSE(done);
    EXPECT_THAT(std::string(done.error().message()),
                AllOf(HasSubstr(named), HasSubstr("cannot be read"), HasSubstr("damaged")));
    EXPECT_EQ(done.error().code(), ErrorCode::InvalidArgument) << done.error().message();
    EXPECT_EQ(files(), before_);
    EXPECT_THAT(project_.list(".provender/tmp"), ElementsAre());
  }
};

TEST_F(DamagedFile, OfASourceIsNamed) {
  const std::string whole = project_.read_text("data/f.parquet");
  for (const Damage damage : {Damage::Overwritten, Damage::Cut}) {
    project_.write_text("data/f.parquet", damaged(whole, damage));
    expect_refused("data/f.parquet");
  }
  project_.write_text("data/f.parquet", whole);
  EXPECT_TRUE(run());
}

TEST_F(DamagedFile, WhoseFeaturesOnlyAreDamagedIsNamedWithTheColumn) {
  // The rows of the last row group win, so their features are read.
  std::string bytes = project_.read_text("data/f.parquet");
  const auto at = std::get<std::int64_t>(
      project_
          .rows("SELECT max(data_page_offset) FROM parquet_metadata('@/data/f.parquet') WHERE "
                "path_in_schema = 'f'")[0][0]
          .storage);
  std::fill(
      bytes.begin() + at, bytes.begin() + static_cast<std::ptrdiff_t>(footer_of(bytes)), '\xff');
  project_.write_text("data/f.parquet", bytes);
  expect_refused("data/f.parquet: column 'f'");
}

TEST_F(DamagedFile, ThatIsTheSpineIsNamed) {
  const std::string whole = project_.read_text("spine.parquet");
  for (const Damage damage : {Damage::Overwritten, Damage::Cut}) {
    project_.write_text("spine.parquet", damaged(whole, damage));
    expect_refused("spine.parquet");
  }
}

TEST_F(DamagedFile, ThatIsTheSpineIsNamedTooWhereOnlyOtherColumnsAreDamaged) {
  std::string bytes = project_.read_text("spine.parquet");
  const auto at = std::get<std::int64_t>(
      project_
          .rows("SELECT max(data_page_offset) FROM parquet_metadata('@/spine.parquet') WHERE "
                "path_in_schema = 'label'")[0][0]
          .storage);
  std::fill(
      bytes.begin() + at, bytes.begin() + static_cast<std::ptrdiff_t>(footer_of(bytes)), '\xff');
  project_.write_text("spine.parquet", bytes);
  expect_refused("spine.parquet: column 'label'");
}

TEST_F(DamagedFile, WithoutASpineIsNamed) {
  const std::string whole = project_.read_text("data/f.parquet");
  options_.spine.clear();
  options_.at = Timestamp(std::chrono::sys_days(std::chrono::May / 9 / 2026));
  for (const Damage damage : {Damage::Overwritten, Damage::Cut}) {
    project_.write_text("data/f.parquet", damaged(whole, damage));
    expect_refused("data/f.parquet");
  }
}

TEST_F(DamagedFile, ThatBecomesSoWhileItIsReadIsSaidToHaveChanged) {
  const std::string whole = project_.read_text("data/f.parquet");
  for (const char* phase : {"reads the spine", "joins", "writes"}) {
    for (const bool vanishes : {false, true}) {
      During during;
      during.phase = phase;
      during.action = [&] {
        if (vanishes) {
          fs::remove(project_.path("data/f.parquet"));
        } else {
          fs::resize_file(project_.path("data/f.parquet"), whole.size() / 2);
        }
      };
      const auto done = run({"v:f"}, {.stop = {}, .progress = &during});
      project_.write_text("data/f.parquet", whole);
      ASSERT_FALSE(done) << phase;
      EXPECT_EQ(done.error().code(), ErrorCode::Conflict) << done.error().message();
      EXPECT_THAT(std::string(done.error().message()),
                  StartsWith(vanishes ? "'data/f.parquet' vanished while"
                                      : "'data/f.parquet' changed while"));
      EXPECT_EQ(files(), before_);
      EXPECT_THAT(project_.list(".provender/tmp"), ElementsAre());
    }
  }
}

/// Does something once, when so many rows of the joins have been told.
struct AtRows final : Progress {
  std::uint64_t rows = 0;
  std::function<void()> action;

  void update(std::string_view told, std::uint64_t done, std::uint64_t /*total*/) override {
    if (action && told.starts_with("joins") && done >= rows) std::exchange(action, {})();
  }
};

TEST_F(DamagedFile, ThatIsReplacedByAWholeOneBetweenThePassesIsSaidToHaveChanged) {
  const auto write = [&](const std::string& name, int rows, int of_a_group) {
    project_.write("data/" + name,
                   fmt::format("SELECT i % 1000 AS user_id, TIMESTAMP '2026-05-01' + to_seconds(i) "
                               "AS event_timestamp, i AS f FROM range({}) r(i)",
                               rows),
                   static_cast<std::size_t>(of_a_group));
  };
  auto opened = project_.options();
  opened.threads = 1;
  opened.between_tellings = {};  // each batch of rows is told
  for (const JoinEngine engine : {JoinEngine::Kernel, JoinEngine::KernelScan}) {
    opened.join_engine = engine;
    store_ = std::make_unique<DuckdbStore>(opened);
    for (const bool is_larger : {true, false}) {
      write("f.parquet", 6144, 2048);
      const int rows = is_larger ? 20480 : 2000;
      write("new", rows, is_larger ? 4096 : 1000);
      AtRows between;
      between.rows = 6144;
      between.action = [&] {
        fs::rename(project_.path("data/new"), project_.path("data/f.parquet"));
      };
      const auto done = run({"v:f"}, {.stop = {}, .progress = &between});
      EXPECT_FALSE(between.action);
      ASSERT_FALSE(done);
      EXPECT_EQ(done.error().code(), ErrorCode::Conflict) << done.error().message();
      EXPECT_THAT(std::string(done.error().message()),
                  StartsWith("'data/f.parquet' changed while"));
      EXPECT_EQ(files(), before_);
      EXPECT_THAT(project_.list(".provender/tmp"), ElementsAre());
    }
  }
}

}  // namespace
}  // namespace provender::offline
