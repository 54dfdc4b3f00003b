#include "offline/duckdb/result_row_groups.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace provender::offline {
namespace {

using ::testing::ElementsAre;

/// A spine by the rows and the unpacked bytes of its row groups, in two columns.
PageFile spine_of(const std::vector<std::pair<std::int64_t, std::int64_t>>& groups) {
  PageFile out;
  out.footer.columns.resize(2);
  for (const auto& [rows, bytes] : groups) {
    parquet::Footer::RowGroup group{.rows = rows, .chunks = {}};
    group.chunks.emplace_back(parquet::ColumnChunk{.unpacked_bytes = bytes / 4});
    group.chunks.emplace_back(parquet::ColumnChunk{.unpacked_bytes = bytes - bytes / 4});
    out.footer.row_groups.push_back(std::move(group));
    out.ends.push_back(out.rows() + rows);
  }
  return out;
}

std::vector<std::string> cut_spine(const PageFile& spine, RowsOfSpine rows) {
  std::vector<std::string> out;
  for (const RowsOfSpine& some :
       result_row_groups(spine, rows, {.rows = 100, .column_bytes = 36, .bytes = 50})) {
    out.push_back(std::to_string(some.begin) + "-" + std::to_string(some.end));
  }
  return out;
}

TEST(ResultRowGroups, HaveRowsOfSmallRowGroupsTogetherAndOfLargeOnesApart) {
  EXPECT_THAT(cut_spine(spine_of({{250, 40}}), {0, 250}),
              ElementsAre("0-100", "100-200", "200-250"));
  EXPECT_THAT(cut_spine(spine_of({{250, 40}}), {60, 190}), ElementsAre("60-160", "160-190"))
      << "in one pass";
  EXPECT_THAT(cut_spine(spine_of({{30, 10}, {30, 10}, {30, 10}, {30, 10}, {30, 10}}), {0, 150}),
              ElementsAre("0-100", "100-150"));
  EXPECT_THAT(cut_spine(spine_of({{30, 20}, {30, 20}, {30, 20}, {30, 20}}), {0, 120}),
              ElementsAre("0-60", "60-120"))
      << "three have more bytes than are allowed";
  EXPECT_THAT(cut_spine(spine_of({{30, 10}, {90, 30}, {90, 10}}), {0, 210}),
              ElementsAre("0-100", "100-200", "200-210"));
  EXPECT_THAT(cut_spine(spine_of({{30, 10}, {40, 200}, {30, 10}}), {0, 100}),
              ElementsAre("0-30", "30-40", "40-50", "50-60", "60-70", "70-100"))
      << "ten rows in a quarter of its bytes";
  EXPECT_THAT(cut_spine(spine_of({{2, 1000}}), {0, 2}), ElementsAre("0-1", "1-2"));
  EXPECT_THAT(cut_spine(spine_of({{30, 28}, {30, 20}, {30, 20}}), {0, 90}),
              ElementsAre("0-60", "60-90"));
  EXPECT_THAT(cut_spine(spine_of({{30, 36}, {30, 14}, {30, 20}}), {0, 90}),
              ElementsAre("0-30", "30-90"))
      << "a column of two has more bytes than are allowed";
  EXPECT_THAT(cut_spine(spine_of({{10, 0}, {0, 0}, {10, 0}}), {0, 20}), ElementsAre("0-20"));
  EXPECT_THAT(cut_spine(spine_of({}), {0, 0}), ElementsAre());
}

}  // namespace
}  // namespace provender::offline
