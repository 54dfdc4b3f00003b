#include <chrono>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "offline/duckdb/testing_historical.hpp"

namespace provender::offline {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

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

TEST_F(LongKeyTest, IsMeasuredByTheTypesThatAreAskedForNotThoseOfTheSpine) {
  definitions_.entities[0].keys[1].type = Type{.kind = Kind::Int64};
  ask("repeat('k', 470)");  // the number beside it has 32 bits
  EXPECT_EQ(message(), "");
  options_.overwrite = true;
  ask("repeat('k', 471)");
  EXPECT_THAT(message(), HasSubstr("takes 481 bytes"));
}

TEST_F(HistoricalTest, PathsThatAreReadAsPatternsAreRefused) {
  const auto asked = [&](const std::string& spine) {
    options_.spine = project_.path(spine);
    return message();
  };
  const std::string select =
      "SELECT 1::BIGINT AS user_id, TIMESTAMP '2026-05-04' AS event_timestamp";
  for (const char* const name : {"s[1].parquet", "s*.csv", "s?.parquet"}) {
    const std::string spine = name;
    project_.write("s1" + std::string(fs::path(spine).extension()), select);
    fs::copy_file(project_.path("s1" + std::string(fs::path(spine).extension())),
                  project_.path(spine));
    EXPECT_THAT(asked(spine),
                AllOf(HasSubstr(spine + "' has one of *?[ in its path"), HasSubstr("rename it")));
    EXPECT_EQ(code_, ErrorCode::InvalidArgument);
  }
  add_view(definitions_, "many", parquet("d/*.parquet"), "f");
  project_.write("d/a.parquet", select + ", 1::BIGINT AS f");
  project_.write("spine.parquet", select);
  options_.spine = project_.path("spine.parquet");
  EXPECT_TRUE(run({"many:f"}));
  fs::copy_file(project_.path("d/a.parquet"), project_.path("d/p[1].parquet"));
  options_.overwrite = true;
  const auto done = run({"many:f"});
  ASSERT_FALSE(done);
  EXPECT_THAT(std::string(done.error().message()),
              HasSubstr("feature view 'many': 'd/p[1].parquet' has one of *?[ in its path"));
}

TEST_F(HistoricalTest, ASpineOfAColumnWithoutANameIsRead) {
  project_.write("spine.parquet",
                 "SELECT 1::BIGINT AS user_id, TIMESTAMP '2026-05-04' AS event_timestamp, 7 AS x");
  std::string bytes = project_.read_text("spine.parquet");
  // Of the schema: its name, of one byte, becomes none, and so does the footer one byte shorter.
  const std::size_t at = bytes.find(std::string("\x18\x01x", 3));
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at, 3, std::string("\x18\0", 2));
  std::uint32_t size = 0;
  std::memcpy(&size, bytes.data() + bytes.size() - 8, sizeof size);
  --size;
  std::memcpy(bytes.data() + bytes.size() - 8, &size, sizeof size);
  project_.write_text("spine.parquet", bytes);
  EXPECT_EQ(message(), "");
}

TEST_F(HistoricalTest, ADatabaseThatCannotBeOpenedIsNoDamageOfTheSpine) {
  const auto path = project_.path("sp\xff.parquet");
  project_.write("spine.parquet",
                 "SELECT 1::BIGINT AS user_id, TIMESTAMP '2026-05-04' AS event_timestamp");
  fs::copy_file(project_.path("spine.parquet"), path);
  options_.spine = path;  // which DuckDB's settings cannot name
  EXPECT_EQ(message(), "") << "none is needed";
  options_.out = project_.path("out.csv");
  const std::string said = message();
  EXPECT_NE(said, "");
  EXPECT_THAT(said, Not(HasSubstr("damaged")));
  EXPECT_FALSE(fs::exists(options_.out));
}

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
