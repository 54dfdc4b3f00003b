#include <thread>

#include <gtest/gtest.h>

#include "pit/answers.hpp"
#include "pit/testing_case.hpp"
#include "pit/testing_threads.hpp"

namespace provender::pit {
namespace {

/// Three threads: two replay their part, one brings its own to the slots, where the late rows of
/// the others go too.
TEST(RoleJoinRace, ThreadsTogetherFindWhatOneFinds) {
  for (const Order order : {Order::LateRows, Order::Random}) {
    const TestCase c =
        make_test_case(1, order, {.spine = 300, .source = 30'000, .entities = 5, .times = 1000});
    const TestSpine spine(c);
    RoleJoin join(spine.role, {});
    const auto take_part = [&](std::size_t part) {
      Replay* const replay = part == 2 ? nullptr : &join.add_replay();
      for (std::size_t at = part * 10'000; at < (part + 1) * 10'000; at += 100) {
        const SourceBatch batch = c.batch(at, at + 100, /*has_created=*/true);
        replay != nullptr ? replay->take(batch) : join.slots().take(batch);
      }
    };
    {
      const std::jthread first(take_part, 0);
      const std::jthread second(take_part, 1);
      take_part(2);
    }
    const auto best = join.finish({.run = in_threads, .least_rows = 20});
    for (std::size_t position = 0; position < best.size(); position += 7) {
      const auto& asked = c.spine[spine.order.rows()[position]];
      ASSERT_TRUE(best[position] == c.best(asked, {}, true)) << position;
    }
    const Answers alone = judge(spine.role, best, Duration(100));
    const Answers shared =
        judge(spine.role, best, Duration(100), {}, {.run = in_threads, .least_rows = 20});
    EXPECT_EQ(shared.places, alone.places);
    EXPECT_EQ(shared.winners, alone.winners);
  }
}

}  // namespace
}  // namespace provender::pit
