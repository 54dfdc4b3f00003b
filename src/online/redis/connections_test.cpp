// How many connections there are, which one a call uses, and which address one is made to.

#include <array>
#include <deque>

#include <netinet/in.h>
#include <sys/socket.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/poll_loop.hpp"
#include "online/redis/connection.hpp"
#include "online/redis/testing/probe.hpp"
#include "online/redis/testing/proxy.hpp"
#include "online/redis/testing/redis_server.hpp"

namespace provender::online::redis::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

/// Reads of `count` keys each that are in flight on one loop.
class Reads {
 public:
  Reads(OnlineStore& store, int count)
      : loop_(*PollLoop::open()), reader_(store.reader_on(*loop_)) {
    for (int i = 0; i < count; ++i) {
      keys_.push_back(key_of(i));
    }
    for (const std::string& key : keys_) {
      lookups_.push_back({.entity_set = 1, .key = key, .store_ids = kStoreIds});
    }
  }

  void keep_in_flight(int reads) {
    for (; in_flight_ < reads; ++in_flight_) {
      reader_->read(lookups_, [this](const Result<std::span<const std::string_view>>& rows) {
        EXPECT_TRUE(rows) << rows.error().message();
        --in_flight_;
        ++answered_;
      });
    }
  }
  void turn() { loop_->turn(steady_clock::now() + milliseconds(100)); }
  void finish() {
    while (in_flight_ > 0) {
      turn();
    }
  }
  int answered() const { return answered_; }

 private:
  std::unique_ptr<PollLoop> loop_;
  std::deque<std::string> keys_;
  std::vector<Lookup> lookups_;
  std::unique_ptr<RowReader> reader_;
  int in_flight_ = 0;
  int answered_ = 0;
};

TEST(RedisConnections, AreAsManyAsThePoolAllowsAndABatchUsesOne) {
  const auto server = RedisServer::start();
  ASSERT_TRUE(server);
  const auto direct = open_store(settings_of((*server)->url()));
  ASSERT_TRUE(write_all(*direct, 100, 1));
  const auto proxy = Proxy::start((*server)->port());
  ASSERT_TRUE(proxy);
  RedisSettings settings = settings_of("redis://127.0.0.1:" + std::to_string((*proxy)->port()));
  settings.pool = 3;
  settings.timeout = std::chrono::seconds(30);
  settings.connect_timeout = std::chrono::seconds(30);
  const auto store = open_store(settings);
  Reads reads(*store, 100);
  (*proxy)->delay(milliseconds(10));
  ASSERT_TRUE(eventually([&] {
    reads.keep_in_flight(16);
    reads.turn();
    return (*proxy)->open_connections() == 3 && reads.answered() > 100;
  }));
  EXPECT_EQ((*proxy)->connections(), 3) << "there is always more to do than connections";
  reads.finish();
  for (int time = 0; time < 5; ++time) {
    (*proxy)->forget_asked();
    reads.keep_in_flight(1);
    reads.finish();
    EXPECT_EQ((*proxy)->asked(), 1) << "a batch is one write to one connection";
  }
}

SocketAddress loopback(std::string_view host, int port) {
  return *numeric_address({.host = std::string(host), .port = static_cast<std::uint16_t>(port)});
}

/// Knows the addresses of every name.
class FixedAddresses final : public Resolver {
 public:
  explicit FixedAddresses(Addresses addresses) : addresses_(std::move(addresses)) {}
  std::unique_ptr<Ticket> resolve(const RedisAddress& /*address*/,
                                  EventLoop& /*loop*/,
                                  Done done) override {
    done(addresses_);
    return nullptr;
  }

 private:
  Addresses addresses_;
};

/// Listens, but takes nobody in: whoever connects waits, until it is gone.
class Unwilling {
 public:
  explicit Unwilling(const SocketAddress& address) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto* name = reinterpret_cast<const sockaddr*>(&address.bytes);
    EXPECT_EQ(::bind(listener_, name, address.size), 0);
    EXPECT_EQ(::listen(listener_, 0), 0);
    for (int& one : waiting_) {
      one = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      static_cast<void>(::connect(one, name, address.size));
    }
  }
  ~Unwilling() {
    go();
    for (const int one : waiting_) {
      ::close(one);
    }
  }
  Unwilling(const Unwilling&) = delete;
  Unwilling& operator=(const Unwilling&) = delete;
  void go() {
    if (listener_ >= 0) ::close(std::exchange(listener_, -1));
  }

 private:
  int listener_ = -1;
  std::array<int, 4> waiting_{};
};

class Outcome final : public Connection::Owner {
 public:
  void on_connected(Connection& /*connection*/) override { said = "connected"; }
  void on_closed(Connection& /*connection*/, const Error& why) override { said = why.message(); }
  std::string said;
};

Access access_to(Resolver::Addresses addresses) {
  Access access{
      .settings = settings_of("redis://name.example"), .tls = nullptr, .resolver = nullptr};
  access.resolver = std::make_shared<FixedAddresses>(std::move(addresses));
  return access;
}

TEST(RedisConnections, AreMadeToTheNextAddressOfANameWhenOneRefusesLater) {
  const auto server = RedisServer::start();
  ASSERT_TRUE(server);
  const SocketAddress first = loopback("127.0.0.2", free_port());
  Unwilling unwilling(first);
  const auto loop = *PollLoop::open();
  const Access access = access_to({first, loopback("127.0.0.1", (*server)->port())});
  Outcome outcome;
  Connection connection(*loop, access, {.host = "name.example"}, outcome);
  connection.start();
  loop->turn(steady_clock::now() + milliseconds(50));
  ASSERT_EQ(outcome.said, "") << "the first address has said nothing yet";
  unwilling.go();
  ASSERT_TRUE(eventually([&] {
    loop->turn(steady_clock::now() + milliseconds(100));
    return !outcome.said.empty();
  }));
  EXPECT_EQ(outcome.said, "connected");
}

TEST(RedisConnections, FailWhenTheLastAddressOfANameDoes) {
  const auto loop = *PollLoop::open();
  const Access access =
      access_to({loopback("127.0.0.2", free_port()), loopback("127.0.0.1", free_port())});
  Outcome outcome;
  Connection connection(*loop, access, {.host = "name.example"}, outcome);
  connection.start();
  ASSERT_TRUE(eventually([&] {
    if (outcome.said.empty()) loop->turn(steady_clock::now() + milliseconds(100));
    return !outcome.said.empty();
  }));
  EXPECT_THAT(outcome.said, HasSubstr("redis name.example:6379: Connection refused"));
}

}  // namespace
}  // namespace provender::online::redis::testing
