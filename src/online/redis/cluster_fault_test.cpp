#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "online/redis/testing/probe.hpp"
#include "online/redis/testing/redis_server.hpp"

namespace provender::online::redis::testing {
namespace {

constexpr int kKeys = 200;

/// Each step reads all keys and writes them anew; counts what failed.
struct Steps {
  int failed_reads = 0;
  int failed_writes = 0;
  std::string last;
  std::uint64_t sequence = 1;

  bool step(OnlineStore& store) {
    const auto found = read_some(store, 0, kKeys);
    if (!found) {
      ++failed_reads;
      last = found.error().message();
      EXPECT_EQ(found.error().code(), ErrorCode::Unavailable) << last;
    } else {
      EXPECT_EQ(*found, kKeys * std::size(kStoreIds));
    }
    const auto written = write_all(store, kKeys, ++sequence);
    if (!written) {
      ++failed_writes;
      last = written.error().message();
    } else {
      EXPECT_TRUE(written->kept.empty());
    }
    return found && written;
  }
};

RedisSettings patient(const std::string& url) {
  RedisSettings settings = settings_of(url);
  settings.timeout = std::chrono::seconds(20);  // sanitized, on a busy machine
  settings.write_timeout = std::chrono::seconds(20);
  return settings;
}

TEST(RedisClusterFaults, SlotsThatMoveDuringReadsAndWritesLoseNothing) {
  const auto started = RedisCluster::start();
  ASSERT_TRUE(started) << started.error().message();
  RedisCluster& cluster = **started;
  const auto store = open_store(patient(cluster.url()));
  ASSERT_TRUE(write_all(*store, kKeys, 1));
  std::atomic<bool> done = false;
  std::jthread mover([&] {
    for (const std::size_t from : {0U, 1U}) {
      const auto moved = cluster.move_slots(from, from + 1, 300);
      EXPECT_TRUE(moved) << moved.error().message();
    }
    done = true;
  });
  Steps steps;
  while (!done) {
    EXPECT_TRUE(steps.step(*store)) << steps.last;
  }
  mover.join();
  EXPECT_TRUE(steps.step(*store)) << steps.last;
  EXPECT_EQ(store->stats().value().rows, kKeys * std::size(kStoreIds));
}

TEST(RedisClusterFaults, AReplicaTakesOverFromAMasterThatIsKilled) {
  const auto started = RedisCluster::start(1);
  ASSERT_TRUE(started) << started.error().message();
  RedisCluster& cluster = **started;
  const RedisSettings settings = settings_of(cluster.url());
  const auto store = open_store(settings);
  ASSERT_TRUE(write_all(*store, kKeys, 1));
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_EQ(cluster.server(i).cli({"WAIT", "1", "20000"}), "1");
  }
  cluster.server(0).kill_it();
  Steps steps;
  EXPECT_TRUE(eventually([&] { return steps.step(*store); })) << steps.last;
  EXPECT_GT(steps.failed_reads, 0) << "the slots of the killed master had no one for a moment";
}

TEST(RedisClusterFaults, AMasterThatHandsOverIsFollowed) {
  const auto started = RedisCluster::start(1);
  ASSERT_TRUE(started) << started.error().message();
  RedisCluster& cluster = **started;
  const auto store = open_store(patient(cluster.url()));
  ASSERT_TRUE(write_all(*store, kKeys, 1));
  Steps steps;
  for (std::size_t i = 3; i < 6; ++i) {
    const std::string did = cluster.server(i).cli({"CLUSTER", "FAILOVER"});
    ASSERT_EQ(did, "OK");
    for (int time = 0; time < 5; ++time) {
      EXPECT_TRUE(steps.step(*store)) << steps.last;
    }
  }
}

TEST(RedisClusterFaults, OneServerOfTheUrlIsEnough) {
  const auto started = RedisCluster::start();
  ASSERT_TRUE(started) << started.error().message();
  RedisCluster& cluster = **started;
  const auto store = open_store(
      patient("redis+cluster://127.0.0.1:1,localhost:" + std::to_string(cluster.server(1).port())));
  ASSERT_TRUE(write_all(*store, kKeys, 1));
  EXPECT_EQ(read_some(*store, 0, kKeys).value_or(0), kKeys * std::size(kStoreIds));
}

}  // namespace
}  // namespace provender::online::redis::testing
