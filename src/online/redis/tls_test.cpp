#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "online/redis/testing/probe.hpp"
#include "online/redis/testing/redis_server.hpp"

namespace provender::online::redis::testing {
namespace {

using ::testing::HasSubstr;

/// An authority, and certificates that it signed.
class Certificates {
 public:
  Certificates() {
    EXPECT_TRUE(run_program({"openssl",
                             "req",
                             "-x509",
                             "-newkey",
                             "ec",
                             "-pkeyopt",
                             "ec_paramgen_curve:P-256",
                             "-nodes",
                             "-days",
                             "2",
                             "-subj",
                             "/CN=authority",
                             "-keyout",
                             path("ca.key"),
                             "-out",
                             path("ca.pem")}));
    sign("server", "subjectAltName=IP:127.0.0.1,DNS:redis.example.com");
    sign("client", "subjectAltName=DNS:client.example.com");
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

 private:
  void sign(const std::string& name, const std::string& extension) const {
    EXPECT_TRUE(run_program({"openssl",
                             "req",
                             "-x509",
                             "-newkey",
                             "ec",
                             "-pkeyopt",
                             "ec_paramgen_curve:P-256",
                             "-nodes",
                             "-days",
                             "2",
                             "-subj",
                             "/CN=" + name,
                             "-addext",
                             extension,
                             "-CA",
                             path("ca.pem"),
                             "-CAkey",
                             path("ca.key"),
                             "-keyout",
                             path(name + ".key"),
                             "-out",
                             path(name + ".pem")}));
  }
  Folder folder_;
};

class RedisTlsTest : public ::testing::Test {
 protected:
  void start(const std::string& clients) {
    tls_port_ = free_port();
    auto started = RedisServer::start({"--tls-port",
                                       std::to_string(tls_port_),
                                       "--tls-cert-file",
                                       files_.path("server.pem"),
                                       "--tls-key-file",
                                       files_.path("server.key"),
                                       "--tls-ca-cert-file",
                                       files_.path("ca.pem"),
                                       "--tls-auth-clients",
                                       clients});
    ASSERT_TRUE(started) << started.error().message();
    server_ = *std::move(started);
  }
  RedisSettings settings(const std::string& host = "127.0.0.1") const {
    RedisSettings settings = settings_of("rediss://" + host + ":" + std::to_string(tls_port_));
    settings.tls.authorities = files_.path("ca.pem");
    settings.timeout = std::chrono::seconds(20);
    settings.connect_timeout = std::chrono::seconds(20);
    return settings;
  }
  static std::string read_with(const RedisSettings& settings) {
    const auto found = read_some(*open_store(settings), 0, 10);
    return found ? std::to_string(*found) + " rows" : std::string(found.error().message());
  }

  Certificates files_;
  int tls_port_ = 0;
  std::unique_ptr<RedisServer> server_;
};

TEST_F(RedisTlsTest, RowsGoBothWays) {
  start("no");
  const auto store = open_store(settings());
  ASSERT_TRUE(write_all(*store, 2'000, 1));
  EXPECT_EQ(read_some(*store, 0, 2'000).value_or(0), 4'000U);
  RedisSettings named = settings("localhost");
  named.tls.server_name = "redis.example.com";
  EXPECT_EQ(read_with(named), "20 rows");
}

TEST_F(RedisTlsTest, TheServerMustBeWhoItSaysAndSignedByWhomWeTrust) {
  start("no");
  EXPECT_THAT(read_with(settings("localhost")),
              ::testing::AllOf(HasSubstr("TLS handshake"), HasSubstr("ostname mismatch")));
  RedisSettings stranger = settings();
  stranger.tls.authorities = files_.path("client.pem");
  EXPECT_THAT(read_with(stranger), HasSubstr("TLS handshake"));
  const RedisSettings plain = settings_of("rediss://127.0.0.1:" + std::to_string(server_->port()));
  EXPECT_THAT(read_with(plain), HasSubstr("redis 127.0.0.1:"));
}

TEST_F(RedisTlsTest, AServerMayWantOurCertificate) {
  start("yes");
  EXPECT_THAT(read_with(settings()), HasSubstr("redis 127.0.0.1:"));
  RedisSettings known = settings();
  known.tls.certificate = files_.path("client.pem");
  known.tls.key = files_.path("client.key");
  EXPECT_EQ(read_with(known), "0 rows");
}

TEST_F(RedisTlsTest, FilesThatCannotBeUsedAreNamed) {
  tls_port_ = 1;
  const auto problem = [](const RedisSettings& settings) {
    const auto store =
        open_redis_store({.settings = settings, .project = "test", .registry_id = "1"});
    return store ? "fine" : std::string(store.error().message());
  };
  RedisSettings settings = this->settings();
  settings.tls.authorities = files_.path("missing.pem");
  EXPECT_THAT(problem(settings), ::testing::AllOf(HasSubstr("tls_ca"), HasSubstr("missing.pem")));
  settings = this->settings();
  settings.tls.certificate = files_.path("client.key");
  settings.tls.key = files_.path("client.key");
  EXPECT_THAT(problem(settings), HasSubstr("tls_certificate"));
  settings.tls.certificate = files_.path("client.pem");
  settings.tls.key = files_.path("server.key");
  EXPECT_THAT(problem(settings), HasSubstr("tls_key"));
  settings = settings_of("redis://127.0.0.1:1");
  settings.password_variable = "PROVENDER_TEST_NOT_SET";
  EXPECT_THAT(problem(settings), HasSubstr("PROVENDER_TEST_NOT_SET is not set"));
}

}  // namespace
}  // namespace provender::online::redis::testing
