#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "http/server.hpp"
#include "http/test_support.hpp"

namespace provender::http {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using test::Client;
using testing::HasSubstr;

/// Holds exchanges until it is told to send them.
struct HoldingHandler : Handler {
  explicit HoldingHandler(std::atomic<int>& held_count, std::atomic<bool>& release_flag)
      : held(held_count), release(release_flag) {}

  void handle(Exchange exchange) override {
    waiting.push_back(std::move(exchange));
    ++held;
  }
  void tick() override {
    if (!release) return;
    for (Exchange& exchange : std::exchange(waiting, {})) {
      test::echo(std::move(exchange));
    }
  }

  std::atomic<int>& held;
  std::atomic<bool>& release;
  std::vector<Exchange> waiting;
};

class Drain : public testing::Test {
 protected:
  std::unique_ptr<Server> serve(unsigned threads) {
    ServerOptions options = test::test_options();
    options.threads = threads;
    auto server = Server::open(
        options,
        [&](unsigned) { return std::make_unique<HoldingHandler>(held_, release_); },
        logger_);
    EXPECT_TRUE(server);
    return *std::move(server);
  }

  NullLogger logger_;
  std::atomic<int> held_ = 0;
  std::atomic<bool> release_ = false;
};

TEST_F(Drain, AnswersWhatIsInFlightAndClosesTheRest) {
  const auto server = serve(2);
  Client idle(server->port());
  Client busy(server->port());
  Client beginning(server->port());
  ASSERT_TRUE(busy.send("GET /busy HTTP/1.1\r\nHost: h\r\n\r\n"));
  ASSERT_TRUE(beginning.send("GET /late HTTP/1.1\r\n"));
  ASSERT_TRUE(test::eventually([&] { return held_ == 1 && server->connections() == 3; }));

  std::atomic<bool> finished = false;
  std::jthread drain([&] { finished = server->drain(hours(1)); });
  EXPECT_TRUE(idle.is_closed());
  EXPECT_FALSE(finished);
  ASSERT_TRUE(beginning.send("Host: h\r\n\r\n"));
  ASSERT_TRUE(test::eventually([&] { return held_ == 2; }));
  release_ = true;
  for (Client* client : {&busy, &beginning}) {
    const auto reply = client->receive();
    EXPECT_EQ(reply.status, 200);
    EXPECT_THAT(reply.head, HasSubstr("Connection: close\r\n"));
    EXPECT_TRUE(client->is_closed());
  }
  drain.join();
  EXPECT_TRUE(finished);
  EXPECT_ANY_THROW(Client(server->port()));
}

TEST_F(Drain, CutsWhatIsLeftAtTheDeadline) {
  const auto server = serve(1);
  Client client(server->port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  ASSERT_TRUE(test::eventually([&] { return held_ == 1; }));
  EXPECT_FALSE(server->drain(milliseconds(20)));
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(server->connections(), 0U);
}

TEST_F(Drain, EndsAtOnceWithoutConnections) {
  EXPECT_TRUE(serve(2)->drain(hours(1)));
}

TEST_F(Drain, IsCutShortByClose) {
  const auto server = serve(2);
  Client client(server->port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  ASSERT_TRUE(test::eventually([&] { return held_ == 1; }));
  const std::jthread drain([&] { EXPECT_FALSE(server->drain(hours(1))); });
  server->close();
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Drain, AnswersPipelinedRequestsThatHaveArrived) {
  const auto server = serve(1);
  Client client(server->port());
  ASSERT_TRUE(client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n"));
  ASSERT_TRUE(test::eventually([&] { return held_ == 1; }));
  const std::jthread drain([&] { EXPECT_TRUE(server->drain(hours(1))); });
  release_ = true;
  EXPECT_EQ(client.receive().body, "GET /a? ");
  EXPECT_EQ(client.receive().body, "GET /b? ");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Drain, MayBeAskedForTwice) {
  const auto server = serve(1);
  EXPECT_TRUE(server->drain(hours(1)));
  EXPECT_TRUE(server->drain(hours(1)));
  server->close();
}

}  // namespace
}  // namespace provender::http
