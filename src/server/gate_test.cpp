#include "server/gate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/test_support.hpp"
#include "server/token.hpp"

namespace provender::server {
namespace {

using http::test::Client;
using http::test::Reply;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

/// A server that says who was let in.
class GateTest : public ::testing::Test {
 protected:
  Reply ask(std::string_view head, std::string_view body = "") {
    if (!server_) start();
    Client client(server_->port());
    EXPECT_TRUE(client.send(std::string(head) + "Content-Length: " + std::to_string(body.size()) +
                            "\r\n\r\n" + std::string(body)));
    return client.receive();
  }
  void start() {
    tokens_.emplace(config_);
    gate_.emplace(config_, *tokens_);
    server_ = http::test::serve(http::test::test_options(), [this](http::Exchange exchange) {
      if (gate_->admit(exchange, visit_)) exchange.response().body = "in";
      exchange.send();
    });
  }

  ServerConfig config_{.project = "p"};
  std::optional<Tokens> tokens_;
  std::optional<Gate> gate_;
  Visit visit_;
  std::unique_ptr<http::Server> server_;
};

constexpr std::string_view kHealth = "GET /health HTTP/1.1\r\nHost: localhost\r\n";
constexpr std::string_view kRead = "POST /get-online-features HTTP/1.1\r\nHost: localhost\r\n";

TEST_F(GateTest, LetsGoodRequestsIn) {
  EXPECT_EQ(ask(kHealth).body, "in");
  EXPECT_EQ(ask(kRead).body, "in");
  EXPECT_EQ(ask("GET /health HTTP/1.0\r\n").body, "in");
}

TEST_F(GateTest, RefusesForeignHostsBeforeAnythingElse) {
  for (const char* path : {"/health", "/nothing", "/metrics"}) {
    const Reply reply = ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: evil.example\r\n");
    EXPECT_EQ(reply.status, 403) << path;
    EXPECT_THAT(reply.body, HasSubstr("server.allowed_hosts"));
  }
  EXPECT_EQ(ask(kHealth).body, "in");
  EXPECT_EQ(ask("GET /health HTTP/1.1\r\nHost: evil.example\r\n").status, 403);
}

TEST_F(GateTest, RefusesWebPagesThatAreNotListed) {
  config_.allowed_origins = {"https://console.example.com"};
  const Reply refused = ask(std::string(kHealth) + "Origin: https://evil.example\r\n");
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.head, Not(HasSubstr("Access-Control")));
  const Reply good = ask(std::string(kHealth) + "Origin: https://console.example.com\r\n");
  EXPECT_EQ(good.body, "in");
  EXPECT_THAT(good.head, HasSubstr("Access-Control-Allow-Origin: https://console.example.com\r\n"));
}

TEST_F(GateTest, AnswersAPreflightWithoutAToken) {
  config_.allowed_origins = {"https://console.example.com"};
  config_.tokens = {{.name = "a", .hash = hash_token("a"), .may_read = true}};
  const Reply reply =
      ask("OPTIONS /get-online-features HTTP/1.1\r\nHost: localhost\r\nOrigin: "
          "https://console.example.com\r\n");
  EXPECT_EQ(reply.status, 204);
  EXPECT_THAT(reply.head, HasSubstr("Access-Control-Allow-Methods: POST\r\n"));
  EXPECT_THAT(reply.head, HasSubstr("Authorization"));
}

TEST_F(GateTest, SaysWhichMethodsARouteHas) {
  const Reply reply = ask("DELETE /get-online-features HTTP/1.1\r\nHost: localhost\r\n");
  EXPECT_EQ(reply.status, 405);
  EXPECT_THAT(reply.head, HasSubstr("Allow: POST\r\n"));
  EXPECT_EQ(ask("POST /health HTTP/1.1\r\nHost: localhost\r\n").status, 405);
  EXPECT_EQ(ask("GET /get-online-features HTTP/1.1\r\nHost: localhost\r\n").status, 405);
  EXPECT_EQ(ask("GET /health/ HTTP/1.1\r\nHost: localhost\r\n").status, 404);
}

TEST_F(GateTest, WantsATokenForAllButHealthAndReadiness) {
  config_.tokens = {{.name = "web", .hash = hash_token("a"), .may_read = true},
                    {.name = "loader", .hash = hash_token("b"), .may_write = true}};
  EXPECT_EQ(ask(kHealth).body, "in");
  EXPECT_EQ(ask("GET /ready HTTP/1.1\r\nHost: localhost\r\n").body, "in");
  for (const char* path : {"/metrics", "/openapi.json"}) {
    EXPECT_EQ(ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n").status, 401);
  }
  const Reply none = ask(kRead);
  EXPECT_EQ(none.status, 401);
  EXPECT_THAT(none.head, HasSubstr("WWW-Authenticate: Bearer realm=\"provender\"\r\n"));
  EXPECT_THAT(none.body, HasSubstr(R"({"error":{"code":"permission_denied")"));
  EXPECT_EQ(ask(std::string(kRead) + "Authorization: Bearer b\r\n").status, 403);
  EXPECT_EQ(ask(std::string(kRead) + "Authorization: Bearer a\r\n").body, "in");
  EXPECT_EQ(visit_.token->name, "web");
}

TEST_F(GateTest, RefusesFeastsClientsInTheirForm) {
  config_.tokens = {{.name = "a", .hash = hash_token("a"), .may_read = true}};
  const Reply reply = ask(kRead, R"({"entities":{"user_id":["a"]},"features":["f"]})");
  EXPECT_EQ(reply.status, 401);
  EXPECT_THAT(reply.body, HasSubstr(R"(\"class\":\"FeastPermissionError\")"));
}

TEST_F(GateTest, EchoesAGoodRequestIdAndMakesOneOtherwise) {
  EXPECT_THAT(ask(std::string(kHealth) + "X-Request-Id: job-7/a\r\n").head,
              HasSubstr("X-Request-Id: job-7/a\r\n"));
  EXPECT_EQ(visit_.id, "job-7/a");
  for (const std::string& id :
       {std::string(), std::string("a b"), std::string(65, 'x'), std::string("\xc3\xa9")}) {
    ask(std::string(kHealth) + "X-Request-Id: " + id + "\r\n");
    EXPECT_THAT(visit_.id, MatchesRegex("[0-9a-f]+-[0-9]+")) << id;
  }
  const std::string before = visit_.id;
  ask(kHealth);
  EXPECT_NE(visit_.id, before);
}

}  // namespace
}  // namespace provender::server
