// Many reads in flight on one event loop, whose commands share connections, while servers and the
// network fail: what is found is what its key must hold, and nothing waits for ever.

#include <atomic>
#include <deque>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "base/poll_loop.hpp"
#include "online/redis/testing/probe.hpp"
#include "online/redis/testing/proxy.hpp"
#include "online/redis/testing/redis_server.hpp"

namespace provender::online::redis::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kInFlight = 64;
constexpr int kKeysEach = 4;  ///< of each read, and of no other
constexpr int kLoadKeys = kInFlight * kKeysEach;

/// Reads on one loop, on a thread of its own, until it is dropped.
class LoopLoad {
 public:
  explicit LoopLoad(OnlineStore& store)
      : thread_([this, &store](const std::stop_token& stop) { run(store, stop); }) {}

  /// Waits until so many more reads than are in flight found all; failures may come before them.
  bool finds_all() { return grows(found_); }
  bool fails() { return grows(failed_); }
  int failed() const { return failed_; }

 private:
  struct Read {
    std::vector<std::string> keys;
    std::vector<Lookup> lookups;
    bool is_in_flight = false;
  };

  static bool grows(const std::atomic<int>& count) {
    const int before = count;
    return eventually([&] { return count > before + 2 * kInFlight; });
  }

  void run(OnlineStore& store, const std::stop_token& stop) {
    const auto loop = *PollLoop::open();
    const auto reader = store.reader_on(*loop);
    std::deque<Read> reads(kInFlight);
    for (int i = 0; i < kLoadKeys; ++i) {
      reads[static_cast<std::size_t>(i / kKeysEach)].keys.push_back(key_of(i));
    }
    while (!stop.stop_requested()) {
      for (Read& read : reads) {
        if (!read.is_in_flight) start(*reader, read);
      }
      loop->turn(steady_clock::now() + milliseconds(1));
    }
  }

  void start(RowReader& reader, Read& read) {
    std::uniform_int_distribution<std::size_t> some(1, kKeysEach);
    read.lookups.clear();
    for (std::size_t i = some(random_); i > 0; --i) {
      read.lookups.push_back({.entity_set = 1, .key = read.keys[i - 1], .store_ids = kStoreIds});
    }
    read.is_in_flight = true;
    reader.read(read.lookups, [this, &read](const Result<std::span<const std::string_view>>& rows) {
      read.is_in_flight = false;
      answered(read, rows);
    });
  }

  void answered(const Read& read, const Result<std::span<const std::string_view>>& rows) {
    if (!rows) {
      EXPECT_EQ(rows.error().code(), ErrorCode::Unavailable) << rows.error().message();
      ++failed_;
      return;
    }
    ASSERT_EQ(rows->size(), read.lookups.size() * std::size(kStoreIds));
    for (std::size_t i = 0; i < rows->size(); ++i) {
      const std::string key(read.lookups[i / std::size(kStoreIds)].key);
      ASSERT_TRUE(is_row_of((*rows)[i], key, kStoreIds[i % std::size(kStoreIds)]))
          << "a value of somebody else, or none: " << (*rows)[i];
    }
    ++found_;
  }

  std::minstd_rand random_{1};
  std::atomic<int> found_ = 0;
  std::atomic<int> failed_ = 0;
  std::jthread thread_;
};

/// Short, so that what waits in vain ends soon.
RedisSettings hasty(const std::string& url) {
  RedisSettings settings = settings_of(url);
  settings.timeout = milliseconds(500);
  settings.write_timeout = std::chrono::seconds(30);
  return settings;
}

/// Rows survive the process.
std::unique_ptr<RedisServer> start_durable() {
  auto started = RedisServer::start({"--appendonly", "yes", "--appendfsync", "no"});
  EXPECT_TRUE(started) << started.error().message();
  return started ? *std::move(started) : nullptr;
}

/// Kills a master whose replica has all that was written. After a failover the one before may still
/// call itself master for a moment.
void kill_a_master(RedisCluster& cluster) {
  EXPECT_TRUE(eventually([&] {
    for (std::size_t i = 0; i < cluster.size(); ++i) {
      RedisServer& server = cluster.server(i);
      const auto is_master = [&] { return server.cli({"ROLE"}).starts_with("master"); };
      if (!is_master() || server.cli({"WAIT", "1", "20000"}) != "1" || !is_master()) continue;
      server.kill_it();
      return true;
    }
    return false;
  }));
}

TEST(RedisLoopLoad, AServerThatIsKilledOrStoppedMixesNothingUp) {
  const auto server = start_durable();
  const auto store = open_store(hasty(server->url()));
  ASSERT_TRUE(write_all(*store, kLoadKeys, 1));
  LoopLoad load(*store);
  for (std::uint64_t time = 2; time < 4; ++time) {
    ASSERT_TRUE(load.finds_all());
    server->kill_it();
    ASSERT_TRUE(load.fails());
    ASSERT_TRUE(server->restart());
    ASSERT_TRUE(load.finds_all());
    ASSERT_TRUE(write_all(*store, kLoadKeys, time));
    server->pause();
    ASSERT_TRUE(load.fails());
    server->go_on();
    ASSERT_TRUE(load.finds_all());
  }
}

TEST(RedisLoopLoad, ANetworkThatSplitsCutsHoldsAndDelaysMixesNothingUp) {
  const auto server = start_durable();
  const auto direct = open_store(hasty(server->url()));
  ASSERT_TRUE(write_all(*direct, kLoadKeys, 7));
  auto proxy = Proxy::start(server->port());
  ASSERT_TRUE(proxy);
  RedisSettings settings = hasty("redis://127.0.0.1:" + std::to_string((*proxy)->port()));
  settings.pool = 4;
  const auto store = open_store(settings);
  LoopLoad load(*store);
  ASSERT_TRUE(load.finds_all());
  (*proxy)->split(61);
  ASSERT_TRUE(load.finds_all());
  (*proxy)->split(5'000);
  for (const std::size_t bytes : {300U, 7'777U}) {
    ASSERT_TRUE(cut_some(**proxy, bytes));
    ASSERT_TRUE(load.finds_all());
  }
  (*proxy)->hold(/*held=*/true);
  ASSERT_TRUE(load.fails());
  (*proxy)->hold(/*held=*/false);
  ASSERT_TRUE(load.finds_all());
  (*proxy)->delay(milliseconds(40));
  ASSERT_TRUE(load.finds_all());
  (*proxy)->delay(milliseconds(2'000));  // beyond the budget: replies come to calls that are over
  ASSERT_TRUE(load.fails());
  (*proxy)->delay(milliseconds(0));
  EXPECT_TRUE(load.finds_all());
  ASSERT_TRUE(write_all(*direct, kLoadKeys, 8));
  EXPECT_TRUE(load.finds_all());
}

TEST(RedisLoopLoad, AClusterWhoseSlotsMoveAndWhoseMastersFailMixesNothingUp) {
  const auto started = RedisCluster::start(1);
  ASSERT_TRUE(started) << started.error().message();
  RedisCluster& cluster = **started;
  const auto store = open_store(hasty(cluster.url()));
  ASSERT_TRUE(write_all(*store, kLoadKeys, 1));
  LoopLoad load(*store);
  ASSERT_TRUE(load.finds_all());
  {
    const std::jthread mover([&] {
      const auto moved = cluster.move_slots(0, 1, 200);
      EXPECT_TRUE(moved) << moved.error().message();
    });
    for (std::uint64_t time = 2; time < 12; ++time) {
      ASSERT_TRUE(write_all(*store, kLoadKeys, time));
    }
  }
  ASSERT_TRUE(load.finds_all());
  ASSERT_EQ(cluster.server(4).cli({"CLUSTER", "FAILOVER"}), "OK");
  ASSERT_TRUE(eventually([&] { return cluster.server(4).cli({"ROLE"}).starts_with("master"); }));
  ASSERT_TRUE(load.finds_all());
  kill_a_master(cluster);
  ASSERT_TRUE(load.fails());
  ASSERT_TRUE(load.finds_all());
  EXPECT_TRUE(write_all(*store, kLoadKeys, 12));
}

}  // namespace
}  // namespace provender::online::redis::testing
