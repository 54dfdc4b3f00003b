#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "pit/spine.hpp"
#include "pit/testing_threads.hpp"

namespace provender::pit {
namespace {

void expect_sorted_alike(const std::vector<std::int64_t>& times) {
  const TimeOrder one(times);
  for (const std::size_t threads : {2UL, 3UL}) {
    const TimeOrder several(times, {}, {.run = in_threads, .most_parts = threads});
    ASSERT_EQ(several.times(), one.times());
    ASSERT_EQ(several.rows(), one.rows());
  }
  EXPECT_TRUE(std::ranges::is_sorted(one.times()));
}

/// Enough for all threads.
std::vector<std::int64_t> random_times(std::int64_t different) {
  std::mt19937_64 random(11);
  std::vector<std::int64_t> out(330'000);
  for (std::int64_t& time : out) {
    time = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(different));
  }
  return out;
}

TEST(TimeOrderRace, ThreadsSortAsOneDoes) {
  auto times = random_times(std::int64_t{1} << 50);
  expect_sorted_alike(times);
  times[5] = std::numeric_limits<std::int64_t>::max();
  times[6] = kNoTime + 1;
  for (std::size_t i = 0; i < times.size(); i += 3) {
    times[i] = kNoTime;
  }
  expect_sorted_alike(times);
  EXPECT_EQ(TimeOrder(times, {}, {.run = in_threads, .most_parts = 3}).size(),
            times.size() / 3 * 2);
}

TEST(TimeOrderRace, TimesThatAreAlikeKeepTheOrderOfTheirRows) {
  for (const std::int64_t different : {1, 2, 5}) {
    expect_sorted_alike(random_times(different));
  }
}

TEST(TimeOrderRace, AStopEndsAllThreads) {
  const std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(
      TimeOrder(random_times(1000), stop.get_token(), {.run = in_threads, .most_parts = 3}).size(),
      0U);
}

}  // namespace
}  // namespace provender::pit
