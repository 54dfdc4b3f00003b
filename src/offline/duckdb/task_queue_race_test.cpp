#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "offline/duckdb/task_queue.hpp"
#include "pit/answers.hpp"
#include "pit/testing_case.hpp"
#include "pit/values.hpp"

namespace provender::offline {
namespace {

/// What a thread of the tests works with: only it touches it.
struct Tool {
  std::size_t tasks = 0;
};

class TaskQueueRace : public ::testing::Test {
 protected:
  std::size_t tasks() const {
    std::size_t out = 0;
    for (const Tool& tool : tools_) {
      out += tool.tasks;
    }
    return out;
  }

  WorkerThreads threads_{3};
  std::vector<Tool> tools_{3};
  BasicTaskQueue<Tool> queue_;
  std::stop_source stop_;
};

TEST_F(TaskQueueRace, TasksMayAddTasks) {
  std::function<Result<>(Tool&, int)> branch = [&](Tool& tool, int depth) -> Result<> {
    ++tool.tasks;
    if (depth == 0) return {};
    queue_.push_front([&branch, depth](Tool& next) { return branch(next, depth - 1); });
    queue_.push_back([&branch, depth](Tool& next) { return branch(next, depth - 1); });
    return {};
  };
  queue_.push_back([&](Tool& tool) { return branch(tool, 9); });
  ASSERT_TRUE(queue_.run(threads_, tools_, stop_));
  EXPECT_EQ(tasks(), 1023U);
  EXPECT_FALSE(stop_.stop_requested());
}

TEST_F(TaskQueueRace, AnErrorStopsTheOthersAndLeavesNothing) {
  for (std::size_t i = 0; i < 1000; ++i) {
    queue_.push_back([&, i](Tool& tool) -> Result<> {
      ++tool.tasks;
      if (i == 100) return Error(ErrorCode::Io, "the disk is gone");
      while (i > 100 && !stop_.stop_requested()) {
      }
      return {};
    });
  }
  const auto done = queue_.run(threads_, tools_, stop_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message(), "the disk is gone");
  EXPECT_TRUE(stop_.stop_requested());
  const std::size_t before = tasks();
  EXPECT_TRUE(queue_.run(threads_, tools_, stop_));
  EXPECT_EQ(tasks(), before) << "what waited is gone";
}

TEST_F(TaskQueueRace, RunningOutOfMemoryIsAnError) {
  queue_.push_back([](Tool& /*tool*/) -> Result<> { throw std::bad_alloc(); });
  EXPECT_EQ(queue_.run(threads_, tools_, stop_).error().code(), ErrorCode::ResourceExhausted);
}

TEST_F(TaskQueueRace, WhateverATaskThrowsIsAnError) {
  for (int i = 0; i < 20; ++i) {
    queue_.push_back([](Tool& /*tool*/) -> Result<> { throw std::length_error("too long"); });
  }
  const auto done = queue_.run(threads_, tools_, stop_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message(), "too long");
}

TEST_F(TaskQueueRace, ATaskSharesItsWorkWithWhoHasNone) {
  constexpr std::size_t kParts = 200;
  std::vector<std::atomic<int>> done(kParts);
  for (int sharer = 0; sharer < 4; ++sharer) {
    queue_.push_back([&](Tool& tool) -> Result<> {
      queue_.share(kParts, [&](std::size_t part) { ++done[part]; });
      ++tool.tasks;
      return {};
    });
  }
  ASSERT_TRUE(queue_.run(threads_, tools_, stop_));
  EXPECT_EQ(tasks(), 4U);
  EXPECT_TRUE(std::ranges::all_of(done, [](const auto& times) { return times == 4; }));
}

TEST_F(TaskQueueRace, WhatAPartThrowsIsSaidOnceAllHaveEnded) {
  std::atomic<std::size_t> ended = 0;
  queue_.push_back([&](Tool& /*tool*/) -> Result<> {
    queue_.share(50, [&](std::size_t part) {
      ++ended;
      if (part % 10 == 3) throw std::bad_alloc();
    });
    return {};
  });
  EXPECT_EQ(queue_.run(threads_, tools_, stop_).error().code(), ErrorCode::ResourceExhausted);
  EXPECT_EQ(ended, 50U);
}

/// As GroupJoin has it: the scans of the first pass join their rows, the last one to end says who
/// won, and the scans of the second pass put the winners' values, while another group is joined.
class TwoPasses {
 public:
  TwoPasses(BasicTaskQueue<Tool>& queue, std::uint64_t seed)
      : queue_(queue),
        case_(pit::make_test_case(seed,
                                  pit::Order::LateRows,
                                  {.spine = 300, .source = 12'000, .entities = 5, .times = 500})),
        spine_(case_),
        join_(spine_.role, {}) {}

  void start() {
    for (std::size_t share = 0; share < kShares; ++share) {
      queue_.push_back([this, share](Tool& /*tool*/) -> Result<> {
        find_winners(share);
        if (--left_ == 0) hand_over();
        return {};
      });
    }
  }

  void check() const {
    for (std::size_t row = 0; row < case_.spine.size(); row += 7) {
      const pit::SourceRow best = case_.best(case_.spine[row], {}, /*has_created=*/true);
      const std::uint32_t place = answers_.places[row];
      ASSERT_EQ(place != pit::Answers::kNotFound, best.exists());
      if (!best.exists()) continue;
      std::int64_t value = 0;
      std::memcpy(&value, store_->cell(place), sizeof(value));
      ASSERT_EQ(value, best.row * 3);
    }
  }

 private:
  static constexpr std::size_t kShares = 6;

  std::size_t begin_of(std::size_t share) const { return case_.ts.size() * share / kShares; }

  void find_winners(std::size_t share) {
    pit::Replay& replay = join_.add_replay();
    for (std::size_t at = begin_of(share); at < begin_of(share + 1); at += 100) {
      replay.take(case_.batch(at, std::min(at + 100, begin_of(share + 1)), /*has_created=*/true));
    }
  }

  void hand_over() {
    const pit::Parallel parallel{
        .run = [this](std::size_t parts, const auto& work) { queue_.share(parts, work); },
        .least_rows = 20};
    answers_ = pit::judge(spine_.role, join_.finish(parallel), std::nullopt, {}, parallel);
    store_ = std::make_unique<pit::ValueStore>(Type{.kind = Kind::Int64}, answers_.winners.size());
    for (std::size_t share = 0; share < kShares; ++share) {
      queue_.push_back([this, share](Tool& /*tool*/) -> Result<> {
        put_values(share);
        return {};
      });
    }
  }

  void put_values(std::size_t share) {
    const std::size_t winners = answers_.winners.size();
    for (std::size_t at = winners * share / kShares; at < winners * (share + 1) / kShares; ++at) {
      const std::int64_t value = answers_.winners[at] * 3;
      store_->put(at,
                  {.type = {.kind = Kind::Int64}, .size = 1, .validity = nullptr, .data = &value});
    }
  }

  BasicTaskQueue<Tool>& queue_;
  pit::TestCase case_;
  pit::TestSpine spine_;
  pit::RoleJoin join_;
  std::atomic<std::size_t> left_ = kShares;
  pit::Answers answers_;
  std::unique_ptr<pit::ValueStore> store_;
};

TEST_F(TaskQueueRace, TheLastOfAFirstPassHandsOverToTheSecond) {
  TwoPasses first(queue_, 1);
  TwoPasses second(queue_, 2);
  first.start();
  second.start();
  ASSERT_TRUE(queue_.run(threads_, tools_, stop_));
  first.check();
  second.check();
}

}  // namespace
}  // namespace provender::offline
