#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "offline/duckdb/row_streams.hpp"

namespace provender::offline {
namespace {

/// Takes rows of one thread at a time.
struct Stream {
  int number = 0;
  std::int64_t next = 0;
  std::size_t back = 0;  ///< rows that came after greater ones
  bool busy = false;
};

class RowStreamsRace : public ::testing::Test {
 protected:
  /// The number of the stream that took them.
  int take(std::int64_t first, std::int64_t end) {
    return streams_.with(first, end, [&](Stream& stream) {
      EXPECT_FALSE(std::exchange(stream.busy, true));
      if (first < stream.next) ++stream.back;
      stream.next = end;
      stream.busy = false;
      back_ += stream.back;
      return stream.number;
    });
  }

  std::atomic<int> made_ = 0;
  std::atomic<std::size_t> back_ = 0;
  RowStreams<Stream> streams_{[this] {
    auto out = std::make_unique<Stream>();
    out->number = made_++;
    return out;
  }};
};

TEST_F(RowStreamsRace, RowsThatFollowEachOtherGoToOneStream) {
  EXPECT_EQ(take(0, 10), 0);
  EXPECT_EQ(take(10, 20), 0);
  streams_.with(100, 110, [&](Stream& first) {
    EXPECT_EQ(first.number, 0);
    EXPECT_EQ(take(200, 210), 1) << "the first is at work";
    return 0;
  });
  EXPECT_EQ(take(110, 120), 0);
  EXPECT_EQ(take(210, 220), 1);
  EXPECT_EQ(take(300, 310), 1) << "the nearer one";
  EXPECT_EQ(take(120, 130), 0);
  EXPECT_EQ(take(50, 60), 2) << "none that would go back";
}

TEST_F(RowStreamsRace, ThreadsThatScanRowGroupsInTurnHaveOneEach) {
  constexpr int kThreads = 4;
  std::atomic<std::int64_t> next_group = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (std::int64_t group = next_group++; group < 1000; group = next_group++) {
          for (std::int64_t batch = 0; batch < 10; ++batch) {
            take(group * 100 + batch * 10, group * 100 + batch * 10 + 10);
          }
        }
      });
    }
  }
  EXPECT_GE(made_, 1);
  EXPECT_EQ(back_, 0U);
}

}  // namespace
}  // namespace provender::offline
