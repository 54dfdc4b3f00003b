#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offline/duckdb/duckdb_store.hpp"
#include "offline/duckdb/test_project.hpp"
#include "offline/duckdb/test_views.hpp"

namespace provender::offline {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

constexpr const char* kGoodRow =
    "SELECT 1::BIGINT AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, ";

class SourceTest : public ::testing::Test {
 protected:
  /// The view's latest rows: user, feature, as text; or the error's message.
  std::string read(const FeatureView& view) {
    auto reader = store_.latest(definitions_, view, Timestamp(Duration(4'000'000'000'000'000)), {});
    if (!reader) return error(std::move(reader).error());
    std::string out;
    while (true) {
      auto batch = (*reader)->next();
      if (!batch) return error(std::move(batch).error());
      if (!*batch) return out;
      for (std::size_t row = 0; row < (*batch)->rows; ++row) {
        const auto text = [&](std::size_t c) {
          const ColumnView& column = (*batch)->columns[c];
          return to_text(to_view(value_at(column, row), column.type));
        };
        out += fmt::format("{}={} ", text(0), text(3));
      }
    }
  }

  std::string error(const Error& error) {
    code_ = error.code();
    return std::string(error.message());
  }

  /// Reads one Parquet file of one row, whose feature is `value`, as a feature of `type`.
  std::string read_value(const std::string& value, Type type) {
    project_.write("data/v.parquet", std::string(kGoodRow) + value + " AS f");
    definitions_ = user_definitions();
    return read(add_view(definitions_, "v", parquet("data/v.parquet"), "f", type));
  }

  TestProject project_;
  DuckdbStore store_{project_.options()};
  Definitions definitions_ = user_definitions();
  ErrorCode code_ = ErrorCode::Internal;
};

TEST_F(SourceTest, TellsWhatAParquetSourceHolds) {
  project_.write("data/b.parquet", std::string(kGoodRow) + "2::INTEGER AS f");
  project_.write("data/a.parquet", std::string(kGoodRow) + "1::INTEGER AS f");
  const auto info = store_.inspect(definitions_, parquet("data/*.parquet"), {});
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_THAT(info->files, ElementsAre("data/a.parquet", "data/b.parquet"));
  EXPECT_EQ(info->rows, 2U);
  ASSERT_EQ(info->columns.size(), 3U);
  EXPECT_EQ(info->columns[1].native_type, "TIMESTAMP");
  EXPECT_EQ(info->columns[2].type, Type{Kind::Int32});
}

TEST_F(SourceTest, TellsWhichFileLacksAColumn) {
  project_.write("data/a.parquet", std::string(kGoodRow) + "1::BIGINT AS f");
  project_.write("data/b.parquet", std::string(kGoodRow) + "1::BIGINT AS g");
  const auto info = store_.inspect(definitions_, parquet("data/*.parquet"), {});
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->columns.size(), 2U);
  EXPECT_THAT(info->lacking, ElementsAre(Pair("f", "data/b.parquet"), Pair("g", "data/a.parquet")));
}

TEST_F(SourceTest, TellsWhatASelectHoldsWithoutRunningIt) {
  const auto info =
      store_.inspect(definitions_, select("SELECT error('run') AS a, sum(1) AS b, 0.5 AS c"), {});
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->rows, std::nullopt);
  EXPECT_EQ(info->columns[1].native_type, "HUGEINT");
  EXPECT_EQ(info->columns[1].type, std::nullopt);
}

TEST_F(SourceTest, NamesAMissingFile) {
  EXPECT_THAT(read(add_view(definitions_, "v", parquet("data/nope.parquet"), "f")),
              HasSubstr("feature view 'v': read data/nope.parquet: No such file or directory"));
  EXPECT_EQ(code_, ErrorCode::NotFound);
}

TEST_F(SourceTest, NamesAGlobThatMatchesNothing) {
  EXPECT_THAT(read(add_view(definitions_, "v", parquet("data/*.parquet"), "f")),
              HasSubstr("no file matches 'data/*.parquet'"));
  EXPECT_EQ(code_, ErrorCode::NotFound);
}

TEST_F(SourceTest, AFolderIsNoFile) {
  std::filesystem::create_directory(project_.path("data"));
  EXPECT_THAT(read(add_view(definitions_, "v", parquet("data"), "f")),
              HasSubstr("'data' is a folder"));
}

TEST_F(SourceTest, NamesTheFileThatIsNotParquet) {
  project_.write("data/a.parquet", std::string(kGoodRow) + "1 AS f");
  project_.write_text("data/b.parquet", "this is a text, and a rather long one");
  EXPECT_THAT(read(add_view(definitions_, "v", parquet("data/*.parquet"), "f")),
              HasSubstr("data/b.parquet is not read as Parquet"));
  EXPECT_EQ(code_, ErrorCode::InvalidArgument);
}

TEST_F(SourceTest, NamesATruncatedFile) {
  project_.write("data/a.parquet", std::string(kGoodRow) + "1 AS f");
  const std::string bytes = project_.read_text("data/a.parquet");
  project_.write_text("data/a.parquet", bytes.substr(0, bytes.size() / 2));
  EXPECT_THAT(read(add_view(definitions_, "v", parquet("data/a.parquet"), "f")),
              HasSubstr("data/a.parquet is not read as Parquet"));
  project_.write_text("data/a.parquet", "");
  EXPECT_THAT(read(add_view(definitions_, "v", parquet("data/a.parquet"), "f")),
              HasSubstr("data/a.parquet is not read as Parquet"));
}

TEST_F(SourceTest, NamesAMissingColumn) {
  project_.write("data/a.parquet", std::string(kGoodRow) + "1 AS ff");
  EXPECT_THAT(read(add_view(definitions_, "v", parquet("data/a.parquet"), "f_f")),
              HasSubstr("no column 'f_f' for feature 'f_f' (int64) (did you mean 'ff'?)"));
}

TEST_F(SourceTest, NamesFileRowColumnAndValueOfWhatDoesNotFit) {
  project_.write("data/a.parquet", std::string(kGoodRow) + "1::BIGINT AS f");
  project_.write("data/b.parquet",
                 "SELECT i AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, "
                 "CASE WHEN i > 4 THEN 1099511627776 + i ELSE i END AS f FROM range(7) t(i)");
  EXPECT_EQ(read(add_view(definitions_, "v", parquet("data/*.parquet"), "f", {Kind::Int32})),
            "feature view 'v': data/b.parquet, row 6: column 'f' has 1099511627781 (BIGINT), which "
            "does not "
            "fit feature 'f' (int32) without loss (and 1 more)");
  EXPECT_EQ(code_, ErrorCode::InvalidArgument);
}

TEST_F(SourceTest, ConvertsNothingWithLoss) {
  EXPECT_EQ(read_value("3::DOUBLE", {Kind::Int64}), "1=3 ");
  EXPECT_THAT(read_value("1.5::DOUBLE", {Kind::Int64}),
              HasSubstr("row 1: column 'f' has 1.5 (DOUBLE)"));
  EXPECT_THAT(read_value("0.1::DOUBLE", {Kind::Float32}), HasSubstr("has 0.1 (DOUBLE)"));
  EXPECT_THAT(read_value("TIMESTAMP_NS '2026-05-01 00:00:00.000000001'", {Kind::Timestamp}),
              HasSubstr("TIMESTAMP_NS"));
  EXPECT_THAT(read_value("'2026-05-01'", {Kind::Timestamp}),
              HasSubstr("text is not read as a time"));
  EXPECT_THAT(read_value("1.25::DECIMAL(9,2)", {Kind::Float64}), HasSubstr("can CAST it"));
  EXPECT_EQ(read_value("9223372036854775807", {Kind::Int64}), "1=9223372036854775807 ");
}

TEST_F(SourceTest, NamesFileAndColumnOfInvalidUtf8) {
  project_.sql(
      "COPY (SELECT 1::BIGINT AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, 'wxyz' AS f) "
      "TO '@/a.parquet' (COMPRESSION uncompressed)");
  std::string bytes = project_.read_text("a.parquet");
  for (std::size_t at = 0; (at = bytes.find("wxyz", at)) != std::string::npos;) {
    bytes.replace(at, 4, "\xff\xfe\xfd.");
  }
  project_.write_text("a.parquet", bytes);
  project_.write("b.parquet", std::string(kGoodRow) + "'good' AS f");
  const FeatureView& view = add_view(definitions_, "v", parquet("*.parquet"), "f", {Kind::String});
  EXPECT_THAT(read(view),
              AllOf(HasSubstr("feature view 'v': a.parquet: column 'f' (VARCHAR) cannot be read"),
                    HasSubstr(R"(\xFF\xFE\xFD)"),
                    HasSubstr("write it anew")));
  EXPECT_EQ(code_, ErrorCode::InvalidArgument);
}

TEST_F(SourceTest, NamesFileAndColumnOfADamagedPage) {
  project_.write("a.parquet", std::string(kGoodRow) + "1::BIGINT AS f");
  project_.sql(
      "COPY (SELECT 2::BIGINT AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, "
      "(123456789123 + i)::BIGINT AS f FROM range(100) t(i)) TO '@/b.parquet' (COMPRESSION "
      "uncompressed, PARQUET_VERSION v1, DICTIONARY_SIZE_LIMIT 0)");
  std::string bytes = project_.read_text("b.parquet");
  const std::size_t value = bytes.find(std::string("\x83\x1a\x99\xbe\x1c\x00\x00\x00", 8));
  ASSERT_NE(value, std::string::npos);
  bytes.replace(value - 30, 30, 30, '\xff');  // the page's header lies before its first value
  project_.write_text("b.parquet", bytes);
  EXPECT_THAT(read(add_view(definitions_, "v", parquet("*.parquet"), "f")),
              HasSubstr("feature view 'v': b.parquet: column 'f' (BIGINT) cannot be read"));
}

TEST_F(SourceTest, AnInfiniteEventTimestampIsAnError) {
  project_.write(
      "data/a.parquet",
      "SELECT 1::BIGINT AS user_id, TIMESTAMP 'infinity' AS event_timestamp, 1::BIGINT AS f");
  EXPECT_THAT(read(add_view(definitions_, "v", parquet("data/a.parquet"), "f")),
              HasSubstr("column 'event_timestamp' has infinity"));
}

TEST_F(SourceTest, IntegerTimesNeedAUnit) {
  project_.write("data/a.parquet",
                 "SELECT 1::BIGINT AS user_id, 1778191200 AS event_timestamp, 1::BIGINT AS f");
  FeatureView& view = add_view(definitions_, "v", parquet("data/a.parquet"), "f");
  EXPECT_THAT(read(view), HasSubstr("declare its unit"));
  view.source.timestamp_unit = TimestampUnit::Seconds;
  EXPECT_EQ(read(view), "1=1 ");
}

TEST_F(SourceTest, NumbersOfACsvFileAreTimesWithAUnitOnly) {
  project_.write_text("a.csv", "user_id,event_timestamp,f\n1,1778191200,1\n");
  FeatureView& view = add_view(definitions_, "v", csv("a.csv"), "f");
  EXPECT_THAT(read(view),
              AllOf(HasSubstr("a.csv, row 1: column 'event_timestamp' has 1778191200"),
                    HasSubstr("a number is no time until the source says its unit")));
  view.source.timestamp_unit = TimestampUnit::Seconds;
  EXPECT_EQ(read(view), "1=1 ");
  project_.write_text("a.csv", "user_id,event_timestamp,f\n1,2026-05-01,x\n");
  view.source.timestamp_unit.reset();
  EXPECT_THAT(read(view), AllOf(HasSubstr("has x"), Not(HasSubstr("unit"))));
}

TEST_F(SourceTest, FilesOfDifferentTypesAreEachReadAsWhatTheyAre) {
  project_.write("data/a.parquet", std::string(kGoodRow) + "1::INTEGER AS f");
  project_.write(
      "data/b.parquet",
      "SELECT 2::BIGINT AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, 2::DOUBLE AS f");
  EXPECT_EQ(read(add_view(definitions_, "v", parquet("data/*.parquet"), "f")), "1=1 2=2 ");
  project_.write(
      "data/b.parquet",
      "SELECT 2::BIGINT AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, 2.5::DOUBLE AS f");
  EXPECT_THAT(read(definitions_.feature_views[0]),
              HasSubstr("data/b.parquet, row 1: column 'f' has 2.5"));
}

TEST_F(SourceTest, OfTiedRowsTheLastFileAndRowWins) {
  // Types differ, so that the files are read in two parts: a and c, and b.
  project_.write("data/a.parquet", std::string(kGoodRow) + "unnest([1, 2])::BIGINT AS f");
  project_.write("data/b.parquet", std::string(kGoodRow) + "unnest([3, 4])::INTEGER AS f");
  const FeatureView& view = add_view(definitions_, "v", parquet("data/*.parquet"), "f");
  EXPECT_EQ(read(view), "1=4 ");
  project_.write("data/c.parquet", std::string(kGoodRow) + "unnest([5, 6])::BIGINT AS f");
  EXPECT_EQ(read(view), "1=6 ");
}

TEST_F(SourceTest, AColumnThatAFileLacksIsAnErrorThatNamesTheFile) {
  project_.write("data/a.parquet", std::string(kGoodRow) + "1::BIGINT AS f");
  project_.write("data/b.parquet", std::string(kGoodRow) + "1::BIGINT AS g");
  EXPECT_THAT(read(add_view(definitions_, "v", parquet("data/*.parquet"), "f")),
              AllOf(HasSubstr("data/b.parquet"), HasSubstr("no column 'f'")));
}

TEST_F(SourceTest, ReservedColumnNamesAreRefused) {
  project_.write("data/a.parquet", std::string(kGoodRow) + "1::BIGINT AS f, 3 AS file_row_number");
  EXPECT_THAT(read(add_view(definitions_, "v", parquet("data/a.parquet"), "f")),
              HasSubstr("cannot have a column named 'file_row_number'"));
}

TEST_F(SourceTest, FoldersOfAHivePartitionAreTextColumns) {
  const std::string rows = "SELECT TIMESTAMP '2026-05-01' AS event_timestamp, 1::BIGINT AS f";
  project_.write("data/user_id=007/a.parquet", rows);
  project_.write("data/user_id=8/a.parquet", rows);
  FeatureView& view = add_view(definitions_, "v", parquet("data/*/*.parquet"), "f");
  EXPECT_THAT(read(view), HasSubstr("no column 'user_id'"));
  view.source.hive = true;
  EXPECT_EQ(read(view), "7=1 8=1 ");
  definitions_.entities[0].keys[0].type = Type{Kind::String};
  EXPECT_EQ(read(view), "007=1 8=1 ");
  definitions_.entities[0].keys[0].type = Type{Kind::Int64};
  project_.write("data/user_id=x/a.parquet", rows);
  EXPECT_THAT(read(view),
              HasSubstr("data/user_id=x/a.parquet, row 1: column 'user_id' has x (TEXT)"));
}

TEST_F(SourceTest, CsvIsReadByItsDeclaredTypes) {
  project_.write_text("a.csv",
                      "\xEF\xBB\xBFuser_id,event_timestamp,f\r\n1,2026-05-01,\"a,\"\"b\"\"\"\r\n"
                      "2,2026-05-01T10:00:00+02:00,\"\"\r\n#3,2026-05-02,\r\n");
  definitions_ = user_definitions({Kind::String});
  EXPECT_EQ(read(add_view(definitions_, "v", csv("a.csv"), "f", {Kind::String})),
            "#3=null 1=a,\"b\" 2= ");
}

TEST_F(SourceTest, CsvErrorsNameFileRowColumnAndValue) {
  project_.write_text("a.csv", "user_id,event_timestamp,f\n1,2026-05-01,1\n");
  project_.write_text("b.csv", "user_id,event_timestamp,f\n1,2026-05-01,1\n2,2026-05-01,x7\n");
  EXPECT_EQ(read(add_view(definitions_, "v", csv("*.csv"), "f")),
            "feature view 'v': b.csv, row 2: column 'f' has x7 (TEXT), which does not fit feature "
            "'f' (int64) "
            "without loss");
  project_.write_text("b.csv", "user_id,event_timestamp,f\n1,01.05.2026,1\n");
  EXPECT_THAT(read(definitions_.feature_views[0]),
              HasSubstr("b.csv, row 1: column 'event_timestamp' has 01.05.2026"));
}

TEST_F(SourceTest, CsvOfAnotherShapeIsAnError) {
  project_.write_text("a.csv", "user_id,event_timestamp,f\n1,2026-05-01,1\n2,2026-05-01\n");
  const FeatureView& view = add_view(definitions_, "v", csv("*.csv"), "f");
  EXPECT_THAT(read(view),
              HasSubstr("feature view 'v': a.csv, line 3: Expected Number of Columns: 3 Found: 2"));
  project_.write_text("a.csv", "user_id,event_timestamp,f\n1,2026-05-01,1\n");
  project_.write_text("b.csv", "user_id,f,event_timestamp\n1,1,2026-05-01\n");
  EXPECT_THAT(read(view), HasSubstr("b.csv has other columns than a.csv"));
  project_.write_text("b.csv", "");
  EXPECT_THAT(read(view), HasSubstr("b.csv: the file is empty"));
  project_.write_text("b.csv", "user_id,User_Id,f\n");
  EXPECT_THAT(read(view), HasSubstr("b.csv: column 'User_Id' is named twice"));
  project_.write_text("b.csv", "user_id,event_timestamp,f\n1,2026-05-01,\xff\xfe\n");
  EXPECT_THAT(read(view), HasSubstr("unicode"));
}

TEST_F(SourceTest, SaysWhatAFileIsThatIsNoCsv) {
  const FeatureView& view = add_view(definitions_, "v", csv("a.csv"), "f");
  project_.write_text("a.csv", "\x1F\x8B\x08\x04text");
  EXPECT_EQ(read(view), "feature view 'v': a.csv: it is no CSV but packed with gzip: unpack it");
  project_.write_text("a.csv", "\x28\xB5\x2F\xFDtext");
  EXPECT_THAT(read(view), HasSubstr("packed with zstd: unpack it"));
  project_.write_text("a.csv", "user_id\tevent_timestamp\tf\n1\t2026-05-01\t1\n");
  EXPECT_THAT(read(view), HasSubstr("separated by tabs: write it with commas"));
}

TEST_F(SourceTest, AnEmptyTableIsASourceWithoutRows) {
  project_.write("a.parquet", std::string(kGoodRow) + "1::BIGINT AS f WHERE false");
  EXPECT_EQ(read(add_view(definitions_, "v", parquet("a.parquet"), "f")), "");
  project_.write_text("a.csv", "user_id,event_timestamp,f\n");
  EXPECT_EQ(read(add_view(definitions_, "w", csv("a.csv"), "f")), "");
}

TEST_F(SourceTest, ASelectThatFailsSaysSo) {
  EXPECT_THAT(read(add_view(definitions_, "v", select("SELECT nope FROM 'a.parquet'"), "f")),
              HasSubstr("a.parquet"));
  project_.write("a.parquet", std::string(kGoodRow) + "1::BIGINT AS f");
  EXPECT_THAT(read(add_view(definitions_, "w", select("SELECT nope FROM 'a.parquet'"), "f")),
              AllOf(HasSubstr("feature view 'w': SQL of the source"), HasSubstr("nope")));
  EXPECT_THAT(read(add_view(definitions_,
                            "x",
                            select(std::string(kGoodRow) + "'a' || i AS f FROM range(3) t(i)"),
                            "f")),
              HasSubstr("VARCHAR"));
}

}  // namespace
}  // namespace provender::offline
