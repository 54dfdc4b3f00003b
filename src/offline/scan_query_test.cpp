#include "offline/scan_query.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace provender::offline {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

SourceRelation::Column column(std::string name, std::string native, std::string is_exact) {
  return {.name = std::move(name),
          .source = "a \"b\"",
          .native_type = std::move(native),
          .wanted = "",
          .conversion = {.value = "VALUE", .is_exact = std::move(is_exact)}};
}

std::string scan_of(const SourceRelation::Column& column,
                    std::string where = "",
                    std::string choice = "",
                    std::string chosen_by = "") {
  const SourceRelation::Column* const columns[] = {&column};  // NOLINT(modernize-avoid-c-arrays)
  return compile_scan({.function = "f",
                       .from = "t",
                       .row = "rowid",
                       .where = std::move(where),
                       .choice = std::move(choice),
                       .chosen_by = std::move(chosen_by),
                       .columns = columns});
}

TEST(ScanQuery, HandsOverWhatNeverLosesAnything) {
  EXPECT_EQ(scan_of(column("f0", "BIGINT", "")), "SELECT count(f(rowid, VALUE)) FROM t");
  EXPECT_THAT(scan_of(column("f0", "BIGINT", ""), "rowid < 5"),
              HasSubstr(" FROM t WHERE rowid < 5"));
  EXPECT_THAT(scan_of(column("f0", "BIGINT", ""), "rowid < 5", "chosen"),
              HasSubstr(" FROM t WHERE rowid < 5 AND chosen(rowid)"));
  EXPECT_THAT(scan_of(column("f0", "BIGINT", ""), "", "chosen", "key"),
              HasSubstr(" FROM t WHERE chosen(key)"));
}

TEST(ScanQuery, AValueThatWouldLoseSomethingIsNullAndSaidToBeLost) {
  const std::string sql = scan_of(column("k0", "DOUBLE", "EXACT"));
  EXPECT_THAT(sql, HasSubstr("CASE WHEN EXACT THEN VALUE END"));
  EXPECT_THAT(sql, HasSubstr("(\"a \"\"b\"\"\" IS NOT NULL AND NOT coalesce(EXACT, false)))"));
}

TEST(ScanQuery, TimestampsAreHandedOverAsTheyAre) {
  for (const char* native : {"TIMESTAMP", "TIMESTAMP WITH TIME ZONE"}) {
    const std::string sql = scan_of(column("ts", native, "EXACT"));
    EXPECT_THAT(sql, HasSubstr("(rowid, \"a \"\"b\"\"\")"));
    EXPECT_THAT(sql, Not(HasSubstr("EXACT")));
  }
  EXPECT_THAT(scan_of(column("ts", "DATE", "EXACT")), HasSubstr("CASE WHEN EXACT"));
  EXPECT_THAT(scan_of(column("f0", "TIMESTAMP", "EXACT")), HasSubstr("CASE WHEN EXACT"));
}

TEST(ScanQuery, PathsAreQuoted) {
  const std::vector<std::string> files = {"/a'b.parquet", "/c.parquet"};
  EXPECT_THAT(parquet_scan(files, true),
              HasSubstr("read_parquet(['/a''b.parquet', '/c.parquet'], hive_partitioning = true, "
                        "hive_types_autocast = false"));
}

}  // namespace
}  // namespace provender::offline
