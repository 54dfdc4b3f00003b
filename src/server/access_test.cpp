#include "server/access.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace provender::server {
namespace {

using ::testing::HasSubstr;

TEST(CheckBind, LetsLoopbackListenAndOthersOnlyWithReason) {
  for (const char* host : {"127.0.0.1", "127.1.2.3", "::1", "localhost"}) {
    EXPECT_TRUE(check_bind({.host = host})) << host;
  }
  for (const char* host : {"0.0.0.0", "::", "10.0.0.1", "features.example.com", "127.evil.com"}) {
    const auto refused = check_bind({.host = host});
    ASSERT_FALSE(refused) << host;
    EXPECT_EQ(refused.error().code(), ErrorCode::FailedPrecondition);
    EXPECT_THAT(std::string(refused.error().message()), HasSubstr("server.tokens"));
    EXPECT_TRUE(check_bind({.host = host, .insecure = true})) << host;
    EXPECT_TRUE(check_bind({.host = host, .tokens = {ApiToken{}}})) << host;
  }
}

TEST(AllowedHost, IsOursOrALiteralAddress) {
  const ServerConfig config{.host = "::", .allowed_hosts = {"Features.example.com"}};
  for (const char* host : {"localhost",
                           "localhost:6566",
                           "LOCALHOST",
                           "127.0.0.1:1",
                           "10.0.0.7",
                           "[::1]:6566",
                           "[2001:db8::1]",
                           "features.example.com:80"}) {
    EXPECT_TRUE(is_allowed_host(config, host)) << host;
  }
  for (const char* host : {"evil.example",
                           "features.example.com.evil.example",
                           "",
                           "127.evil.example",
                           "localhost.evil.example",
                           "[evil]",
                           "1"}) {
    EXPECT_FALSE(is_allowed_host(config, host)) << host;
  }
}

TEST(AllowedOrigin, IsListedExactly) {
  const ServerConfig config{.allowed_origins = {"https://console.example.com"}};
  EXPECT_TRUE(is_allowed_origin(config, "https://console.example.com"));
  for (const char* origin : {"http://console.example.com",
                             "https://console.example.com.evil.com",
                             "https://console.example.com:8443",
                             "null",
                             ""}) {
    EXPECT_FALSE(is_allowed_origin(config, origin)) << origin;
  }
}

}  // namespace
}  // namespace provender::server
