#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offline/duckdb/row_progress.hpp"

namespace provender::offline {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

struct Told final : Progress {
  void update(std::string_view phase, std::uint64_t done, std::uint64_t total) override {
    lines.push_back(std::string(phase) + " " + std::to_string(done) + "/" + std::to_string(total));
  }
  std::vector<std::string> lines;
};

TEST(RowProgress, TellsEachPhaseAtOnceAndRowsSomeTimesASecond) {
  Told told;
  std::chrono::steady_clock::time_point now{1s};
  RowProgress progress(&told, 100ms, [&] { return now; });
  progress.begin("reads", 100);
  progress.add(10);
  now += 99ms;
  progress.add(10);
  now += 1ms;
  progress.add(10);
  progress.need_not(40);
  now += 100ms;
  progress.add(5);
  progress.begin("writes");
  progress.add(7);
  progress.begin("ends");
  EXPECT_THAT(
      told.lines,
      ElementsAre(
          "reads 0/100", "reads 30/100", "reads 35/60", "writes 0/0", "writes 7/0", "ends 0/0"));
}

TEST(RowProgress, CountsTheRowsOfAllThreads) {
  Told told;
  std::atomic<int> calls = 0;
  RowProgress progress(
      &told, 100ms, [&] { return std::chrono::steady_clock::time_point{} + ++calls * 1s; });
  progress.begin("reads", 4000);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 999; ++n) {
          progress.add(1);
        }
      });
    }
  }
  progress.add(4);
  EXPECT_EQ(told.lines.back(), "reads 4000/4000");
}

TEST(RowProgress, NobodyNeedsToListen) {
  RowProgress progress(nullptr, 100ms);
  progress.begin("reads", 1);
  progress.add(1);
}

}  // namespace
}  // namespace provender::offline
