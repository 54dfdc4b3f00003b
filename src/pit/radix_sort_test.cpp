#include "pit/radix_sort.hpp"

#include <algorithm>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace provender::pit {
namespace {

void expect_sorted_like_std(LargeVector<Keyed> items) {
  LargeVector<Keyed> expected = items;
  std::ranges::stable_sort(expected, {}, &Keyed::key);
  radix_sort(items);
  EXPECT_EQ(items, expected);
}

LargeVector<Keyed> random_items(std::size_t count, std::uint64_t mask) {
  std::mt19937_64 random(count);
  LargeVector<Keyed> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back({.key = random() & mask, .value = static_cast<std::uint32_t>(i)});
  }
  return out;
}

TEST(RadixSort, KeepsTheOrderOfEqualKeys) {
  for (const std::size_t count : {0UL, 1UL, 2UL, 2047UL, 2048UL, 100'000UL}) {
    expect_sorted_like_std(random_items(count, 0xFF));
    expect_sorted_like_std(random_items(count, ~std::uint64_t{0}));
    expect_sorted_like_std(random_items(count, 0xFF00'0000'0000'00FF));
    expect_sorted_like_std(random_items(count, 0));
  }
}

TEST(RadixSort, SignedNumbersOrderByTheirBits) {
  using Limits = std::numeric_limits<std::int64_t>;
  const std::vector<std::int64_t> ascending = {Limits::min(), -2, -1, 0, 1, Limits::max()};
  EXPECT_TRUE(std::ranges::is_sorted(ascending, {}, order_bits));
}

TEST(RadixSort, AStopIsSaid) {
  LargeVector<Keyed> items(5000);
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    items[i] = {.key = 5000 - i, .value = i};
  }
  const std::stop_source stop;
  EXPECT_TRUE(radix_sort(items, stop.get_token()));
  std::ranges::reverse(items);
  stop.request_stop();
  EXPECT_FALSE(radix_sort(items, stop.get_token()));
}

}  // namespace
}  // namespace provender::pit
