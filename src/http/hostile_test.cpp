/// What clients do to hurt a server, and that others are served meanwhile.

#include <chrono>
#include <optional>
#include <random>
#include <thread>

#include <sys/resource.h>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "http/server.hpp"
#include "http/test_support.hpp"

namespace provender::http {
namespace {

using std::chrono::milliseconds;
using test::Client;
using testing::HasSubstr;

ServerOptions limited(const std::function<void(Limits&)>& set) {
  ServerOptions options = test::test_options();
  set(options.limits);
  return options;
}

TEST(HostileClient, IsDisconnectedWhenItsHeaderDripsIn) {
  const auto server = test::serve(
      limited([](Limits& l) { l.header_time = l.linger_time = milliseconds(50); }), test::echo);
  Client client(server->port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: "));
  // Each byte is progress, and none of it counts.
  while (client.send("h")) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_EQ(client.receive().status, 408);
}

TEST(HostileClient, IsToldWhenItsHeaderIsLate) {
  const auto server =
      test::serve(limited([](Limits& l) { l.header_time = milliseconds(20); }), test::echo);
  Client client(server->port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\n"));
  const auto reply = client.receive();
  EXPECT_EQ(reply.status, 408);
  EXPECT_THAT(reply.body, HasSubstr("header did not arrive"));
  EXPECT_TRUE(client.is_closed());
}

TEST(HostileClient, IsToldWhenItsBodyIsLate) {
  const auto server =
      test::serve(limited([](Limits& l) { l.body_time = milliseconds(20); }), test::echo);
  Client client(server->port());
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na"));
  const auto reply = client.receive();
  EXPECT_EQ(reply.status, 408);
  EXPECT_THAT(reply.body, HasSubstr("body did not arrive"));
  EXPECT_TRUE(client.is_closed());
}

TEST(HostileClient, IsDisconnectedWhenItSaysNothing) {
  const auto server =
      test::serve(limited([](Limits& l) { l.idle_time = milliseconds(20); }), test::echo);
  EXPECT_TRUE(Client(server->port()).is_closed());
  Client served(server->port());
  ASSERT_EQ(served.get("/").status, 200);
  EXPECT_TRUE(served.is_closed());
}

TEST(HostileClient, CannotStayByEmptyLines) {
  const auto server =
      test::serve(limited([](Limits& l) { l.idle_time = milliseconds(50); }), test::echo);
  const Client client(server->port());
  while (client.send("\r\n")) {
    std::this_thread::sleep_for(milliseconds(2));
  }
  EXPECT_TRUE(test::eventually([&] { return server->connections() == 0; }));
}

TEST(HostileClient, IsDisconnectedWhenItNeverReads) {
  const auto server = test::serve(limited([](Limits& l) { l.write_time = milliseconds(50); }),
                                  [](Exchange exchange) {
                                    exchange.response().body.assign(1'000'000, 'x');
                                    exchange.send();
                                  });
  const Client client(server->port(), 4096);
  while (client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")) {
  }
  EXPECT_TRUE(test::eventually([&] { return server->connections() == 0; }));
}

TEST(HostileClient, IsDisconnectedWhenItNeverReadsAnswersThatComeLate) {
  /// Answers in the next tick, and so little that it is asked for more while the last answers still
  /// wait.
  struct LateHandler : Handler {
    std::vector<Exchange> waiting;
    void handle(Exchange exchange) override { waiting.push_back(std::move(exchange)); }
    void tick() override {
      for (Exchange& exchange : std::exchange(waiting, {})) {
        exchange.response().body.assign(10'000, 'x');
        exchange.send();
      }
    }
  };
  NullLogger logger;
  ServerOptions options = limited([](Limits& l) { l.write_time = milliseconds(50); });
  options.tick = milliseconds(1);
  const auto server =
      Server::open(options, [](unsigned) { return std::make_unique<LateHandler>(); }, logger);
  ASSERT_TRUE(server);
  const Client client((*server)->port(), 4096);
  while (client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")) {
  }
  ASSERT_TRUE(test::eventually([&] { return (*server)->connections() == 0; }));
}

TEST(HostileClient, IsDisconnectedWhenItNeverHangsUp) {
  const auto server =
      test::serve(limited([](Limits& l) { l.linger_time = milliseconds(20); }), test::echo);
  Client client(server->port());
  ASSERT_TRUE(client.send("nonsense\r\n\r\n"));
  ASSERT_EQ(client.receive().status, 400);
  EXPECT_TRUE(test::eventually([&] { return server->connections() == 0; }));
}

TEST(HostileClient, IsRefusedAHundredMegabytesWithoutTheirBeingRead) {
  const auto server = test::serve(test::test_options(), test::echo);
  Client client(server->port());
  constexpr std::size_t kBody = 100'000'000;
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(kBody) +
                          "\r\n\r\n"));
  const std::string piece(1'000'000, 'x');
  std::size_t sent = 0;
  while (sent < kBody && client.send(piece)) {
    sent += piece.size();
  }
  EXPECT_LT(sent, kBody / 2);
  const auto reply = client.receive();
  EXPECT_EQ(reply.status, 413);
  EXPECT_THAT(reply.body, HasSubstr("8388608 bytes"));
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(Client(server->port()).get("/").status, 200);
}

TEST(HostileClient, CannotFillTheMemoryTogetherWithOthers) {
  const auto server = test::serve(limited([](Limits& l) {
                                    l.buffered_bytes = 3'000'000;
                                    l.linger_time = milliseconds(20);
                                  }),
                                  test::echo);
  std::vector<Client> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back(server->port());
  }
  ASSERT_TRUE(test::eventually([&] { return server->connections() == 4; }));
  const std::string most =
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1500000\r\n\r\n" + std::string(1'400'000, 'x');
  for (const Client& client : clients) {
    static_cast<void>(client.send(most));
  }
  ASSERT_TRUE(test::eventually([&] { return server->connections() == 1; }));
  std::vector<int> statuses;
  for (Client& client : clients) {
    static_cast<void>(client.send(std::string(100'000, 'x')));
    const auto reply = client.receive();
    statuses.push_back(reply.status);
  }
  EXPECT_THAT(statuses, testing::UnorderedElementsAre(200, 503, 503, 503));
}

TEST(HostileClient, GivesItsMemoryBackWhenItLeaves) {
  const auto server =
      test::serve(limited([](Limits& l) { l.buffered_bytes = 3'000'000; }), test::echo);
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1500000\r\n\r\n";
  for (int i = 0; i < 3; ++i) {
    {
      const Client client(server->port());
      ASSERT_TRUE(client.send(head + std::string(1'400'000, 'x')));
      ASSERT_TRUE(test::eventually([&] { return server->connections() == 1; }));
    }
    ASSERT_TRUE(test::eventually([&] { return server->connections() == 0; }));
  }
  Client client(server->port());
  ASSERT_TRUE(client.send(head + std::string(1'500'000, 'x')));
  EXPECT_EQ(client.receive().status, 200);
}

TEST(HostileClient, IsTurnedAwayWhenAllConnectionsAreTaken) {
  const auto server = test::serve(limited([](Limits& l) { l.connections = 2; }), test::echo);
  std::optional<Client> first(server->port());
  Client second(server->port());
  ASSERT_EQ(first->get("/").status, 200);
  ASSERT_EQ(second.get("/").status, 200);
  Client third(server->port());
  const auto reply = third.receive();
  EXPECT_EQ(reply.status, 503);
  EXPECT_THAT(reply.body, HasSubstr("all 2 connections are taken"));
  EXPECT_TRUE(third.is_closed());
  first.reset();
  ASSERT_TRUE(test::eventually([&] { return server->connections() == 1; }));
  EXPECT_EQ(Client(server->port()).get("/").status, 200);
}

/// Takes file numbers until there are none left.
class AllFiles {
 public:
  AllFiles() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit few{.rlim_cur = 64, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
    for (int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC); file >= 0; file = ::dup(file)) {
      taken_.push_back(file);
    }
  }
  ~AllFiles() {
    for (const int file : taken_) {
      ::close(file);
    }
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  AllFiles(const AllFiles&) = delete;
  AllFiles& operator=(const AllFiles&) = delete;

  void give_one_back() {
    ::close(taken_.back());
    taken_.pop_back();
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

TEST(HostileClient, WaitsWithoutSpinningWhenFilesRunOut) {
  test::MemoryLogger logger;
  ServerOptions options = test::test_options();
  options.tick = milliseconds(50);
  const auto server = test::serve(options, test::echo, &logger);
  std::optional<AllFiles> all;
  all.emplace();
  const auto start = std::chrono::steady_clock::now();
  all->give_one_back();
  Client client(server->port());  // the system accepts it, the server has no file number for it
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  ASSERT_TRUE(test::eventually([&] { return logger.messages().size() >= 3; }));
  const auto ticks = (std::chrono::steady_clock::now() - start) / options.tick;
  EXPECT_LE(logger.messages().size(), static_cast<std::size_t>(ticks) + 2);
  EXPECT_THAT(logger.messages().front(), HasSubstr("cannot accept: Too many open files"));
  all.reset();
  EXPECT_EQ(client.receive().status, 200);
}

TEST(HostileClient, CannotCrashTheServerWithRandomBytes) {
  ServerOptions options = limited([](Limits& l) {
    l.header_time = l.body_time = l.idle_time = l.linger_time = milliseconds(50);
  });
  options.threads = 2;
  const auto server = test::serve(options, test::echo);
  const std::string good =
      "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
      "POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nExpect: "
      "100-continue\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    std::string bytes = good + good;
    for (int i = 0; i < 3; ++i) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const Client client(server->port());
    const std::size_t cut = random() % bytes.size();
    static_cast<void>(client.send(std::string_view(bytes).substr(0, cut)) &&
                      client.send(std::string_view(bytes).substr(cut)));
  }
  EXPECT_EQ(Client(server->port()).get("/").status, 200);
  EXPECT_TRUE(test::eventually([&] { return server->connections() == 0; }));
}

}  // namespace
}  // namespace provender::http
