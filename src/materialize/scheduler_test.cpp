#include "materialize/scheduler.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "materialize/held_lease.hpp"
#include "materialize/test_stores.hpp"

namespace provender::materialize {
namespace {

using testing::HasSubstr;

const Cadence kHourly{.kind = Cadence::Kind::Every, .every = std::chrono::hours(1), .cron = ""};

/// Waits until `holds`, which another thread brings about.
bool eventually(const auto& holds) {
  for (int i = 0; i < 3000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

std::size_t runs_of(TestStores& s, const std::string& view) {
  return s.registry->runs().runs(view, 100).value().size();
}

TEST(Scheduler, RunsOnceWhatIsDueAndNothingElse) {
  TestStores s;
  s.apply({"a"}, kHourly);
  ASSERT_TRUE(run(s.stores(), /*once=*/true, {}));
  ASSERT_TRUE(run(s.stores(), /*once=*/true, {}));
  EXPECT_EQ(runs_of(s, "a"), 1U);
  s.clock.advance(std::chrono::hours(1));
  ASSERT_TRUE(run(s.stores(), /*once=*/true, {}));
  EXPECT_EQ(runs_of(s, "a"), 2U);
}

TEST(Scheduler, LeavesManualViewsAlone) {
  TestStores s;
  s.apply({"a"});
  ASSERT_TRUE(run(s.stores(), /*once=*/true, {}));
  EXPECT_EQ(runs_of(s, "a"), 0U);
}

TEST(Scheduler, TellsHowEachRunWentWhenRunOnce) {
  TestStores s;
  s.apply({"a", "b", "c"}, kHourly);
  s.offline.errors["a"] = "the file is gone";
  const auto other = HeldLease::acquire(s.registry->runs(), s.clock, lease_of_view("b"));
  const auto runs = run(s.stores(), /*once=*/true, {});
  ASSERT_TRUE(runs);
  ASSERT_EQ(runs->size(), 3U);
  EXPECT_THAT((*runs)[0].error, HasSubstr("the file is gone"));
  EXPECT_FALSE((*runs)[0].skipped);
  EXPECT_TRUE((*runs)[1].skipped);
  EXPECT_EQ((*runs)[2].error, "");
  EXPECT_EQ(runs_of(s, "b"), 0U);
}

TEST(Scheduler, RunsARebuildThatWaitsWhenRunOnce) {
  TestStores s;
  s.apply({"a"}, kHourly);
  ASSERT_TRUE(run(s.stores(), /*once=*/true, {}));
  ASSERT_TRUE(s.registry->rebuild("a"));
  ASSERT_TRUE(run(s.stores(), /*once=*/true, {}));
  EXPECT_EQ(runs_of(s, "a"), 2U);
  EXPECT_FALSE(s.registry->snapshot().value()->storage.at("a").building);
}

TEST(Scheduler, LeadsUntilStoppedAndHandsOverThen) {
  TestStores s;
  s.apply({"a"}, kHourly);
  std::stop_source first;
  std::stop_source second;
  std::jthread one(
      [&] { ASSERT_TRUE(run(s.stores(), /*once=*/false, {.stop = first.get_token()})); });
  ASSERT_TRUE(eventually([&] { return runs_of(s, "a") == 1; }));
  EXPECT_EQ(HeldLease::acquire(s.registry->runs(), s.clock, "scheduler").error().code(),
            ErrorCode::Conflict);
  const std::jthread two(
      [&] { ASSERT_TRUE(run(s.stores(), /*once=*/false, {.stop = second.get_token()})); });
  first.request_stop();
  one.join();
  s.clock.advance(std::chrono::hours(1));
  EXPECT_TRUE(eventually([&] { return runs_of(s, "a") == 2; }));
  second.request_stop();
}

TEST(Scheduler, TriesAFailedViewAgainAfterAWhile) {
  TestStores s;
  s.apply({"a"}, kHourly);
  s.offline.errors["a"] = "the file is gone";
  std::stop_source stop;
  const std::jthread leader(
      [&] { ASSERT_TRUE(run(s.stores(), /*once=*/false, {.stop = stop.get_token()})); });
  ASSERT_TRUE(eventually([&] { return runs_of(s, "a") == 1; }));
  EXPECT_TRUE(eventually([&] {
    s.clock.advance(std::chrono::seconds(1));
    return runs_of(s, "a") == 2;
  }));
  stop.request_stop();
}

}  // namespace
}  // namespace provender::materialize
