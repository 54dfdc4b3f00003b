#include <chrono>
#include <semaphore>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "offline/duckdb/testing_historical.hpp"

namespace provender::offline {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// Tells another thread that a phase whose name begins so has begun.
struct Begun final : Progress {
  explicit Begun(std::string name) : phase(std::move(name)) {}
  void update(std::string_view told, std::uint64_t /*done*/, std::uint64_t /*total*/) override {
    if (told.starts_with(phase) && !std::exchange(is_told, true)) begun.release();
  }

  std::string phase;
  bool is_told = false;
  std::binary_semaphore begun{0};
};

TEST_F(HistoricalTest, AStopIsObeyedSoonAndLeavesNothing) {
  definitions_ = user_definitions();
  add_view(definitions_,
           "slow",
           select("SELECT (i % 7)::BIGINT AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, "
                  "max(hash(i, j))::HUGEINT % 100 AS f FROM range(3000000) a(i), range(3000000) "
                  "b(j) GROUP BY i"),
           "f");
  spine(kOneRow);
  const std::stop_source stop;
  Begun slow("reads SELECT");  // which would take hours
  const std::jthread later([&] {
    slow.begun.acquire();
    stop.request_stop();
  });
  const auto done = run({"slow:f"}, {.stop = stop.get_token(), .progress = &slow});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::Cancelled);
  EXPECT_THAT(project_.list("."), Not(Contains(HasSubstr("out.parquet"))));
}

TEST_F(HistoricalTest, AStopBeforeTheStartIsObeyed) {
  spine(kOneRow);
  const std::stop_source stop;
  stop.request_stop();
  const auto done = run({"v:f"}, {.stop = stop.get_token(), .progress = nullptr});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::Cancelled);
}

/// Requests a stop when a phase whose name begins so has come this far.
struct StopIn final : Progress {
  std::string phase;
  double share = 0;
  std::stop_source stop;
  bool came = false;

  void update(std::string_view told, std::uint64_t done, std::uint64_t total) override {
    const bool here =
        told.starts_with(phase) && static_cast<double>(done) >= share * static_cast<double>(total);
    if (!here) return;
    came = true;
    stop.request_stop();
  }
};

/// Sources of each kind, a spine of each kind, a result of each kind.
class StopTest : public HistoricalTest {
 protected:
  StopTest() {
    spine(kOneRow);
    add_text_files();
    remember_files();
  }

  void expect_stopped(const std::string& phase,
                      std::vector<std::string> features,
                      double share = 0) {
    SCOPED_TRACE(phase + " " + options_.out.string());
    StopIn during;
    during.phase = phase;
    during.share = share;
    const auto done =
        run(std::move(features), {.stop = during.stop.get_token(), .progress = &during});
    EXPECT_TRUE(during.came);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), ErrorCode::Cancelled) << done.error().message();
    EXPECT_THAT(std::string(done.error().message()), HasSubstr("stopped"));
    EXPECT_EQ(files(), before_);
    EXPECT_THAT(project_.list(".provender/tmp"), ElementsAre());
  }
};

TEST_F(StopTest, WhileSourcesAreStaged) {
  expect_stopped("reads data/c.csv", {"text:g"});
  expect_stopped("reads SELECT", {"sql:h"});
}

TEST_F(StopTest, WhileTheSpineIsReadOrMade) {
  expect_stopped("reads the spine", {"v:f"});
  options_.spine = project_.path("spine.csv");
  expect_stopped("reads the spine", {"v:f"});
  options_.spine.clear();
  options_.at = Timestamp(std::chrono::sys_days(std::chrono::May / 9 / 2026));
  expect_stopped("finds the rows", {"v:f"});
  expect_stopped("finds the rows", {"text:g"});
}

TEST_F(StopTest, WhileRowsAreJoinedAndWritten) {
  for (const char* out : {"out.parquet", "out.csv", "out.arrow"}) {
    options_.out = project_.path(out);
    for (const char* feature : {"v:f", "text:g", "sql:h"}) {
      expect_stopped("joins", {feature});
      expect_stopped("writes", {feature});
    }
  }
}

TEST_F(StopTest, InEachOfSeveralPasses) {
  const auto write_spine = [&](const std::string& label) {
    project_.write("spine.parquet",
                   "SELECT 1::BIGINT AS user_id, TIMESTAMP '2026-05-04' AS event_timestamp, " +
                       label + " AS label FROM range(100) t(i)");
  };
  write_spine("i");
  auto opened = project_.options();
  opened.join_engine = JoinEngine::KernelPasses;
  store_ = std::make_unique<DuckdbStore>(opened);
  for (const char* out : {"out.parquet", "out.csv", "out.arrow"}) {
    options_.out = project_.path(out);
    for (int pass = 1; pass <= 3; ++pass) {
      expect_stopped(fmt::format("joins v, pass {} of 3", pass), {"v:f"});
    }
    expect_stopped("writes", {"v:f"});
  }
  for (const char* out : {"out.parquet", "out.csv"}) {
    options_.out = project_.path(out);
    write_spine("i::UINTEGER");  // which is written by DuckDB
    expect_stopped("puts the passes together", {"v:f"});
  }
}

TEST_F(StopTest, WhileFeaturesOfWinnersAreRead) {
  // Each row wins, and its texts take longer to read than keys and times.
  project_.write(
      "data/f.parquet",
      "SELECT i AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, repeat('a text ', "
      "40) || hash(i) AS t FROM range(200000) r(i)");
  definitions_ = user_definitions();
  add_view(definitions_, "v", parquet("data/f.parquet"), "t", {.kind = Kind::String});
  project_.write("spine.parquet",
                 "SELECT i AS user_id, TIMESTAMP '2026-05-02' AS event_timestamp FROM "
                 "range(200000) r(i)");
  expect_stopped("joins v", {"v:t"}, 0.6);
}

}  // namespace
}  // namespace provender::offline
