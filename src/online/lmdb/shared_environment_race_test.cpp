#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "online/lmdb/test_store.hpp"

namespace provender::online::lmdb {
namespace {

class SharedStore : public StoreFolder {};

TEST_F(SharedStore, IsOpenedAndClosedByManyThreadsAtOnce) {
  options_.sync_interval = std::chrono::milliseconds(1);
  make_store(10);
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this, thread] {
      for (int time = 0; time < 20; ++time) {
        const auto store = open();
        ASSERT_TRUE(store);
        EXPECT_TRUE(write_numbers(*store, 10, 2 + thread * 20 + time, "x"));
        EXPECT_NE(read_number(*store, 9), "");
      }
    });
  }
  threads.clear();
  EXPECT_EQ(read_number(*open(), 0), row_of(81, "x"));
}

TEST_F(SharedStore, IsRefusedToOthersWhileItIsClosed) {
  make_store(1);
  LmdbOptions others = options_;
  others.project = "another";
  std::atomic<bool> is_over = false;
  const std::jthread stranger([&] {
    while (!is_over) {
      EXPECT_THAT(failure(others), testing::StartsWith("failed_precondition"));
    }
  });
  for (int time = 0; time < 300; ++time) {
    ASSERT_TRUE(open());
  }
  is_over = true;
}

}  // namespace
}  // namespace provender::online::lmdb
