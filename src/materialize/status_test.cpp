#include "materialize/status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "materialize/test_stores.hpp"

namespace provender::materialize {
namespace {

using Freshness = ViewStatus::Freshness;
using testing::HasSubstr;

class StatusTest : public testing::Test, protected TestStores {
 protected:
  StatusTest() { offline.rows["a"] = {{1, clock.now() - std::chrono::hours(1), 10}}; }

  ViewStatus status_of_a() const { return status(*registry, clock.now()).value().at(0); }
};

TEST_F(StatusTest, AViewWithoutCadenceIsManualOnceItIsThere) {
  apply({"a"}, {.kind = Cadence::Kind::Manual});
  EXPECT_EQ(status_of_a().freshness, Freshness::Never);
  EXPECT_EQ(status_of_a().next_due, std::nullopt);
  ASSERT_EQ(run_one().error, "");
  clock.advance(std::chrono::hours(24 * 365));
  EXPECT_EQ(status_of_a().freshness, Freshness::Manual);
  EXPECT_EQ(status_of_a().next_due, std::nullopt);
  EXPECT_EQ(status_of_a().rows, 1U);
}

TEST_F(StatusTest, ACronViewIsDueAtItsNextMinute) {
  clock.set(parse_timestamp("2026-05-07T10:20:00Z").value());
  apply({"a"}, {.kind = Cadence::Kind::Cron, .every = {}, .cron = "30 * * * *"});
  ASSERT_EQ(run_one().error, "");
  const Timestamp due = parse_timestamp("2026-05-07T10:30:00Z").value();
  EXPECT_EQ(status_of_a().next_due, due);
  clock.set(due - Duration(1));
  EXPECT_EQ(status_of_a().freshness, Freshness::Fresh);
  clock.set(due);
  EXPECT_EQ(status_of_a().freshness, Freshness::Late);
}

TEST_F(StatusTest, AViewWhoseRebuildIsNotCompleteIsRebuilding) {
  apply({"a"}, {.kind = Cadence::Kind::Every, .every = std::chrono::hours(1), .cron = ""});
  ASSERT_EQ(run_one().error, "");
  EXPECT_FALSE(status_of_a().rebuilding);
  ASSERT_TRUE(registry->rebuild("a"));
  EXPECT_TRUE(status_of_a().rebuilding);
  EXPECT_EQ(status_of_a().last_runs.size(), 1U) << "what was run stays known";
  ASSERT_EQ(run_one().error, "");
  EXPECT_FALSE(status_of_a().rebuilding);
  EXPECT_EQ(status_of_a().freshness, Freshness::Fresh);
}

TEST_F(StatusTest, AFailedRunLeavesTheOldFreshnessAndSaysWhy) {
  apply({"a"}, {.kind = Cadence::Kind::Every, .every = std::chrono::hours(1), .cron = ""});
  ASSERT_EQ(run_one().error, "");
  const auto before = status_of_a();
  clock.advance(std::chrono::hours(2));
  offline.errors["a"] = "data.parquet is not there";
  EXPECT_THAT(run_one().error, HasSubstr("is not there"));
  const auto after = status_of_a();
  EXPECT_EQ(after.freshness, Freshness::Late);
  EXPECT_EQ(after.last_end, before.last_end);
  EXPECT_EQ(after.watermark, before.watermark);
  EXPECT_EQ(after.rows, 1U);
  ASSERT_EQ(after.last_runs.size(), 2U);
  EXPECT_THAT(after.last_runs[0].error, HasSubstr("is not there")) << "newest first";
  EXPECT_EQ(after.last_runs[1].error, "");
}

TEST_F(StatusTest, AViewThatOnlyEverFailedIsNotThere) {
  apply({"a"}, {.kind = Cadence::Kind::Every, .every = std::chrono::hours(1), .cron = ""});
  offline.errors["a"] = "data.parquet is not there";
  EXPECT_NE(run_one().error, "");
  EXPECT_EQ(status_of_a().freshness, Freshness::Never);
  EXPECT_EQ(status_of_a().last_end, std::nullopt);
}

}  // namespace
}  // namespace provender::materialize
