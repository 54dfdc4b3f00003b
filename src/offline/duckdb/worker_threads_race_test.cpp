#include <algorithm>
#include <atomic>
#include <new>
#include <vector>

#include <gtest/gtest.h>

#include "offline/duckdb/worker_threads.hpp"

namespace provender::offline {
namespace {

TEST(WorkerThreadsRace, EachPartIsDoneOnceWhoeverDoesIt) {
  for (const std::size_t count : {1U, 2U, 5U}) {
    WorkerThreads threads(count);
    EXPECT_EQ(threads.count(), count);
    for (std::size_t parts = 0; parts < 200; ++parts) {
      std::vector<std::atomic<int>> done(parts);
      threads.run(parts, [&](std::size_t part) { ++done[part]; });
      ASSERT_TRUE(std::ranges::all_of(done, [](const auto& times) { return times == 1; }));
    }
  }
}

TEST(WorkerThreadsRace, PartsRunAtTheSameTime) {
  WorkerThreads threads(3);
  std::atomic<int> begun = 0;
  threads.run(3, [&](std::size_t) {
    ++begun;
    while (begun < 3) {
    }
  });
  EXPECT_EQ(begun, 3);
}

TEST(WorkerThreadsRace, WhatAPartThrowsIsThrownOnceAllHaveEnded) {
  WorkerThreads threads(3);
  std::atomic<int> ended = 0;
  const auto run = [&] {
    threads.run(30, [&](std::size_t part) {
      ++ended;
      if (part == 3) throw std::bad_alloc();
    });
  };
  EXPECT_THROW(run(), std::bad_alloc);
  EXPECT_EQ(ended, 30);
  threads.run(4, [&](std::size_t) { ++ended; });
  EXPECT_EQ(ended, 34) << "they go on";
}

TEST(WorkerThreadsRace, TheyEndWithoutWork) {
  for (int i = 0; i < 100; ++i) {
    const WorkerThreads threads(4);
  }
}

}  // namespace
}  // namespace provender::offline
