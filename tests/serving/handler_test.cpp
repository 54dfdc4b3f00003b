/// The handler of the server on a registry and a store as they are, in this process, so that the
/// sanitizers see all of it.

#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fs.hpp"
#include "http/test_support.hpp"
#include "serving/sample.hpp"

namespace provender::serving_test {
namespace {

using http::test::Client;
using ::testing::HasSubstr;
using ::testing::Not;

class HandlerTest : public ::testing::Test {
 protected:
  std::unique_ptr<http::Server> serve(unsigned loops) {
    http::ServerOptions options = http::test::test_options();
    options.threads = loops;
    options.limits = limits_;
    auto server = http::Server::open(
        options,
        [&](unsigned loop) {
          return std::make_unique<server::FeatureHandler>(sample_.context(), loop);
        },
        logger_);
    return std::move(server).value();
  }

  http::Limits limits_ = http::test::test_options().limits;
  http::test::MemoryLogger logger_;
  Sample sample_{Sample::Store::Memory};
};

TEST_F(HandlerTest, ServesOnTwoLoopsWhileNewVersionsAreApplied) {
  constexpr int kVersions = 5;
  const auto server = serve(2);
  std::atomic<bool> stop = false;
  std::atomic<int> wrong = 0;
  std::atomic<int> answers = 0;
  const auto ask = [&](const std::string& body, std::string_view expected) {
    Client client(server->port());
    while (!stop) {
      client.send(Sample::post(body));
      const auto reply = client.receive();
      if (reply.status != 200 || !reply.body.contains(expected)) ++wrong;
      ++answers;
    }
  };
  std::vector<std::jthread> clients;
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back(ask, Sample::single(50), R"("v0_f0":7,)");
    clients.emplace_back(ask, Sample::columns(20, 10), R"("values":[0,1,2,3,4,5,6,7,8,9])");
  }
  for (int i = 0; i < kVersions; ++i) {
    sample_.apply_another();
    const int before = answers;
    EXPECT_TRUE(http::test::eventually([&] { return answers > before + 20; }));
  }
  // The last version is noticed by both loops.
  for (int i = 0; i < 4; ++i) {
    Client client(server->port());
    EXPECT_TRUE(http::test::eventually([&] {
      client.send(Sample::post(R"({"user_id":"user7","features":["v9_f0"]})"));
      return client.receive().status == 200;
    }));
  }
  stop = true;
  clients.clear();
  EXPECT_EQ(wrong, 0);
  server->close();
  EXPECT_THAT(sample_.metrics_text(), HasSubstr("provender_registry_errors_total 0\n"));
}

/// A body with some of its bytes changed, doubled, dropped, or taken from another one.
std::string mutated(std::mt19937& random, std::string body, const std::string& other) {
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  constexpr std::string_view kTelling = "\"{}[]:,\\0-9.eE+ntfu\x00\x7f\xff ";
  for (std::size_t changes = 1 + below(4); changes > 0 && !body.empty(); --changes) {
    const std::size_t at = below(body.size());
    switch (below(5)) {
      case 0:
        body[at] = static_cast<char>(below(256));
        break;
      case 1:
        body[at] = kTelling[below(kTelling.size())];
        break;
      case 2:
        body.erase(at, 1 + below(8));
        break;
      case 3:
        body.insert(at, body.substr(at, 1 + below(16)));
        break;
      default:
        body.insert(at, other.substr(below(other.size()), 1 + below(16)));
    }
  }
  return body;
}

TEST_F(HandlerTest, AnswersAnyBodyWithoutAFault) {
  const auto server = serve(1);
  const std::vector<std::string> bodies{
      R"({"user_id":"user7","features":["v0_f0","v1:v1_f1"],"options":{"include":["status","event_timestamp","age"],"full_feature_names":true}})",
      R"({"entities":{"user_id":["user1","user2",null]},"features":["v0_f0","v1@latest:v1_f1"],"full_feature_names":false,"feature_service":null})",
      R"({"user_id":"user7","feature_service":"none@1"})",
      R"({"entities":{"user_id":[]},"features":["v0"]})"};
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  Client client(server->port());
  for (std::size_t i = 0; i < 4000; ++i) {
    const std::string body =
        mutated(random, bodies[i % bodies.size()], bodies[random() % bodies.size()]);
    ASSERT_TRUE(client.send(Sample::post(body)));
    const int status = client.receive().status;
    ASSERT_GE(status, 200) << body;
    ASSERT_LT(status, 500) << body;
  }
  client.send(Sample::post(Sample::single(1)));
  EXPECT_EQ(client.receive().body, R"({"user_id":"user7","features":{"v0_f0":7}})");
}

TEST_F(HandlerTest, NamesAndLogsWhatTheTransportRefuses) {
  const Folder folder;
  const auto log = server::AccessLog::open(folder.path() / "access.log", logger_).value();
  sample_.access_log = log.get();
  limits_.body_bytes = 100;
  limits_.header_time = std::chrono::milliseconds(50);
  auto server = serve(1);
  Client broken(server->port());
  broken.send("no request\r\n\r\n");
  const auto bad = broken.receive();
  EXPECT_EQ(bad.status, 400);
  EXPECT_THAT(bad.head, HasSubstr("X-Request-Id: "));
  Client large(server->port());
  large.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n");
  EXPECT_EQ(large.receive().status, 413);
  Client slow(server->port());
  slow.send("POST / HT");
  EXPECT_EQ(slow.receive().status, 408);
  server->close();
  server = nullptr;
  const std::string text = read_file(folder.path() / "access.log").value();
  EXPECT_THAT(text, HasSubstr(R"("peer":"127.0.0.1","status":400,)"));
  EXPECT_THAT(text, HasSubstr(R"("status":413,)"));
  EXPECT_THAT(text, HasSubstr(R"("status":408,)"));
  EXPECT_THAT(text, HasSubstr(R"("refused":"the header did not arrive in time"})"));
  const std::string name = bad.head.substr(bad.head.find("X-Request-Id: ") + 14);
  EXPECT_THAT(text, HasSubstr("\"id\":\"" + name.substr(0, name.find('\r')) + "\""));
}

TEST_F(HandlerTest, ReadsAViewInRolesThatTheRequestNames) {
  const auto server = serve(1);
  Client client(server->port());
  const auto ask = [&](const std::string& body) {
    client.send(Sample::post(body));
    return client.receive();
  };
  const std::string roles = R"_("features":["v0:v0_f0 as seller (user_id = seller_id)",)_"
                            R"_("v0:v0_f0 as buyer (user_id = buyer_id)"])_";
  EXPECT_EQ(ask(R"({"seller_id":"user7","buyer_id":"user8",)" + roles +
                R"(,"options":{"full_feature_names":true}})")
                .body,
            R"({"seller_id":"user7","buyer_id":"user8","features":)"
            R"({"seller__v0_f0":7,"buyer__v0_f0":8}})");
  const auto batch =
      ask(R"({"entities":{"seller_id":["user1","user2"],"buyer_id":["user3","none"]},)" + roles +
          R"(,"full_feature_names":true})");
  EXPECT_THAT(batch.body,
              HasSubstr(R"("feature_names":["seller_id","buyer_id","seller__v0_f0",)"
                        R"("buyer__v0_f0"])"));
  EXPECT_THAT(batch.body, HasSubstr(R"("values":[1,2])"));
  EXPECT_THAT(batch.body, HasSubstr(R"("values":[3,null])"));
  const auto missing =
      ask(R"({"seller_id":"user7",)" + roles + R"(,"options":{"full_feature_names":true}})");
  EXPECT_EQ(missing.status, 400);
  EXPECT_THAT(missing.body, HasSubstr(R"(the join key \"buyer_id\" (string) is missing)"));
  const auto unknown = ask(R"_({"a":"user7","features":["v0:v0_f0 (usr_id = a)"]})_");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_THAT(unknown.body, HasSubstr("did you mean 'user_id'?"));
}

TEST_F(HandlerTest, AnswersBothFormsAsArrowIfThatIsAskedFor) {
  constexpr std::string_view kArrow = "application/vnd.apache.arrow.stream";
  const auto server = serve(1);
  Client client(server->port());
  const auto ask = [&](const std::string& body, std::string_view accept) {
    client.send(Sample::post(body, accept));
    return client.receive();
  };
  const std::string type = "Content-Type: " + std::string(kArrow) + "\r\n";
  for (const std::string& body : {Sample::single(3), Sample::columns(3, 2)}) {
    for (int i = 0; i < 2; ++i) {
      const auto reply = ask(body, "application/json, " + std::string(kArrow));
      EXPECT_EQ(reply.status, 200);
      EXPECT_THAT(reply.head, HasSubstr(type));
      EXPECT_THAT(reply.body, testing::StartsWith("\xff\xff\xff\xff"));
      EXPECT_THAT(reply.body, HasSubstr("v0_f0__event_timestamp"));
    }
    EXPECT_THAT(ask(body, "*/*").head, HasSubstr("Content-Type: application/json\r\n"));
  }
  const auto ours = ask(R"({"user_ids":"a","features":["v0_f0"]})", kArrow);
  EXPECT_EQ(ours.status, 400);
  EXPECT_THAT(ours.head, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(ours.body, HasSubstr(R"("details":{"field":"user_ids")"));
  EXPECT_THAT(ask(R"({"entities":{"user_id":["a"]},"features":["no"]})", kArrow).body,
              HasSubstr(R"(\"class\":\"FeatureViewNotFoundException\")"));
  EXPECT_THAT(sample_.metrics_text(),
              HasSubstr("provender_feature_values_total{status=\"PRESENT\"} 27\n"));
}

TEST_F(HandlerTest, CountsTheAgeOfEachRowOnceWhateverTheOrderOfItsFeatures) {
  const auto server = serve(1);
  Client client(server->port());
  client.send(Sample::post(R"({"user_id":"user7","features":["v0_f0","v1_f0","v0_f1","v1_f1"]})"));
  EXPECT_EQ(client.receive().status, 200);
  for (const std::string view : {"v0", "v1"}) {
    EXPECT_THAT(sample_.metrics_text(),
                HasSubstr("provender_feature_age_seconds_count{view=\"" + view + "\"} 1\n"));
  }
}

/// A store that is not as it should be.
class FailingStore final : public online::OnlineStore {
 public:
  explicit FailingStore(ErrorCode code) : code_(code) {}
  void read(std::span<const online::Lookup> /*lookups*/, online::ReadDone done) override {
    done(Error(code_, "WRONGTYPE"));
  }
  Result<online::WriteResult> write(std::span<const online::WriteRow> /*rows*/) override {
    return online::WriteResult();
  }
  Result<> flush() override { return {}; }
  Result<std::uint64_t> sweep(std::span<const std::uint32_t> /*store_ids*/,
                              std::stop_token /*stop*/) override {
    return std::uint64_t{0};
  }
  Result<online::StoreStats> stats() override { return online::StoreStats(); }
  bool prefers_ordered_writes() const override { return false; }

 private:
  ErrorCode code_;
};

TEST_F(HandlerTest, NeverBlamesTheCallerForTheStore) {
  sample_.use(std::make_unique<FailingStore>(ErrorCode::FailedPrecondition));
  const auto server = serve(1);
  Client client(server->port());
  client.send(Sample::post(Sample::single(1)));
  const auto one = client.receive();
  EXPECT_EQ(one.status, 503);
  EXPECT_THAT(one.body,
              HasSubstr(R"("code":"unavailable","message":"the online store: WRONGTYPE")"));
  client.send(Sample::post(Sample::columns(1, 2)));
  EXPECT_EQ(client.receive().status, 503);
  EXPECT_THAT(sample_.metrics_text(),
              HasSubstr("provender_online_store_errors_total{code=\"failed_precondition\"} 2\n"));
}

TEST_F(HandlerTest, SaysWhichMemberOfARequestIsWrong) {
  const auto server = serve(1);
  Client client(server->port());
  const auto ask = [&](const std::string& body) {
    client.send(Sample::post(body));
    return client.receive();
  };
  EXPECT_THAT(ask(R"({"user_ids":"a","features":["v0_f0"]})").body,
              HasSubstr(R"("details":{"field":"user_ids","nearest":"user_id"})"));
  EXPECT_THAT(ask(R"({"user_id":"a","features":["nothing"]})").body,
              HasSubstr(R"("details":{"field":"features"})"));
  EXPECT_THAT(ask(R"({"user_id":"a","feature_service":"nothing"})").body,
              HasSubstr(R"("details":{"field":"feature_service"})"));
  EXPECT_THAT(ask("[").body, HasSubstr(R"("details":{})"));
  const std::string long_key =
      R"({"user_id":")" + std::string(481, 'x') + R"(","features":["v0_f0"]})";
  EXPECT_EQ(ask(long_key).status, 400);
  EXPECT_THAT(sample_.metrics_text(), Not(HasSubstr("errors_total{code=\"invalid_argument\"}")));
}

}  // namespace
}  // namespace provender::serving_test
