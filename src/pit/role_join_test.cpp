#include "pit/role_join.hpp"

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "pit/answers.hpp"
#include "pit/testing_case.hpp"

namespace provender::pit {
namespace {

enum class Route : std::uint8_t { Replays, Slots, Both, ReplaysInTurn };

/// Even few rows, part after part from the last on.
Parallel shared_out() {
  return {.run =
              [](std::size_t parts, const std::function<void(std::size_t)>& work) {
                for (std::size_t part = parts; part-- > 0;) {
                  work(part);
                }
              },
          .least_rows = 7};
}

/// Runs a case, its source cut into `parts`, taken in batches, part after part or the last first;
/// or one batch after the other, by as many replays in turn.
SourceRows run(const TestCase& c,
               const TestSpine& spine,
               Variant variant,
               bool has_created,
               Route route,
               std::size_t parts) {
  RoleJoin join(spine.role, variant);
  const std::size_t rows = c.ts.size();
  if (route == Route::ReplaysInTurn) {
    std::vector<Replay*> replays;
    for (std::size_t at = 0; at < rows; at += 7) {
      if (replays.size() < parts) replays.push_back(&join.add_replay());
      replays[at / 7 % parts]->take(c.batch(at, std::min(at + 7, rows), has_created));
    }
    return join.finish();
  }
  for (std::size_t turn = 0; turn < parts; ++turn) {
    const std::size_t part = parts % 2 == 0 ? parts - 1 - turn : turn;
    const bool replayed = route == Route::Replays || (route == Route::Both && part % 2 == 0);
    Replay* const replay = replayed ? &join.add_replay() : nullptr;
    const std::size_t end = rows * (part + 1) / parts;
    for (std::size_t at = rows * part / parts; at < end; at += 7) {
      const SourceBatch batch = c.batch(at, std::min(at + 7, end), has_created);
      replay != nullptr ? replay->take(batch) : join.slots().take(batch);
    }
  }
  return join.finish(shared_out());
}

SourceRows rows_of(const std::vector<SourceRow>& rows) {
  SourceRows out;
  out.resize(rows.size(), /*has_created=*/true);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.raise(i, rows[i]);
  }
  return out;
}

void expect_naive(
    const TestCase& c, Variant variant, bool has_created, Route route, std::size_t parts) {
  const TestSpine spine(c);
  const auto best = run(c, spine, variant, has_created, route, parts);
  ASSERT_EQ(best.size(), spine.order.size());
  for (std::size_t position = 0; position < best.size(); ++position) {
    const auto& asked = c.spine[spine.order.rows()[position]];
    const SourceRow expected = c.best(asked, variant, has_created);
    ASSERT_TRUE(best[position] == expected)
        << "entity " << asked.entity << " at " << asked.t << ": row " << best[position].row
        << ", expected " << expected.row;
  }
}

void expect_naive_every_way(std::uint64_t seed, TestCaseSize size) {
  for (const Order order : {Order::Sorted, Order::LateRows, Order::Clustered, Order::Random}) {
    const TestCase c = make_test_case(seed, order, size);
    for (const bool strictly_before : {false, true}) {
      for (const bool has_created : {false, true}) {
        for (const Route route :
             {Route::Replays, Route::Slots, Route::Both, Route::ReplaysInTurn}) {
          for (const std::size_t parts : {1UL, 2UL, 5UL}) {
            SCOPED_TRACE("seed " + std::to_string(seed) + " order " +
                         std::to_string(static_cast<int>(order)) + " route " +
                         std::to_string(static_cast<int>(route)) + " parts " +
                         std::to_string(parts) + (strictly_before ? " strictly before" : "") +
                         (has_created ? " created" : ""));
            expect_naive(c, {.strictly_before = strictly_before}, has_created, route, parts);
          }
        }
      }
      SCOPED_TRACE("seed " + std::to_string(seed) + " known by");
      expect_naive(c,
                   {.strictly_before = strictly_before, .known_by = true},
                   /*has_created=*/true,
                   Route::Slots,
                   2);
    }
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(RoleJoin, FindsTheBestRowWhateverTheOrderAndTheCuts) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    expect_naive_every_way(seed, {.spine = 40, .source = 60, .entities = 4, .times = 30});
    expect_naive_every_way(seed, {.spine = 60, .source = 50, .entities = 30, .times = 500});
  }
}

TEST(RoleJoin, MostRowsMayBeOfKeysThatNobodyAsksAbout) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    expect_naive_every_way(seed,
                           {.spine = 40, .source = 200, .entities = 9, .times = 60, .unasked = 7});
  }
}

TEST(RoleJoin, TiesAreDecidedAcrossCuts) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    expect_naive_every_way(seed, {.spine = 30, .source = 60, .entities = 2, .times = 3});
  }
}

TEST(RoleJoin, NothingIsNothing) {
  for (std::uint64_t seed = 0; seed < 2; ++seed) {
    expect_naive_every_way(seed, {.spine = 0, .source = 10, .entities = 2, .times = 9});
    expect_naive_every_way(seed, {.spine = 10, .source = 0, .entities = 2, .times = 9});
    expect_naive_every_way(seed, {.spine = 1, .source = 1, .entities = 1, .times = 1});
  }
}

TEST(RoleJoin, ASourceWithoutOrderEndsInTheSlots) {
  // Enough rows that the replay gives up.
  const TestCase c = make_test_case(
      3, Order::Random, {.spine = 60, .source = 60'000, .entities = 50, .times = 100'000});
  expect_naive(c, {}, /*has_created=*/true, Route::Replays, 1);
}

TEST(RoleJoin, AStopEndsEveryStepAndWhatComesLaterIsHarmless) {
  const TestCase c = make_test_case(
      5, Order::Random, {.spine = 5000, .source = 5000, .entities = 50, .times = 100'000});
  const TestSpine spine(c);
  const std::stop_source stop;
  RoleJoin join(spine.role, {}, stop.get_token());
  stop.request_stop();
  join.add_replay().take(c.batch(0, 1000, /*has_created=*/false));
  join.slots().take(c.batch(1000, 2000, /*has_created=*/false));  // prepares nothing any more
  EXPECT_TRUE(join.slots().empty());
  const auto best = join.finish();
  EXPECT_EQ(best.size(), spine.order.size());
  EXPECT_TRUE(judge(spine.role, best, std::nullopt, stop.get_token()).winners.empty());
  EXPECT_EQ(TimeOrder(TestSpine::times_of(c), stop.get_token()).size(), 0U);
}

TEST(TimeOrder, IsTheSameWhoeverShares) {
  for (const std::size_t rows : {1U, 19U, 400U, 5000U}) {
    std::vector<std::int64_t> times;
    for (std::size_t i = 0; i < rows; ++i) {
      times.push_back(i % 7 == 3 ? kNoTime : static_cast<std::int64_t>(i * 7919 % 101));
    }
    const TimeOrder alone(times);
    const TimeOrder shared(times, {}, shared_out());
    EXPECT_EQ(shared.times(), alone.times());
    EXPECT_EQ(shared.rows(), alone.rows());
  }
}

TEST(Judge, NumbersDifferentWinnersInTheirOrder) {
  const std::vector<std::int64_t> times = {30, 10, kNoTime, 20, 30};
  const TimeOrder order(times);
  const std::vector<std::uint32_t> entities = {0, 0, 0, 0, 0};
  const RoleSpine spine(order, entities, 1);
  const SourceRow early{.ts = 5, .created = 15, .row = 9};
  const SourceRow later{.ts = 20, .created = 35, .row = 4};
  // At 10, 20, 30, 30.
  const Answers answers = judge(spine, rows_of({early, {}, later, later}), std::nullopt);
  EXPECT_EQ(answers.winners, (LargeVector<std::int64_t>{4, 9}));
  EXPECT_EQ(answers.places,
            (LargeVector<std::uint32_t>{0, 1, Answers::kNotFound, Answers::kNotFound, 0}));
  EXPECT_EQ(answers.created_after, 3U);
}

TEST(Judge, SaysTheSameWhoeverShares) {
  for (const std::int64_t stride : {std::int64_t{1}, std::int64_t{1} << 38}) {
    TestCase c = make_test_case(
        9, Order::Random, {.spine = 500, .source = 300, .entities = 20, .times = 1000});
    for (std::int64_t& row : c.row) {
      row *= stride;
    }
    const TestSpine spine(c);
    const auto best = run(c, spine, {}, /*has_created=*/true, Route::Slots, 1);
    const Answers alone = judge(spine.role, best, Duration(300));
    const Answers shared = judge(spine.role, best, Duration(300), {}, shared_out());
    EXPECT_EQ(shared.places, alone.places);
    EXPECT_EQ(shared.winners, alone.winners);
    EXPECT_EQ(shared.created_after, alone.created_after);
    EXPECT_GT(alone.created_after, 0U);
  }
}

TEST(Judge, TheEdgeOfTheTtlIsInclusiveAndSaturates) {
  const std::vector<std::int64_t> times = {100, 101, INT64_MIN + 1};
  const TimeOrder order(times);
  const std::vector<std::uint32_t> entities = {0, 0, 0};
  const RoleSpine spine(order, entities, 1);
  const SourceRow row{.ts = 90, .created = kNoTime, .row = 0};
  const SourceRow oldest{.ts = INT64_MIN + 1, .created = kNoTime, .row = 1};
  const Answers answers = judge(spine, rows_of({oldest, row, row}), Duration(10));
  EXPECT_EQ(answers.places, (LargeVector<std::uint32_t>{0, Answers::kOutsideMaxAge, 1}));
}

}  // namespace
}  // namespace provender::pit
