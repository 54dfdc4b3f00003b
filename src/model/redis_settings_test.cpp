#include "model/redis_settings.hpp"

#include <gtest/gtest.h>

namespace provender {
namespace {

std::string problem_of(std::string_view url) {
  const auto parsed = parse_redis_url(url);
  return parsed ? "fine" : std::string(parsed.error().message());
}

TEST(RedisUrl, NamesAServerAndItsDatabase) {
  const auto url = parse_redis_url("redis://cache.example.com:7000/3");
  ASSERT_TRUE(url) << url.error().message();
  EXPECT_EQ(url->servers, (std::vector<RedisAddress>{{.host = "cache.example.com", .port = 7000}}));
  EXPECT_EQ(url->database, 3);
  EXPECT_FALSE(url->has_tls || url->is_cluster);
  EXPECT_EQ(parse_redis_url("redis://h")->servers.front().port, 6379);
  EXPECT_EQ(parse_redis_url("redis://h/")->database, 0);
  EXPECT_TRUE(parse_redis_url("rediss://h")->has_tls);
}

TEST(RedisUrl, NamesAnAddressOfIpV6) {
  const auto url = parse_redis_url("redis://[::1]:7000");
  ASSERT_TRUE(url) << url.error().message();
  EXPECT_EQ(url->servers.front(), (RedisAddress{.host = "::1", .port = 7000}));
  EXPECT_EQ(to_string(url->servers.front()), "[::1]:7000");
  EXPECT_EQ(parse_redis_url("redis://[::1]")->servers.front().host, "::1");
}

TEST(RedisUrl, HasAUserAndAPassword) {
  const auto url = parse_redis_url("redis://ada:p%40ss%3A%25@h");
  ASSERT_TRUE(url) << url.error().message();
  EXPECT_EQ(url->user, "ada");
  EXPECT_EQ(url->password, "p@ss:%");
  EXPECT_EQ(parse_redis_url("redis://:secret@h")->password, "secret");
  EXPECT_EQ(parse_redis_url("redis://:secret@h")->user, "");
}

TEST(RedisUrl, NamesASocket) {
  const auto url = parse_redis_url("unix://:secret@/run/my%20redis.sock?db=2");
  ASSERT_TRUE(url) << url.error().message();
  EXPECT_EQ(url->socket, "/run/my redis.sock");
  EXPECT_EQ(url->password, "secret");
  EXPECT_EQ(url->database, 2);
  EXPECT_TRUE(url->servers.empty());
}

TEST(RedisUrl, NamesServersOfACluster) {
  const auto url = parse_redis_url("rediss+cluster://u:p@a:7000,[::1]:7001");
  ASSERT_TRUE(url) << url.error().message();
  EXPECT_TRUE(url->is_cluster && url->has_tls);
  EXPECT_EQ(url->servers, (std::vector<RedisAddress>{{"a", 7000}, {"::1", 7001}}));
}

TEST(RedisUrl, SaysWhatIsWrong) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"localhost:6379", "expected a URL of redis://"},
      {"http://h", "expected a URL of redis://"},
      {"redis://", "expected a host"},
      {"redis://:7000", "expected a host"},
      {"redis://h:0", "expected a port"},
      {"redis://h:65536", "expected a port"},
      {"redis://h:", "expected a port"},
      {"redis://h:7x", "expected a port"},
      {"redis://::1", "in brackets"},
      {"redis://[::1", "expected ']'"},
      {"redis://[::1]x:1", "behind an IPv6 address"},
      {"redis://h/x", "number of a database"},
      {"redis://h/-1", "number of a database"},
      {"redis://a,b", "redis+cluster://"},
      {"redis+cluster://a:1/1", "no databases"},
      {"redis+cluster://a:1,", "expected a host"},
      {"redis://u:50%@h", "percent-encoded"},
      {"unix://run/redis.sock", "absolute path"},
      {"unix:///a?x=1", "?db=N"},
      {"unix:///a?db=x", "number of a database"}};
  for (const auto& [url, expected] : cases) {
    EXPECT_NE(problem_of(url).find(expected), std::string::npos) << url << ": " << problem_of(url);
  }
  EXPECT_NE(problem_of("unix:///" + std::string(107, 'x')).find("107"), std::string::npos);
}

TEST(RedisUrl, ShowsNoPartOfABadOne) {
  for (const auto* url :
       {"redis://u:secret%@h", "redis://u:secret@h:x", "secret", "redis://secret:x"}) {
    EXPECT_EQ(problem_of(url).find("secret"), std::string::npos) << url;
  }
}

}  // namespace
}  // namespace provender
