#include <thread>

#include <gtest/gtest.h>

#include "base/poll_loop.hpp"

namespace provender {
namespace {

EventLoop::Time late() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(60);
}

TEST(PollLoopRace, DoesWhatOtherThreadsPost) {
  const auto loop = *PollLoop::open();
  constexpr int kPosts = 500;
  int done = 0;  // touched by the loop's thread only
  const auto post_all = [&] {
    for (int i = 0; i < kPosts; ++i) {
      loop->post([&] { ++done; });
    }
  };
  const std::jthread one(post_all);
  const std::jthread other(post_all);
  while (done < 2 * kPosts) {
    loop->turn(late());
  }
}

TEST(PollLoopRace, WhatIsPostedMayPostMore) {
  const auto loop = *PollLoop::open();
  int left = 100;
  std::function<void()> step = [&] {
    if (--left > 0) loop->post(step);
  };
  const std::jthread other([&] { loop->post(step); });
  while (left > 0) {
    loop->turn(late());
  }
}

}  // namespace
}  // namespace provender
