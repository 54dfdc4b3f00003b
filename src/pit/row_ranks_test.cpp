#include "pit/row_ranks.hpp"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace provender::pit {
namespace {

/// Adds `rows` to ranks for `count` rows, and asks for everything.
void expect_right(const std::vector<std::int64_t>& rows, std::size_t count) {
  RowRanks ranks(count);
  for (const std::int64_t row : rows) {
    ranks.add(row);
  }
  const std::set<std::int64_t> expected(rows.begin(), rows.end());
  ASSERT_EQ(ranks.finish(), LargeVector<std::int64_t>(expected.begin(), expected.end()));
  std::size_t place = 0;
  for (const std::int64_t row : expected) {
    ASSERT_EQ(ranks.rank(row), place++) << row;
  }
}

std::vector<std::int64_t> some_rows(std::int64_t files, std::int64_t rows, std::size_t count) {
  std::mt19937_64 random(7);
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = static_cast<std::int64_t>(random() >> 1);
    out.push_back((number % files << 40) + number / files % rows);
  }
  return out;
}

TEST(RowRanks, DenseRowsOfManyFilesAreNumberedInTheirOrder) {
  for (const std::int64_t files : {1, 3, 90}) {
    const auto rows = some_rows(files, 200'000 / files, 50'000);
    expect_right(rows, rows.size());
  }
}

TEST(RowRanks, RowsFarFromEachOtherTakeNoMoreMemory) {
  const auto rows = some_rows(5, std::int64_t{1} << 38, 20'000);
  expect_right(rows, rows.size());
}

TEST(RowRanks, RowsThatGetSparseOnTheWayAreAllThere) {
  auto rows = some_rows(1, 100'000, 20'000);
  const auto far = some_rows(1000, std::int64_t{1} << 38, 20'000);
  rows.insert(rows.end(), far.begin(), far.end());
  expect_right(rows, rows.size());
}

/// Each part's rows are added to one set, whichever of them is dense.
void expect_all(const std::vector<std::int64_t>& first, const std::vector<std::int64_t>& second) {
  RowRanks one(first.size() + second.size());
  RowRanks other(second.size());
  for (const std::int64_t row : first) {
    one.add(row);
  }
  for (const std::int64_t row : second) {
    other.add(row);
  }
  one.add_all(other);
  std::set<std::int64_t> expected(first.begin(), first.end());
  expected.insert(second.begin(), second.end());
  ASSERT_EQ(one.finish(), LargeVector<std::int64_t>(expected.begin(), expected.end()));
  std::size_t place = 0;
  for (const std::int64_t row : expected) {
    ASSERT_EQ(one.rank(row), place++) << row;
  }
}

TEST(RowRanks, SetsAreAddedToEachOther) {
  const auto dense = some_rows(2, 20'000, 9'000);
  const auto others = some_rows(3, 20'000, 8'000);
  const auto far = some_rows(1000, std::int64_t{1} << 38, 9'000);
  expect_all(dense, others);
  expect_all(dense, far);
  expect_all(far, dense);
  expect_all(far, {});
  expect_all({}, dense);
}

TEST(RowRanks, FewRowsAndNone) {
  expect_right({}, 0);
  expect_right({0}, 1);
  expect_right({63, 64, 0, 4095, 4096, 63}, 6);
  expect_right({63, 64, 0, 4095, 4096, 63}, 6000);
}

TEST(RowRanks, AStopEndsIt) {
  const std::stop_source stop;
  stop.request_stop();
  RowRanks ranks(100'000);
  for (const std::int64_t row : some_rows(1000, std::int64_t{1} << 38, 100'000)) {
    ranks.add(row);
  }
  EXPECT_TRUE(ranks.finish(stop.get_token()).empty());
}

}  // namespace
}  // namespace provender::pit
