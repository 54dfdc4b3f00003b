#include "parquet/page_levels.hpp"

#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "parquet/hybrid_decoder.hpp"
#include "parquet/testing_pages.hpp"

namespace provender::parquet {
namespace {

using Levels = std::vector<std::uint32_t>;
using ::testing::ElementsAre;

/// Reads levels of 0, null, and 1; what it says.
bool read_levels(PageLevels& to, const Levels& levels) {
  return to.read(hybrid_runs(levels, 1) + std::string(kReadableBehind, '\xff'), levels.size());
}

/// Rows where only one in `each` differs from those around it.
Levels random_levels(std::mt19937_64& random, std::size_t rows) {
  const std::uint64_t each = 1 + random() % 100;
  Levels out(rows, 1);
  for (std::size_t i = 1; i < rows; ++i) {
    out[i] = random() % each == 0 ? 1 - out[i - 1] : out[i - 1];
  }
  return out;
}

TEST(PageLevels, WithoutNullsCountEachRow) {
  PageLevels levels;
  EXPECT_FALSE(levels.has_nulls());
  EXPECT_EQ(levels.count_values(5, 100), 100U);
  ASSERT_TRUE(read_levels(levels, Levels(3000, 1)));
  EXPECT_FALSE(levels.has_nulls());
  ASSERT_TRUE(levels.read(packed_run(Levels(8, 1), 1) + std::string(kReadableBehind, ' '), 8));
  EXPECT_FALSE(levels.has_nulls());  // not one run, and yet none is null
  ASSERT_TRUE(read_levels(levels, {1, 0}));
  EXPECT_TRUE(levels.has_nulls());
  levels.clear();
  EXPECT_FALSE(levels.has_nulls());
}

TEST(PageLevels, ThatEndEarlyAreNone) {
  PageLevels levels;
  const std::string run = repeated_run(2000, 1, 1);
  EXPECT_FALSE(levels.read(run, 2001));
  EXPECT_FALSE(levels.read(repeated_run(2000, 0, 1), 2001));
  EXPECT_FALSE(levels.read("", 1));
}

TEST(PageLevels, CountTheValuesOfAnyRows) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    std::mt19937_64 random(seed);
    const Levels rows = random_levels(random, 1 + random() % 2500);
    PageLevels levels;
    ASSERT_TRUE(read_levels(levels, rows));
    for (int i = 0; i < 20; ++i) {
      const std::size_t first = random() % rows.size();
      const std::size_t count = random() % (rows.size() - first + 1);
      std::size_t values = 0;
      for (std::size_t row = first; row < first + count; ++row) {
        values += rows[row];
      }
      ASSERT_EQ(levels.count_values(first, count), values) << "seed " << seed;
    }
  }
}

TEST(PageLevels, ChooseTheValuesOfRowsAndSpreadThem) {
  PageLevels levels;
  ASSERT_TRUE(read_levels(levels, {1, 1, 0, 1, 0, 0, 1, 1}));
  const std::vector<std::uint32_t> rows = {0, 1, 3, 5};  // of those from 2 on: null, 1, null, 1
  EXPECT_THAT(levels.choose(2, rows), ElementsAre(0, 2));
  EXPECT_EQ(levels.validity()[0], 0b1010U);
  std::vector<char> values = {'a', 'b', '?', '?'};
  levels.spread(
      4,
      [&](std::size_t to, std::size_t from) { values[to] = values[from]; },
      [&](std::size_t at) { values[at] = '-'; });
  EXPECT_THAT(values, ElementsAre('-', 'a', '-', 'b'));
}

}  // namespace
}  // namespace provender::parquet
