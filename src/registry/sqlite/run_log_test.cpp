#include "registry/run_log.hpp"

#include <gmock/gmock.h>

#include "registry/sqlite/sqlite_run_log.hpp"
#include "registry/sqlite/test_registry.hpp"

namespace provender::registry {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::SizeIs;

class RunLogTest : public RegistryTest {
 protected:
  Result<Lease> acquire(const std::string& holder, Duration length = seconds(30)) {
    return log_.acquire("scheduler", holder, clock_.now(), length);
  }
  void pass(Duration time) { clock_.set(clock_.now() + time); }
  Lease lease() {
    return value_of(log_.acquire("materialize:activity", "h", clock_.now(), hours(1)));
  }
  provender::Run begin(const std::string& view = "activity") {
    return value_of(log_.begin_run(
        {.view = view, .store_id = 1, .version = 2, .end = clock_.now(), .started = clock_.now()}));
  }

  std::unique_ptr<Registry> registry_ = open();
  RunLog& log_ = registry_->runs();
};
using Leases = RunLogTest;
using Runs = RunLogTest;

TEST_F(Leases, HaveOneHolderAtATime) {
  const auto first = value_of(acquire("a"));
  EXPECT_EQ(first.expires, clock_.now() + seconds(30));
  PROVENDER_EXPECT_ERROR(
      acquire("b"), ErrorCode::Conflict, "scheduler is held by a until 2026-05-07T00:00:30Z");
  PROVENDER_EXPECT_OK(log_.acquire("another", "b", clock_.now(), seconds(30)));
}

TEST_F(Leases, CanBeTakenOverOnceExpired) {
  const auto first = value_of(acquire("a"));
  pass(seconds(30));
  const auto second = value_of(acquire("b"));
  EXPECT_GT(second.fencing, first.fencing);
  PROVENDER_EXPECT_ERROR(log_.renew(first, clock_.now(), seconds(30)),
                         ErrorCode::Conflict,
                         "no longer held by a (fencing number 1): b holds it (fencing number 2)");
  PROVENDER_EXPECT_OK(log_.release(first));
  EXPECT_EQ(value_of(value_of(log_.current("scheduler"))).holder, "b")
      << "the old holder has nothing to release";
}

TEST_F(Leases, LastLongerWhenRenewed) {
  auto lease = value_of(acquire("a"));
  pass(seconds(20));
  lease = value_of(log_.renew(lease, clock_.now(), seconds(30)));
  EXPECT_EQ(lease.expires, clock_.now() + seconds(30));
  pass(seconds(20));
  PROVENDER_EXPECT_ERROR(acquire("b"), ErrorCode::Conflict, "held by a");
  pass(hours(1));
  PROVENDER_EXPECT_OK(log_.renew(lease, clock_.now(), seconds(30)));
}

TEST_F(Leases, AreFreeOnceReleasedAndTheFencingNumberGrowsOn) {
  const auto first = value_of(acquire("a"));
  PROVENDER_EXPECT_OK(log_.release(first));
  EXPECT_FALSE(value_of(log_.current("scheduler")));
  PROVENDER_EXPECT_ERROR(
      log_.renew(first, clock_.now(), seconds(30)), ErrorCode::Conflict, "nobody holds it");
  EXPECT_EQ(value_of(acquire("a")).fencing, first.fencing + 1);
}

TEST_F(Leases, TellWhoHoldsThemExpiredOrNot) {
  EXPECT_FALSE(value_of(log_.current("scheduler")));
  const auto lease = value_of(acquire("a"));
  pass(hours(1));
  const auto current = value_of(value_of(log_.current("scheduler")));
  EXPECT_EQ(current.holder, "a");
  EXPECT_EQ(current.fencing, lease.fencing);
  EXPECT_EQ(current.expires, lease.expires);
}

TEST_F(Leases, EndInTimeThoughTheClockWentBack) {
  const auto lease = value_of(acquire("a", hours(1)));
  pass(-hours(24 * 365));
  PROVENDER_EXPECT_ERROR(acquire("b"), ErrorCode::Conflict, "held by a until 2025-05-07T01:00:00Z");
  pass(seconds(3599));
  PROVENDER_EXPECT_ERROR(acquire("b", seconds(1)), ErrorCode::Conflict, "held by a");
  pass(seconds(1));
  EXPECT_GT(value_of(acquire("b", seconds(1))).fencing, lease.fencing);
}

TEST_F(Leases, ARenewalAfterTheClockWentBackCountsFromTheNewTime) {
  const auto lease = value_of(acquire("a"));
  pass(-hours(1));
  EXPECT_EQ(value_of(log_.renew(lease, clock_.now(), seconds(30))).expires,
            clock_.now() + seconds(30));
}

TEST_F(Leases, MayLastForever) {
  const auto lease = value_of(acquire("a", Duration::max()));
  EXPECT_EQ(lease.expires, Timestamp::max());
  pass(hours(24 * 365 * 100));
  PROVENDER_EXPECT_ERROR(acquire("b"), ErrorCode::Conflict, "held by a");
}

TEST_F(Leases, HaveALength) {
  PROVENDER_EXPECT_ERROR(
      acquire("a", Duration(0)), ErrorCode::InvalidArgument, "expected one above zero");
  const auto lease = value_of(acquire("a"));
  PROVENDER_EXPECT_ERROR(log_.renew(lease, clock_.now(), Duration(-1)),
                         ErrorCode::InvalidArgument,
                         "a length of -1 us");
}

TEST_F(Runs, AreRecordedWhole) {
  auto run = begin();
  EXPECT_FALSE(value_of(log_.runs("activity", 1)).at(0).finished);
  pass(seconds(5));
  run.finished = clock_.now();
  run.rows_read = 10;
  run.rows_written = 7;
  run.rows_kept = 3;
  run.rows_skipped = 2;
  run.watermark = clock_.now() - hours(3);
  PROVENDER_EXPECT_OK(log_.finish_run(run, lease()));

  const auto stored = value_of(log_.runs("activity", 10));
  ASSERT_THAT(stored, SizeIs(1));
  EXPECT_EQ(stored[0].id, run.id);
  EXPECT_EQ(stored[0].view, "activity");
  EXPECT_EQ(stored[0].store_id, 1);
  EXPECT_EQ(stored[0].version, 2);
  EXPECT_EQ(stored[0].end, run.end);
  EXPECT_EQ(stored[0].started, run.started);
  EXPECT_EQ(stored[0].finished, run.finished);
  EXPECT_EQ(stored[0].rows_read, 10);
  EXPECT_EQ(stored[0].rows_written, 7);
  EXPECT_EQ(stored[0].rows_kept, 3);
  EXPECT_EQ(stored[0].rows_skipped, 2);
  EXPECT_EQ(stored[0].watermark, run.watermark);
  EXPECT_EQ(stored[0].error, "");
}

TEST_F(Runs, ComeNewestFirst) {
  const auto first = begin();
  const auto second = begin();
  begin("affinity");
  const auto runs = value_of(log_.runs("activity", 10));
  ASSERT_THAT(runs, SizeIs(2));
  EXPECT_EQ(runs[0].id, second.id);
  EXPECT_EQ(runs[1].id, first.id);
  EXPECT_THAT(value_of(log_.runs("activity", 1)), SizeIs(1));
}

TEST_F(Runs, TheLastSuccessSkipsFailuresUnfinishedRunsAndOtherStores) {
  const auto held = lease();
  EXPECT_FALSE(value_of(log_.last_success("activity", 1)));
  auto good = begin();
  good.finished = clock_.now();
  PROVENDER_EXPECT_OK(log_.finish_run(good, held));
  auto failed = begin();
  failed.finished = clock_.now();
  failed.error = "no such file";
  PROVENDER_EXPECT_OK(log_.finish_run(failed, held));
  begin();
  EXPECT_EQ(value_of(value_of(log_.last_success("activity", 1))).id, good.id);
  EXPECT_FALSE(value_of(log_.last_success("activity", 2)));
  EXPECT_EQ(value_of(log_.runs("activity", 10)).at(1).error, "no such file");
}

TEST_F(Runs, AFailedRunSwitchesNothing) {
  PROVENDER_EXPECT_OK(apply(*registry_, streaming()));
  const auto rebuilt = value_of(registry_->rebuild("activity"));
  const auto held = lease();
  auto run = value_of(
      log_.begin_run({.view = "activity", .store_id = building_of(*rebuilt, "activity").store_id}));
  run.finished = clock_.now();
  run.error = "disk full";
  PROVENDER_EXPECT_OK(log_.finish_run(run, held));
  EXPECT_EQ(value_of(registry_->snapshot()), rebuilt);
}

TEST_F(Runs, WhoLostTheLeaseRecordsAndSwitchesNothing) {
  PROVENDER_EXPECT_OK(apply(*registry_, streaming()));
  const auto rebuilt = value_of(registry_->rebuild("activity"));
  const auto lost = lease();
  auto run = value_of(
      log_.begin_run({.view = "activity", .store_id = building_of(*rebuilt, "activity").store_id}));
  pass(hours(2));
  lease();
  run.finished = clock_.now();
  PROVENDER_EXPECT_ERROR(log_.finish_run(run, lost), ErrorCode::Conflict, "no longer held");
  EXPECT_EQ(value_of(registry_->snapshot()), rebuilt);
  EXPECT_FALSE(value_of(log_.runs("activity", 1)).at(0).finished);
}

TEST_F(Runs, FinishOnceAndOnlyIfBegun) {
  const auto held = lease();
  auto run = begin();
  PROVENDER_EXPECT_ERROR(
      log_.finish_run(run, held), ErrorCode::InvalidArgument, "when it finished is not set");
  run.finished = clock_.now();
  PROVENDER_EXPECT_OK(log_.finish_run(run, held));
  PROVENDER_EXPECT_ERROR(
      log_.finish_run(run, held), ErrorCode::FailedPrecondition, "was finished at");
  run.id += 100;
  PROVENDER_EXPECT_ERROR(log_.finish_run(run, held), ErrorCode::NotFound, "never begun");
}

TEST_F(Runs, OldOnesAreForgottenButNotTheLastSuccess) {
  const auto held = lease();
  auto good = begin();
  good.finished = clock_.now();
  PROVENDER_EXPECT_OK(log_.finish_run(good, held));
  // Begun by one statement: as many transactions would take seconds.
  run_sql(
      "INSERT INTO runs (view, store_id, version, end, started, rows_read, rows_written, "
      "rows_kept, rows_skipped, "
      "error) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) "
      "SELECT 'activity', 1, 1, 0, 0, 0, 0, 0, 0, '' FROM n");
  begin("affinity");
  EXPECT_THAT(value_of(log_.runs("activity", 5000)), SizeIs(1201));
  const auto last = begin();
  const auto runs = value_of(log_.runs("activity", 5000));
  ASSERT_THAT(runs, SizeIs(sqlite::kRunsKept + 1));
  EXPECT_EQ(runs.front().id, last.id);
  EXPECT_EQ(runs.back().id, good.id);
  EXPECT_THAT(value_of(log_.runs("affinity", 10)), SizeIs(1));
}

}  // namespace
}  // namespace provender::registry
