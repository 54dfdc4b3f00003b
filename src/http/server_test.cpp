#include "http/server.hpp"

#include <array>
#include <atomic>
#include <latch>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>

#include "http/test_support.hpp"

namespace provender::http {
namespace {

using std::chrono::milliseconds;
using test::Client;
using testing::HasSubstr;
using testing::Not;

TEST(Server, AnswersOnOneConnectionAgainAndAgain) {
  const auto server = test::serve(test::test_options(), test::echo);
  Client client(server->port());
  for (int i = 0; i < 3; ++i) {
    const auto reply = client.get("/a?b");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "GET /a?b ");
    EXPECT_THAT(reply.head, HasSubstr("\r\nDate: "));
    EXPECT_THAT(reply.head, HasSubstr("\r\nContent-Type: application/json\r\n"));
    EXPECT_THAT(reply.head, Not(HasSubstr("Connection")));
  }
  EXPECT_EQ(server->connections(), 1U);
}

TEST(Server, ReadsARequestThatComesByteByByte) {
  const auto server = test::serve(test::test_options(), test::echo);
  Client client(server->port());
  for (const char c :
       std::string_view("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello")) {
    ASSERT_TRUE(client.send({&c, 1}));
  }
  const auto reply = client.receive();
  EXPECT_EQ(reply.body, "POST /a? hello");
}

TEST(Server, AnswersAHundredPipelinedRequestsInOrder) {
  const auto server = test::serve(test::test_options(), test::echo);
  Client client(server->port());
  std::string requests;
  for (int i = 0; i < 100; ++i) {
    requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  }
  ASSERT_TRUE(client.send(requests));
  for (int i = 0; i < 100; ++i) {
    const auto reply = client.receive();
    EXPECT_EQ(reply.body, "GET /" + std::to_string(i) + "? ");
  }
}

TEST(Server, SendsLargeAnswersWholeAndInOrder) {
  const auto server = test::serve(test::test_options(), [](Exchange exchange) {
    exchange.response().body.assign(3'000'000, exchange.request().path[1]);
    exchange.send();
  });
  Client client(server->port());
  ASSERT_TRUE(client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n"));
  for (const char c : {'a', 'b'}) {
    const auto reply = client.receive();
    EXPECT_EQ(reply.body, std::string(3'000'000, c));
  }
}

TEST(Server, TakesLargeBodies) {
  const auto server = test::serve(test::test_options(), [](Exchange exchange) {
    exchange.response().body =
        std::to_string(std::hash<std::string_view>()(exchange.request().body));
    exchange.send();
  });
  Client client(server->port());
  std::string body(5'000'000, 'x');
  body[4'000'000] = 'y';
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n" + body));
  const auto reply = client.receive();
  EXPECT_EQ(reply.body, std::to_string(std::hash<std::string_view>()(body)));
}

TEST(Server, AnswersHeadWithoutABody) {
  const auto server = test::serve(test::test_options(), test::echo);
  Client client(server->port());
  ASSERT_TRUE(client.send("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n"));
  const auto head = client.receive(/*has_body=*/false);
  EXPECT_THAT(head.head, HasSubstr("Content-Length: 9\r\n"));
  const auto get = client.receive();
  EXPECT_EQ(get.body, "GET /b? ");
}

TEST(Server, ClosesAfterTheAnswerWhereTheClientAsksForIt) {
  const auto server = test::serve(test::test_options(), test::echo);
  for (const std::string_view request :
       {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    Client client(server->port());
    ASSERT_TRUE(client.send(request));
    const auto reply = client.receive();
    EXPECT_THAT(reply.head, HasSubstr("Connection: close\r\n"));
    EXPECT_TRUE(client.is_closed());
  }
  EXPECT_TRUE(test::eventually([&] { return server->connections() == 0; }));
}

TEST(Server, KeepsAnOldClientThatAsksForIt) {
  const auto server = test::serve(test::test_options(), test::echo);
  Client client(server->port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    const auto reply = client.receive();
    EXPECT_THAT(reply.head, HasSubstr("Connection: keep-alive\r\n"));
  }
}

TEST(Server, TellsAWaitingClientToGoOn) {
  const auto server = test::serve(test::test_options(), test::echo);
  Client client(server->port());
  ASSERT_TRUE(
      client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\nPOST /b HTTP/1.1\r\nHost: h\r\nExpect: "
                  "100-continue\r\nContent-Length: 2\r\n\r\n"));
  ASSERT_EQ(client.receive().body, "GET /a? ");
  const auto go_on = client.receive();
  EXPECT_EQ(go_on.head, "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.send("ok"));
  ASSERT_EQ(client.receive().body, "POST /b? ok");
}

TEST(Server, AnswersAClientThatHasFinishedSending) {
  const auto server = test::serve(test::test_options(), test::echo);
  Client client(server->port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  client.shut_down_sending();
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_TRUE(client.is_closed());
}

/// Puts exchanges aside and sends them in the next tick of the loop; but those for /now at once.
struct LateHandler : Handler {
  std::vector<Exchange> waiting;

  void handle(Exchange exchange) override {
    if (exchange.request().path == "/now") return test::echo(std::move(exchange));
    waiting.push_back(std::move(exchange));
  }
  void tick() override {
    for (Exchange& exchange : std::exchange(waiting, {})) {
      test::echo(std::move(exchange));
    }
  }
};

TEST(Server, SendsAnswersThatComeLaterInOrder) {
  NullLogger logger;
  const auto server = Server::open(
      test::test_options(), [](unsigned) { return std::make_unique<LateHandler>(); }, logger);
  ASSERT_TRUE(server);
  std::array<Client, 3> clients{
      Client((*server)->port()), Client((*server)->port()), Client((*server)->port())};
  const std::array<std::string, 4> paths{"/a", "/now", "/b", "/now"};
  for (const Client& client : clients) {
    std::string requests;
    for (const std::string& path : paths) {
      requests += "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n";
    }
    ASSERT_TRUE(client.send(requests));
  }
  for (Client& client : clients) {
    for (const std::string& path : paths) {
      EXPECT_EQ(client.receive().body, "GET " + path + "? ");
    }
  }
}

TEST(Server, OutlivesAClientThatLeavesBeforeItsAnswer) {
  NullLogger logger;
  const auto server = Server::open(
      test::test_options(), [](unsigned) { return std::make_unique<LateHandler>(); }, logger);
  ASSERT_TRUE(server);
  for (int i = 0; i < 20; ++i) {
    const Client client((*server)->port());
    ASSERT_TRUE(client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n"));
  }
  EXPECT_EQ(Client((*server)->port()).get("/b").body, "GET /b? ");
  EXPECT_TRUE(test::eventually([&] { return (*server)->connections() == 0; }));
}

TEST(Server, AnswersForAHandlerThatDropsTheExchange) {
  const auto server = test::serve(test::test_options(), [](Exchange /*dropped*/) {});
  Client client(server->port());
  for (int i = 0; i < 2; ++i) {
    const auto reply = client.get("/");
    EXPECT_EQ(reply.status, 500);
    EXPECT_THAT(reply.body, HasSubstr(R"("code":"internal")"));
  }
}

TEST(Server, AnswersForAHandlerThatTakesTooLong) {
  struct Forgetful : Handler {
    std::vector<Exchange> waiting;
    void handle(Exchange exchange) override { waiting.push_back(std::move(exchange)); }
    void tick() override {
      if (waiting.size() < 2) return;
      for (Exchange& exchange : waiting) {  // of the first the client knows already
        exchange.response().body = std::string(exchange.request().path);
        exchange.send();
      }
      waiting.clear();
    }
  };
  ServerOptions options = test::test_options();
  options.limits.answer_time = milliseconds(300);
  NullLogger logger;
  const auto server =
      Server::open(options, [](unsigned) { return std::make_unique<Forgetful>(); }, logger);
  ASSERT_TRUE(server);
  Client first((*server)->port());
  const auto reply = first.get("/first");
  EXPECT_EQ(reply.status, 503);
  EXPECT_THAT(reply.body, HasSubstr("not ready in time"));
  EXPECT_TRUE(first.is_closed());
  EXPECT_EQ(Client((*server)->port()).get("/second").body, "/second");
  EXPECT_TRUE(test::eventually([&] { return (*server)->connections() == 0; }));
}

TEST(Server, AnswersForAHandlerThatThrows) {
  test::MemoryLogger logger;
  const auto server = test::serve(
      test::test_options(),
      [](Exchange) -> void { throw std::runtime_error("out of pencils"); },
      &logger);
  Client client(server->port());
  const auto reply = client.get("/");
  EXPECT_EQ(reply.status, 500);
  EXPECT_THAT(reply.body, Not(HasSubstr("pencils")));
  EXPECT_THAT(logger.messages(), testing::ElementsAre(HasSubstr("out of pencils")));
}

TEST(Server, LetsTheHandlerWriteTheErrorForm) {
  struct OwnForm : Handler {
    void handle(Exchange exchange) override { test::echo(std::move(exchange)); }
    void refuse(const Refusal& refusal, Response& response) override {
      response.status = refusal.status;
      response.body = "own form";
    }
  };
  NullLogger logger;
  const auto server = Server::open(
      test::test_options(), [](unsigned) { return std::make_unique<OwnForm>(); }, logger);
  ASSERT_TRUE(server);
  Client client((*server)->port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\n\r\n"));
  const auto reply = client.receive();
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.body, "own form");
  EXPECT_TRUE(client.is_closed());
}

TEST(Server, AnswersWhatWasGoodBeforeItRefuses) {
  const auto server = test::serve(test::test_options(), test::echo);
  Client client(server->port());
  ASSERT_TRUE(client.send(
      "GET /a HTTP/1.1\r\nHost: h\r\n\r\nnonsense\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(client.receive().body, "GET /a? ");
  const auto refusal = client.receive();
  EXPECT_EQ(refusal.status, 400);
  EXPECT_THAT(refusal.head, HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(client.is_closed());
}

TEST(Server, TicksOnEachLoop) {
  std::mutex mutex;
  std::set<std::thread::id> ticked;
  ServerOptions options = test::test_options();
  options.threads = 3;
  const auto server = test::serve(options, test::echo, nullptr, [&] {
    const std::lock_guard lock(mutex);
    ticked.insert(std::this_thread::get_id());
  });
  EXPECT_TRUE(test::eventually([&] {
    const std::lock_guard lock(mutex);
    return ticked.size() == 3;
  }));
}

TEST(Server, DealsConnectionsEvenly) {
  std::mutex mutex;
  std::map<std::thread::id, int> served;
  ServerOptions options = test::test_options();
  options.threads = 2;
  const auto server = test::serve(options, [&](Exchange exchange) {
    {
      const std::lock_guard lock(mutex);
      ++served[std::this_thread::get_id()];
    }
    test::echo(std::move(exchange));
  });
  std::vector<Client> clients;
  for (int i = 0; i < 10; ++i) {
    clients.emplace_back(server->port());
  }
  for (Client& client : clients) {
    ASSERT_EQ(client.get("/").status, 200);
  }
  const std::lock_guard lock(mutex);
  ASSERT_EQ(served.size(), 2U);
  EXPECT_EQ(served.begin()->second, 5);
}

TEST(Server, ServesAThousandConnections) {
  ServerOptions options = test::test_options();
  options.threads = 2;
  const auto server = test::serve(options, test::echo);
  std::vector<Client> clients;
  for (int i = 0; i < 1000; ++i) {
    clients.emplace_back(server->port());
  }
  for (int round = 0; round < 2; ++round) {
    for (const Client& client : clients) {
      ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    }
    for (Client& client : clients) {
      ASSERT_EQ(client.receive().status, 200);
    }
  }
  EXPECT_EQ(server->connections(), 1000U);
  clients.clear();
  EXPECT_TRUE(test::eventually([&] { return server->connections() == 0; }));
}

TEST(Server, HandlesSomeThatAskAtOnceBeforeItSendsTheirAnswers) {
  constexpr std::size_t kClients = 20;
  std::latch all_have_asked(1);
  std::atomic<std::size_t> handled = 0;
  const auto server = test::serve(test::test_options(), [&](Exchange exchange) {
    if (exchange.request().path == "/first") all_have_asked.wait();
    ++handled;
    test::echo(std::move(exchange));
  });
  Client first(server->port());
  std::vector<Client> others;
  for (std::size_t i = 0; i < kClients; ++i) {
    others.emplace_back(server->port()).get("/warm");
  }
  const std::size_t before = handled;
  ASSERT_TRUE(first.send("GET /first HTTP/1.1\r\nHost: h\r\n\r\n"));
  for (const Client& client : others) {
    ASSERT_TRUE(client.send("GET /other HTTP/1.1\r\nHost: h\r\n\r\n"));
  }
  all_have_asked.count_down();
  EXPECT_EQ(first.receive().body, "GET /first? ");
  EXPECT_EQ(others.front().receive().body, "GET /other? ");
  EXPECT_GE(handled - before, 1U + 8U);
  for (Client& client : std::span(others).subspan(1)) {
    EXPECT_EQ(client.receive().body, "GET /other? ");
  }
}

TEST(Server, ServesManyThreadsOfClients) {
  ServerOptions options = test::test_options();
  options.threads = 2;
  const auto server = test::serve(options, test::echo);
  std::atomic<int> right = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        Client client(server->port());
        const std::string path = "/" + std::to_string(t) + "/" + std::to_string(i);
        for (int k = 0; k < 5; ++k) {
          const auto reply = client.get(path);
          right += reply.body == "GET " + path + "? ";
        }
      }
    });
  }
  threads.clear();
  EXPECT_EQ(right, 8 * 20 * 5);
}

Error open_error(ServerOptions options) {
  NullLogger logger;
  const auto server = Server::open(
      std::move(options), [](unsigned) { return std::make_unique<LateHandler>(); }, logger);
  if (server) return Error(ErrorCode::Internal, "it opened");
  return server.error();
}

TEST(ServerOpen, SaysThatThePortIsInUse) {
  const auto server = test::serve(test::test_options(), test::echo);
  const Error error = open_error({.port = server->port()});
  EXPECT_EQ(error.code(), ErrorCode::Unavailable);
  EXPECT_THAT(
      std::string(error.message()),
      HasSubstr("listen on 127.0.0.1:" + std::to_string(server->port()) + ": the port is in use"));
}

TEST(ServerOpen, SaysWhatIsWrongWithTheHost) {
  for (const std::string host : {"no-such-host.invalid", "", "192.0.2.1", "300.1.1.1"}) {
    const Error error = open_error({.host = host});
    EXPECT_EQ(error.code(), ErrorCode::InvalidArgument) << host;
    EXPECT_THAT(std::string(error.message()), HasSubstr("listen on")) << host;
    EXPECT_THAT(std::string(error.message()), HasSubstr(host)) << host;
  }
}

TEST(ServerOpen, TakesHostNames) {
  ServerOptions options = test::test_options();
  options.host = "localhost";
  EXPECT_NE(test::serve(options, test::echo)->port(), 0);
}

TEST(ServerOpen, RefusesSettingsThatCannotBe) {
  EXPECT_THAT(std::string(open_error({.threads = 0}).message()),
              HasSubstr("threads is 0, expected 1 to 256"));
  EXPECT_EQ(open_error({.tick = milliseconds(0)}).code(), ErrorCode::InvalidArgument);
  EXPECT_EQ(open_error({.limits = {.header_bytes = 1}}).code(), ErrorCode::InvalidArgument);
  EXPECT_EQ(open_error({.limits = {.header_count = 0}}).code(), ErrorCode::InvalidArgument);
  EXPECT_EQ(open_error({.limits = {.connections = 0}}).code(), ErrorCode::InvalidArgument);
  EXPECT_EQ(open_error({.limits = {.idle_time = milliseconds(-1)}}).code(),
            ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace provender::http
