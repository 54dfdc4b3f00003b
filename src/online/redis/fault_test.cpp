// What calls get while the servers are away, slow, full or changing: an end within their budget, a
// clear error, and never a value of somebody else.

#include <atomic>
#include <filesystem>
#include <thread>

#include <sys/wait.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/poll_loop.hpp"
#include "online/redis/testing/probe.hpp"
#include "online/redis/testing/proxy.hpp"
#include "online/redis/testing/redis_server.hpp"

namespace provender::online::redis::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

std::string message(const Error& error) {
  return std::string(to_string(error.code())) + ": " + std::string(error.message());
}

template <class T>
std::string outcome(const Result<T>& result) {
  return result ? "fine" : message(result.error());
}

std::size_t open_files() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

class RedisFaults : public ::testing::Test {
 protected:
  void start(std::vector<std::string> arguments = {}) {
    auto started = RedisServer::start(std::move(arguments));
    ASSERT_TRUE(started) << started.error().message();
    server_ = *std::move(started);
  }
  std::unique_ptr<RedisServer> server_;
};

/// Reads on two threads until it is told to stop; every failure must be Unavailable.
class Load {
 public:
  explicit Load(OnlineStore& store) {
    for (int i = 0; i < 2; ++i) {
      threads_.emplace_back([this, &store](const std::stop_token& stop) {
        for (int step = 0; !stop.stop_requested(); ++step) {
          const auto found = read_some(store, step % 50, 20);
          if (found) {
            found_ += *found == 20 * std::size(kStoreIds) ? 1 : 0;
          } else {
            EXPECT_EQ(found.error().code(), ErrorCode::Unavailable) << found.error().message();
            ++failed_;
          }
        }
      });
    }
  }
  /// Waits for reads that begin from now on and find all.
  bool finds_all() {
    const auto before = found_.load();
    return eventually([&] { return found_ > before + 4; });
  }
  bool fails() {
    const auto before = failed_.load();
    return eventually([&] { return failed_ > before + 4; });
  }
  int failed() const { return failed_; }

 private:
  std::atomic<int> found_ = 0;
  std::atomic<int> failed_ = 0;
  std::vector<std::jthread> threads_;
};

TEST_F(RedisFaults, AServerThatIsKilledUnderLoadIsUsedAgainWhenItIsBack) {
  start();
  const auto store = open_store(settings_of(server_->url()));
  ASSERT_TRUE(write_all(*store, 100, 1));
  Load load(*store);
  for (int time = 0; time < 3; ++time) {
    ASSERT_TRUE(load.finds_all());
    server_->kill_it();
    ASSERT_TRUE(load.fails());
    ASSERT_TRUE(server_->restart());
    ASSERT_EQ(outcome(write_all(*store, 100, 2)), "fine") << "a write waits for the server";
  }
  EXPECT_TRUE(load.finds_all());
}

TEST_F(RedisFaults, ReadsOfAServerThatIsAwayFailAtOnceAndLeakNothing) {
  start();
  const auto store = open_store(settings_of(server_->url()));
  ASSERT_TRUE(write_all(*store, 10, 1));
  ASSERT_EQ(outcome(read_some(*store, 0, 10)), "fine");
  server_->kill_it();
  EXPECT_THAT(outcome(read_some(*store, 0, 10)), HasSubstr("unavailable: redis 127.0.0.1:"));
  const std::size_t files = open_files();
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_FALSE(read_some(*store, 0, 2));
  }
  EXPECT_LE(open_files(), files + 1);
  ASSERT_TRUE(server_->restart());
  const auto back = steady_clock::now();
  EXPECT_TRUE(eventually([&] { return read_some(*store, 0, 10).has_value(); }));
  EXPECT_LT(steady_clock::now() - back, std::chrono::seconds(10));  // on a busy machine, sanitized
}

TEST_F(RedisFaults, AWriteToAServerThatStaysAwayEndsWithItsBudget) {
  start();
  RedisSettings settings = settings_of(server_->url());
  settings.write_timeout = milliseconds(300);
  settings.connect_timeout = milliseconds(100);
  const auto store = open_store(settings);
  server_->kill_it();
  EXPECT_THAT(outcome(write_all(*store, 10, 1)),
              ::testing::AllOf(HasSubstr("Connection refused"), HasSubstr("given up after")));
}

TEST_F(RedisFaults, AStoppedServerEndsReadsByTheirBudgetAndTheLoopGoesOnMeanwhile) {
  start();
  RedisSettings settings = settings_of(server_->url());
  settings.timeout = milliseconds(200);
  const auto store = open_store(settings);
  ASSERT_TRUE(write_all(*store, 10, 1));
  const auto loop = *PollLoop::open();
  const auto reader = store->reader_on(*loop);
  const std::string key = key_of(1);
  const Lookup lookup{.entity_set = 1, .key = key, .store_ids = kStoreIds};
  const auto ask = [&] {
    std::optional<std::string> answer;
    int turns = 0;
    const auto tick = loop->timer([&] { ++turns; });
    reader->read(std::span(&lookup, 1), [&](const Result<std::span<const std::string_view>>& rows) {
      answer = outcome(rows);
    });
    while (!answer) {
      tick->set(steady_clock::now() + milliseconds(1));
      loop->turn(steady_clock::now() + std::chrono::seconds(60));
    }
    return std::pair(*answer, turns);
  };
  EXPECT_EQ(ask().first, "fine");
  for (int time = 0; time < 3; ++time) {
    server_->pause();
    for (int i = 0; i < 3; ++i) {
      const auto [answer, turns] = ask();
      EXPECT_THAT(answer, HasSubstr("unavailable: redis 127.0.0.1:"));
      EXPECT_TRUE(i > 0 || turns > 10) << "others had no turn: " << turns;
    }
    server_->go_on();
    EXPECT_TRUE(eventually([&] { return ask().first == "fine"; }));
  }
}

TEST_F(RedisFaults, ANetworkThatSplitsHoldsAndCutsMixesNothingUp) {
  start();
  const auto direct = open_store(settings_of(server_->url()));
  ASSERT_TRUE(write_all(*direct, 100, 7));
  auto proxy = Proxy::start(server_->port());
  ASSERT_TRUE(proxy);
  RedisSettings settings = settings_of("redis://127.0.0.1:" + std::to_string((*proxy)->port()));
  settings.timeout = milliseconds(500);
  const auto store = open_store(settings);
  (*proxy)->split(3);
  EXPECT_EQ(outcome(write_all(*store, 3, 8)), "fine");
  ASSERT_TRUE(eventually([&] { return read_some(*store, 0, 5).value_or(0) == 10; }));
  (*proxy)->split(1'000);
  Load load(*store);
  ASSERT_TRUE(load.finds_all());
  for (const std::size_t bytes : {100U, 1'777U, 4'999U}) {
    ASSERT_TRUE(cut_some(**proxy, bytes));
    ASSERT_TRUE(load.finds_all());
  }
  (*proxy)->hold(/*held=*/true);
  ASSERT_TRUE(load.fails());
  (*proxy)->hold(/*held=*/false);
  EXPECT_TRUE(load.finds_all());
}

TEST_F(RedisFaults, AFullServerSaysSoAndGoesOnReading) {
  start({"--maxmemory", "3mb", "--maxmemory-policy", "noeviction"});
  const auto store = open_store(settings_of(server_->url()));
  ASSERT_TRUE(write_all(*store, 10, 1));
  std::string last;
  for (int i = 1; i < 100 && last.empty(); ++i) {
    const std::string key = key_of(1'000 + i);
    const std::string row = row_of(key, 7, 1) + std::string(200'000, 'x');
    const WriteRow one{.entity_set = 1, .key = key, .store_id = 7, .row = row};
    const auto written = store->write(std::span(&one, 1));
    if (!written) last = message(written.error());
  }
  EXPECT_THAT(last, ::testing::StartsWith("resource_exhausted: redis 127.0.0.1:"));
  EXPECT_THAT(last, HasSubstr("maxmemory"));
  EXPECT_EQ(read_some(*store, 0, 10).value_or(0), 20U);
}

TEST_F(RedisFaults, AReadOnlyReplicaReadsAndRefusesWrites) {
  start();
  const auto store = open_store(settings_of(server_->url()));
  ASSERT_TRUE(write_all(*store, 10, 1));
  const auto master = RedisServer::start();
  ASSERT_TRUE(master);
  server_->cli({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_THAT(outcome(write_all(*store, 10, 2)),
              ::testing::AllOf(HasSubstr("unavailable"), HasSubstr("read-only replica")));
  EXPECT_EQ(read_some(*store, 0, 10).value_or(0), 20U);
  server_->cli({"REPLICAOF", "NO", "ONE"});
  EXPECT_EQ(outcome(write_all(*store, 10, 3)), "fine");
}

TEST_F(RedisFaults, AScriptThatWasFlushedIsLoadedAgain) {
  start();
  const auto store = open_store(settings_of(server_->url()));
  for (std::uint64_t time = 1; time < 4; ++time) {
    server_->cli({"SCRIPT", "FLUSH"});
    ASSERT_EQ(outcome(write_all(*store, 1'500, time)), "fine");
  }
  const auto late = write_all(*store, 1'500, 2);
  ASSERT_TRUE(late);
  EXPECT_EQ(late->kept.size(), 3'000U);
}

TEST_F(RedisFaults, WrongPasswordsAreNamedAndNotShown) {
  start({"--requirepass", "opensesame", "--user", "ada", "on", ">lovelace", "~*", "+@all"});
  const std::string host = "@127.0.0.1:" + std::to_string(server_->port());
  for (const std::string login :
       {"redis://:hunter2", "redis://ada:hunter2", "redis://bob:hunter2"}) {
    const auto store = open_store(settings_of(login + host));
    const std::string read = outcome(read_some(*store, 0, 1));
    EXPECT_THAT(read, HasSubstr("unavailable: redis 127.0.0.1:"));
    EXPECT_THAT(read, HasSubstr("check the user and the password"));
    EXPECT_THAT(read, ::testing::Not(HasSubstr("hunter2")));
  }
  const auto none = open_store(settings_of(server_->url()));
  EXPECT_THAT(outcome(read_some(*none, 0, 1)), HasSubstr("it wants a password"));
  for (const std::string login : {"redis://:opensesame", "redis://ada:lovelace"}) {
    const auto store = open_store(settings_of(login + host));
    EXPECT_EQ(outcome(write_all(*store, 5, 1)), "fine");
    EXPECT_EQ(read_some(*store, 0, 5).value_or(0), 10U);
  }
}

TEST_F(RedisFaults, RowsOfAnotherRegistryAreRefused) {
  start();
  const auto ours = open_store(settings_of(server_->url()), "ours");
  ASSERT_TRUE(write_all(*ours, 5, 1));
  const auto theirs = open_store(settings_of(server_->url()), "theirs");
  EXPECT_THAT(outcome(read_some(*theirs, 0, 5)),
              ::testing::AllOf(HasSubstr("unavailable"), HasSubstr("of registry ours")))
      << "whoever reads has done nothing wrong";
  EXPECT_THAT(outcome(write_all(*theirs, 5, 2)), HasSubstr("of registry ours, and not theirs"));
  RedisSettings apart = settings_of(server_->url());
  apart.key_prefix = "staging[*]:";
  const auto staging = open_store(apart, "theirs");
  EXPECT_EQ(outcome(write_all(*staging, 3, 2)), "fine");
  EXPECT_EQ(staging->stats().value().rows, 6U);
  EXPECT_EQ(ours->stats().value().rows, 10U);
}

TEST_F(RedisFaults, AKeyOfAnotherProgramIsUnreadableAndTheOthersAreRead) {
  start();
  const auto store = open_store(settings_of(server_->url()));
  ASSERT_TRUE(write_all(*store, 2, 1));
  const std::string good = key_of(1);
  const std::string bad = "text";
  server_->cli({"SET", "test:1:text", "x"});
  const std::vector<Lookup> lookups = {{.entity_set = 1, .key = bad, .store_ids = kStoreIds},
                                       {.entity_set = 1, .key = good, .store_ids = kStoreIds}};
  store->read(lookups, [&](const Result<std::span<const std::string_view>>& rows) {
    ASSERT_EQ(outcome(rows), "fine");
    ASSERT_EQ(rows->size(), 4U);
    for (const std::size_t i : {0U, 1U}) {
      EXPECT_FALSE((*rows)[i].empty());
      EXPECT_FALSE(codec::read_header(bad, (*rows)[i])) << "its values are INVALID";
    }
    EXPECT_TRUE(is_row_of((*rows)[2], good, 7));
    EXPECT_TRUE(is_row_of((*rows)[3], good, 8));
  });
  const std::string row = row_of(bad, 7, 1);
  const WriteRow one{.entity_set = 1, .key = bad, .store_id = 7, .row = row};
  const std::string written = outcome(store->write(std::span(&one, 1)));
  EXPECT_THAT(written, HasSubstr("failed_precondition"));
  EXPECT_THAT(written, HasSubstr("WRONGTYPE"));
}

TEST_F(RedisFaults, AUnixSocketAndADatabaseWork) {
  start();
  const auto store = open_store(settings_of("unix://" + server_->socket() + "?db=3"));
  ASSERT_EQ(outcome(write_all(*store, 5, 1)), "fine");
  EXPECT_EQ(read_some(*store, 0, 5).value_or(0), 10U);
  EXPECT_EQ(server_->cli({"-n", "3", "DBSIZE"}), "6");
  EXPECT_EQ(server_->cli({"DBSIZE"}), "0");
  const auto nowhere = open_store(settings_of("unix:///nowhere/redis.sock"));
  EXPECT_THAT(outcome(read_some(*nowhere, 0, 1)),
              HasSubstr("redis /nowhere/redis.sock: No such file"));
  const auto beyond = open_store(settings_of(server_->url() + "/16"));
  EXPECT_THAT(outcome(read_some(*beyond, 0, 1)), HasSubstr("fewer databases"));
}

TEST_F(RedisFaults, ANameIsResolvedAndOneWithoutAnAddressIsSaid) {
  start();
  const auto store =
      open_store(settings_of("redis://localhost:" + std::to_string(server_->port())));
  EXPECT_EQ(outcome(write_all(*store, 5, 1)), "fine");
  RedisSettings settings = settings_of("redis://no.such.host.invalid");
  settings.connect_timeout = std::chrono::seconds(30);
  const auto nowhere = open_store(settings);
  EXPECT_THAT(outcome(read_some(*nowhere, 0, 1)), HasSubstr("no.such.host.invalid has no address"));
}

TEST_F(RedisFaults, AForkedChildConnectsAnewAndLeavesItsParentAlone) {
  start();
  const auto url = "redis://localhost:" + std::to_string(server_->port());  // a name is resolved
  auto store = open_store(settings_of(url));
  ASSERT_EQ(outcome(write_all(*store, 5, 1)), "fine");
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    const bool reads = read_some(*store, 0, 5).value_or(0) == 10;
    store.reset();  // waits for no thread of the parent's
    ::_exit(reads ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(read_some(*store, 0, 5).value_or(0), 10U);
}

TEST_F(RedisFaults, AServerThatIsNoClusterIsSaid) {
  start();
  const auto store =
      open_store(settings_of("redis+cluster://127.0.0.1:" + std::to_string(server_->port())));
  EXPECT_THAT(outcome(read_some(*store, 0, 1)), HasSubstr("it is no cluster"));
}

}  // namespace
}  // namespace provender::online::redis::testing
