#include "materialize/materializer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "materialize/held_lease.hpp"
#include "materialize/status.hpp"
#include "materialize/sweep.hpp"
#include "materialize/test_stores.hpp"
#include "serving/reader.hpp"

namespace provender::materialize {
namespace {

using testing::HasSubstr;

class MaterializerTest : public testing::Test, protected TestStores {
 protected:
  /// What a reader sees: "47", "null".
  std::string read(const std::string& view, std::int64_t user) {
    auto reader = serving::make_reader(*registry, *online, clock);
    const auto prepared = reader->prepare({.features = {view + ":score"}, .service = ""}).value();
    const ValueView key(user);
    std::string text;
    reader->read(prepared, {&key, 1}, [&](auto features) {
      text = to_text(features.value().get().cell(0, 0).value);
    });
    return text;
  }
  const Timestamp t_ = clock.now() - std::chrono::hours(1);
};

TEST_F(MaterializerTest, WritesTheLatestRowsAndRecordsTheRun) {
  apply({"a"});
  offline.rows["a"] = {{1, t_, 10}, {2, t_, 20}, {3, t_ - std::chrono::hours(1), 30}};
  const provender::Run run = run_one();
  EXPECT_EQ(run.error, "");
  EXPECT_EQ(run.rows_read, 3U);
  EXPECT_EQ(run.rows_written, 3U);
  EXPECT_EQ(run.rows_skipped, 1U);
  EXPECT_EQ(run.watermark, t_);
  EXPECT_EQ(read("a", 2), "20");
  EXPECT_EQ(read("a", 4), "null");
  EXPECT_EQ(registry->runs().runs("a", 5).value().at(0).rows_written, 3U);
}

TEST_F(MaterializerTest, SharesAPassBetweenViewsOfOneEntity) {
  apply({"a", "b"});
  offline.rows["a"] = {{-1, t_, 1}, {2, t_, 2}, {5, t_, 5}};
  offline.rows["b"] = {{2, t_, 22}, {3, t_, 33}};
  const auto runs = materialize(stores(), {}, {}).value();
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].rows_written, 3U);
  EXPECT_EQ(runs[1].rows_written, 2U);
  EXPECT_EQ(read("a", 2), "2");
  EXPECT_EQ(read("b", 2), "22");
  EXPECT_EQ(read("a", -1), "1");
}

TEST_F(MaterializerTest, KeepsNewerRowsWhenAnEarlierEndComesLate) {
  apply({"a"});
  offline.rows["a"] = {{1, t_, 10}};
  ASSERT_EQ(run_one().error, "");
  offline.rows["a"] = {{1, t_ - std::chrono::hours(1), 9}, {2, t_, 20}};
  const provender::Run late = run_one({.views = {}, .end = t_});
  EXPECT_EQ(late.rows_written, 1U);
  EXPECT_EQ(late.rows_kept, 1U);
  EXPECT_EQ(read("a", 1), "10");
}

TEST_F(MaterializerTest, GoesOnWithTheOthersWhenOneSourceFails) {
  apply({"a", "b"});
  offline.errors["a"] = "data.parquet is not there";
  offline.rows["b"] = {{1, t_, 1}};
  const auto runs = materialize(stores(), {}, {}).value();
  EXPECT_THAT(runs[0].error, HasSubstr("data.parquet is not there"));
  EXPECT_EQ(runs[1].error, "");
  EXPECT_EQ(read("b", 1), "1");
  EXPECT_THAT(registry->runs().runs("a", 1).value().at(0).error, HasSubstr("is not there"));
}

TEST_F(MaterializerTest, RefusesAnEndInTheFutureAndUnknownViews) {
  apply({"activity"});
  EXPECT_THAT(std::string(materialize(stores(), {.views = {}, .end = clock.now() + Duration(1)}, {})
                              .error()
                              .message()),
              HasSubstr("never served before its time"));
  EXPECT_THAT(std::string(materialize(stores(), {.views = {"activty"}}, {}).error().message()),
              HasSubstr("did you mean 'activity'"));
}

TEST_F(MaterializerTest, SaysThatNothingIsApplied) {
  EXPECT_EQ(materialize(stores(), {}, {}).error().code(), ErrorCode::FailedPrecondition);
}

TEST_F(MaterializerTest, FillsANewGenerationWhileTheOldOneServes) {
  apply({"a"});
  offline.rows["a"] = {{1, t_, 10}, {2, t_, 20}};
  ASSERT_EQ(run_one().error, "");
  offline.rows["a"] = {{1, t_ - std::chrono::hours(5), 11}};
  offline.before_batch = [&] {
    EXPECT_EQ(read("a", 1), "10");
    EXPECT_EQ(read("a", 2), "20");
    return Result<>();
  };
  ASSERT_EQ(run_one({.views = {}, .end = {}, .full = true}).error, "");
  EXPECT_EQ(read("a", 1), "11");
  EXPECT_EQ(read("a", 2), "null");
}

TEST_F(MaterializerTest, KeepsTheOldGenerationWhenTheNewOneFails) {
  apply({"a"});
  offline.rows["a"] = {{1, t_, 10}};
  ASSERT_EQ(run_one().error, "");
  offline.rows["a"] = {{1, t_, 11}};
  offline.before_batch = [] { return Result<>(Error(ErrorCode::Io, "the disk is gone")); };
  EXPECT_THAT(run_one({.views = {}, .end = {}, .full = true}).error, HasSubstr("the disk is gone"));
  EXPECT_EQ(read("a", 1), "10");
  offline.before_batch = [] { return Result<>(); };
  ASSERT_EQ(run_one().error, "");
  EXPECT_EQ(read("a", 1), "11");
}

TEST_F(MaterializerTest, SweepsADeadGenerationOnceReadersHaveNoticed) {
  apply({"a"});
  offline.rows["a"] = {{1, t_, 10}};
  ASSERT_EQ(run_one().error, "");
  ASSERT_EQ(run_one({.views = {}, .end = {}, .full = true}).error, "");
  EXPECT_EQ(online->stats().value().rows, 2U);
  clock.advance(std::chrono::minutes(1));
  ASSERT_TRUE(sweep_dead_stores(stores(), {}));
  EXPECT_EQ(online->stats().value().rows, 1U);
  EXPECT_TRUE(registry->snapshot().value()->dead_stores.empty());
  EXPECT_EQ(read("a", 1), "10");
}

TEST_F(MaterializerTest, StopsWhenAskedAndCanBeRepeated) {
  apply({"a"});
  for (std::int64_t user = 0; user < 25'000; ++user) {
    offline.rows["a"].push_back({user, t_, user});
  }
  std::stop_source stop;  // NOLINT(misc-const-correctness): it is asked to stop
  stop.request_stop();
  EXPECT_EQ(materialize(stores(), {}, {.stop = stop.get_token()}).error().code(),
            ErrorCode::Cancelled);
  EXPECT_EQ(registry->runs().runs("a", 1).value().at(0).error, kRunStopped);
  EXPECT_EQ(run_one().rows_read, 25'000U);
  EXPECT_EQ(read("a", 24'999), "24999");
}

TEST_F(MaterializerTest, AStopThatTheSourceNoticesIsNoFailure) {
  apply({"a"});
  std::stop_source stop;
  offline.before_batch = [&] {
    stop.request_stop();
    return Result<>(Error(ErrorCode::Cancelled, "Interrupted!"));
  };
  EXPECT_EQ(materialize(stores(), {}, {.stop = stop.get_token()}).error().code(),
            ErrorCode::Cancelled);
  EXPECT_EQ(registry->runs().runs("a", 1).value().at(0).error, kRunStopped);
  EXPECT_EQ(logger.errors, 0);
}

TEST_F(MaterializerTest, ARebuildThatMayNotRunReplacesNothing) {
  apply({"a"});
  offline.rows["a"] = {{1, t_, 10}};
  auto held = HeldLease::acquire(registry->runs(), clock, lease_of_view("a"));
  ASSERT_TRUE(held);
  const auto before = registry->snapshot().value();
  EXPECT_THAT(run_one({.views = {}, .end = {}, .full = true}).error, HasSubstr("is held by"));
  EXPECT_EQ(registry->snapshot().value()->storage, before->storage);
}

TEST_F(MaterializerTest, FillsWhatIsServedOnceItHasTheLease) {
  apply({"a"});
  offline.rows["a"] = {{1, t_, 10}};
  // Between the look at what is applied and the lease, another process rebuilds the view.
  clock.before_now = [&, calls = 0]() mutable {
    if (++calls != 2) return;
    const auto built = registry->rebuild("a").value()->storage.at("a").target().store_id;
    auto lease = registry->runs().acquire("other", "elsewhere:1:1", t_, std::chrono::hours(1));
    provender::Run run{.view = "a", .store_id = built, .version = 1, .end = t_, .started = t_};
    run = registry->runs().begin_run(run).value();
    run.finished = t_;
    ASSERT_TRUE(registry->runs().finish_run(run, *lease));
  };
  EXPECT_EQ(run_one().error, "");
  EXPECT_EQ(read("a", 1), "10");
}

TEST_F(MaterializerTest, ARunIntoAGenerationThatDiesMeanwhileHasFailed) {
  apply({"a"});
  offline.rows["a"] = {{1, t_, 10}};
  ASSERT_EQ(run_one().error, "");
  offline.rows["a"] = {{1, t_, 11}};
  offline.before_batch = [&] {
    EXPECT_TRUE(registry->rebuild("a"));
    return Result<>();
  };
  const std::string error = run_one({.views = {}, .end = {}, .full = true}).error;
  EXPECT_THAT(error, HasSubstr("was changed, rebuilt or removed"));
  EXPECT_THAT(registry->runs().runs("a", 1).value().at(0).error, HasSubstr("run it again"));
  EXPECT_EQ(read("a", 1), "10");
  offline.before_batch = [] { return Result<>(); };
  EXPECT_EQ(run_one().error, "");
  EXPECT_EQ(read("a", 1), "11");
}

TEST_F(MaterializerTest, SweepsNoGenerationThatARunMayStillFill) {
  apply({"a"});
  offline.rows["a"] = {{1, t_, 10}};
  ASSERT_EQ(run_one().error, "");
  ASSERT_EQ(run_one({.views = {}, .end = {}, .full = true}).error, "");
  clock.advance(std::chrono::minutes(1));
  const auto other = registry->runs().acquire(
      lease_of_view("a"), "elsewhere:1:1", clock.now(), std::chrono::minutes(1));
  ASSERT_TRUE(other);
  ASSERT_TRUE(sweep_dead_stores(stores(), {}));
  EXPECT_EQ(online->stats().value().rows, 2U);
  ASSERT_TRUE(registry->runs().release(*other));
  ASSERT_TRUE(sweep_dead_stores(stores(), {}));
  EXPECT_EQ(online->stats().value().rows, 1U);
}

TEST_F(MaterializerTest, LetsOneRunOfAViewAtATime) {
  apply({"a"});
  offline.rows["a"] = {{1, t_, 10}};
  auto held = HeldLease::acquire(registry->runs(), clock, "materialize:a");
  ASSERT_TRUE(held);
  const provender::Run skipped = run_one();
  EXPECT_THAT(skipped.error, HasSubstr("materialize:a"));
  EXPECT_TRUE(skipped.skipped);
  EXPECT_EQ(logger.errors, 0);
  held->reset();
  EXPECT_EQ(run_one().error, "");
  EXPECT_FALSE(run_one().skipped);
}

TEST_F(MaterializerTest, TakesOverFromAProcessThatIsGone) {
  const std::string me = this_holder();
  const std::string host = me.substr(0, me.find(':'));
  ASSERT_TRUE(registry->runs().acquire(
      "materialize:a", host + ":999999999:1", clock.now(), std::chrono::hours(1)));
  EXPECT_TRUE(HeldLease::acquire(registry->runs(), clock, "materialize:a"));
  ASSERT_TRUE(registry->runs().acquire(
      "materialize:b", "elsewhere:1:1", clock.now(), std::chrono::hours(1)));
  EXPECT_EQ(HeldLease::acquire(registry->runs(), clock, "materialize:b").error().code(),
            ErrorCode::Conflict);
}

TEST(Status, HoldsTheLastRunAgainstTheCadence) {
  TestStores s;
  s.apply({"a"}, {.kind = Cadence::Kind::Every, .every = std::chrono::hours(1), .cron = ""});
  auto one = status(*s.registry, s.clock.now()).value().at(0);
  EXPECT_EQ(one.freshness, ViewStatus::Freshness::Never);
  EXPECT_EQ(one.next_due, std::nullopt);
  EXPECT_TRUE(one.due);
  ASSERT_EQ(s.run_one().error, "");
  one = status(*s.registry, s.clock.now()).value().at(0);
  EXPECT_EQ(one.freshness, ViewStatus::Freshness::Fresh);
  EXPECT_EQ(one.next_due, s.clock.now() + std::chrono::hours(1));
  EXPECT_FALSE(one.due);
  one = status(*s.registry, s.clock.now() + std::chrono::hours(1)).value().at(0);
  EXPECT_EQ(one.freshness, ViewStatus::Freshness::Late);
  EXPECT_TRUE(one.due);
  EXPECT_EQ(one.last_runs.size(), 1U);
}

TEST(Status, OfARebuildTellsWhatServesMeanwhile) {
  TestStores s;
  s.apply({"a"}, {.kind = Cadence::Kind::Every, .every = std::chrono::hours(1), .cron = ""});
  const Timestamp t = s.clock.now() - std::chrono::hours(1);
  s.offline.rows["a"] = {{1, t, 10}};
  ASSERT_EQ(s.run_one().error, "");
  ASSERT_TRUE(s.registry->rebuild("a"));
  const auto one = status(*s.registry, s.clock.now()).value().at(0);
  EXPECT_TRUE(one.rebuilding);
  EXPECT_EQ(one.freshness, ViewStatus::Freshness::Fresh);
  EXPECT_EQ(one.rows, 1U);
  EXPECT_EQ(one.watermark, t);
  EXPECT_EQ(one.last_end, s.clock.now());
  EXPECT_TRUE(one.due) << "the new generation waits for its first run";
}

}  // namespace
}  // namespace provender::materialize
