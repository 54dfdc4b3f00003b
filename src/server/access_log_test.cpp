#include "server/access_log.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fs.hpp"
#include "base/json/reader.hpp"
#include "http/test_certificate.hpp"
#include "http/test_support.hpp"

namespace provender::server {
namespace {

using http::test::Client;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class AccessLogTest : public ::testing::Test {
 protected:
  std::string text() const { return read_file(path_).value(); }

  http::test::TestFolder folder_;
  std::filesystem::path path_ = folder_.path() / "access.log";
  http::test::MemoryLogger logger_;
};

TEST_F(AccessLogTest, HasALineOfJsonForARequest) {
  const auto log = AccessLog::open(path_, logger_);
  ASSERT_TRUE(log) << log.error().message();
  const ApiToken token{.name = "web"};
  const std::string service = "recommender";
  auto lines = std::make_unique<AccessLines>(log->get());
  const auto server = http::test::serve(http::test::test_options(), [&](http::Exchange exchange) {
    exchange.response().body = "four";
    lines->add(exchange,
               {.id = "id\"1", .token = &token, .service = service, .rows = 2},
               std::chrono::microseconds(1234));
    exchange.send();
  });
  Client client(server->port());
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  client.receive();
  server->close();
  lines = nullptr;
  json::Parser parser;
  const std::string line = text();
  const auto entry = parser.parse(line);
  ASSERT_TRUE(entry) << line;
  EXPECT_THAT(line,
              HasSubstr(R"("id":"id\"1","peer":"127.0.0.1","method":"POST","path":"/a",)"
                        R"("status":200,"duration_us":1234,"request_bytes":3,"reply_bytes":4,)"
                        R"("token":"web","service":"recommender","rows":2})"));
}

TEST_F(AccessLogTest, GoesOnInANewFileWhenTheOldOneIsMoved) {
  const auto log = AccessLog::open(path_, logger_);
  (*log)->write("one\n");
  std::filesystem::rename(path_, folder_.path() / "access.log.1");
  (*log)->write("two\n");
  EXPECT_EQ(read_file(folder_.path() / "access.log.1").value(), "one\n");
  EXPECT_EQ(text(), "two\n");
}

TEST_F(AccessLogTest, SaysOnceThatLinesAreLost) {
  const auto log = AccessLog::open("/dev/full", logger_);
  ASSERT_TRUE(log);
  (*log)->write("one\n");
  (*log)->write("two\n");
  ASSERT_THAT(logger_.messages(), SizeIs(1));
  EXPECT_THAT(logger_.messages()[0], HasSubstr("/dev/full"));
}

TEST_F(AccessLogTest, SaysWhyItCannotBeOpened) {
  const auto log = AccessLog::open("/nowhere/access.log", logger_);
  ASSERT_FALSE(log);
  EXPECT_THAT(std::string(log.error().message()), HasSubstr("/nowhere/access.log"));
}

}  // namespace
}  // namespace provender::server
