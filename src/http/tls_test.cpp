#include "http/tls.hpp"

#include <fstream>
#include <thread>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/test_certificate.hpp"
#include "http/test_support.hpp"

namespace provender::http::test {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using ::testing::HasSubstr;

/// A blocking client that trusts one certificate.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, int least = TLS1_2_VERSION, int most = TLS1_3_VERSION)
      : stream_(io_, context_) {
    SSL_set_min_proto_version(stream_.native_handle(), least);
    SSL_set_max_proto_version(stream_.native_handle(), most);
    stream_.next_layer().connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
  }

  /// Empty: it worked.
  std::string greet() {
    boost::system::error_code ec;
    stream_.handshake(ssl::stream_base::client, ec);
    return ec ? ec.message() : "";
  }
  std::string issuer() {
    X509* const certificate = SSL_get1_peer_certificate(stream_.native_handle());
    std::array<char, 256> name{};
    X509_NAME_oneline(X509_get_subject_name(certificate), name.data(), name.size());
    X509_free(certificate);
    return name.data();
  }
  void send(std::string_view bytes) { asio::write(stream_, asio::buffer(bytes)); }
  /// Up to `end`.
  std::string receive(std::string_view end) {
    const std::size_t size = asio::read_until(stream_, asio::dynamic_buffer(received_), end);
    std::string text = received_.substr(0, size);
    received_.erase(0, size);
    return text;
  }
  /// All that comes, and how it ends.
  boost::system::error_code receive_all(std::string& text) {
    boost::system::error_code ec;
    asio::read(stream_, asio::dynamic_buffer(received_), ec);
    text = std::move(received_);
    return ec;
  }
  SSL* native() { return stream_.native_handle(); }
  tcp::socket& raw() { return stream_.next_layer(); }

 private:
  asio::io_context io_;
  ssl::context context_{ssl::context::tls_client};
  ssl::stream<tcp::socket> stream_;
  std::string received_;
};

class Tls : public ::testing::Test {
 protected:
  void SetUp() override { write_certificate(files_, "first"); }

  std::unique_ptr<Server> serve_tls(Logger* logger = nullptr) {
    ServerOptions options = test_options();
    options.tls = files_;
    return serve(std::move(options), echo, logger);
  }
  static std::string fails(const TlsFiles& files) {
    return std::string(TlsCredentials::open(files).error().message());
  }
  static void write(const std::filesystem::path& file, std::string_view text) {
    std::ofstream(file, std::ios::trunc) << text;
  }

  TestFolder folder_;
  TlsFiles files_{.certificate = folder_.path() / "server.crt",
                  .key = folder_.path() / "server.key"};
};

TEST_F(Tls, AnswersAgainAndAgainOnOneConnection) {
  const auto server = serve_tls();
  TlsClient client(server->port());
  ASSERT_EQ(client.greet(), "");
  for (int i = 0; i < 3; ++i) {
    client.send("GET /a HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_THAT(client.receive("GET /a? "), HasSubstr("HTTP/1.1 200 OK"));
  }
}

TEST_F(Tls, AnswersPipelinedRequestsInOrder) {
  const auto server = serve_tls();
  TlsClient client(server->port());
  ASSERT_EQ(client.greet(), "");
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: test\r\n\r\n";
  }
  client.send(requests);
  for (int i = 0; i < 50; ++i) {
    client.receive("GET /" + std::to_string(i) + "? ");
  }
}

TEST_F(Tls, CarriesBodiesOfManyRecordsBothWays) {
  const auto server = serve_tls();
  TlsClient client(server->port());
  ASSERT_EQ(client.greet(), "");
  const std::string body(1'000'000, 'x');
  client.send("POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 1000001\r\n\r\n" + body + "!");
  EXPECT_THAT(client.receive("!"), HasSubstr("POST /a? " + body));
}

TEST_F(Tls, EndsWithCloseNotifySoThatNobodyCanCutAnAnswer) {
  const auto server = serve_tls();
  TlsClient client(server->port());
  ASSERT_EQ(client.greet(), "");
  client.send("GET /a HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
  std::string text;
  EXPECT_EQ(client.receive_all(text), asio::error::eof);
  EXPECT_THAT(text, HasSubstr("GET /a? "));
}

TEST_F(Tls, AnswersWhomItRefusesThoughTheyGoOnSending) {
  const auto server = serve_tls();
  TlsClient client(server->port());
  ASSERT_EQ(client.greet(), "");
  client.send("POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 99999999\r\n\r\n" +
              std::string(100'000, 'x'));
  EXPECT_THAT(client.receive("}}"), HasSubstr("HTTP/1.1 413 "));
}

TEST_F(Tls, RefusesOldProtocols) {
  const auto server = serve_tls();
  TlsClient old(server->port(), TLS1_VERSION, TLS1_1_VERSION);
  SSL_set_cipher_list(old.native(), "ALL:@SECLEVEL=0");
  EXPECT_NE(old.greet(), "");
  EXPECT_EQ(TlsClient(server->port(), TLS1_2_VERSION, TLS1_2_VERSION).greet(), "");
  EXPECT_EQ(TlsClient(server->port(), TLS1_3_VERSION, TLS1_3_VERSION).greet(), "");
}

TEST_F(Tls, SpeaksHttp1ByAlpnAndNothingElse) {
  const auto server = serve_tls();
  constexpr std::string_view kBoth = "\x02h2\x08http/1.1";
  TlsClient both(server->port());
  SSL_set_alpn_protos(both.native(), reinterpret_cast<const unsigned char*>(kBoth.data()), 12);
  ASSERT_EQ(both.greet(), "");
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(both.native(), &chosen, &size);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(chosen), size), "http/1.1");
  TlsClient only_h2(server->port());
  SSL_set_alpn_protos(only_h2.native(), reinterpret_cast<const unsigned char*>(kBoth.data()), 3);
  EXPECT_NE(only_h2.greet(), "");
}

TEST_F(Tls, DisconnectsWhoSpeaksPlainHttp) {
  const auto server = serve_tls();
  Client client(server->port());
  EXPECT_TRUE(client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n"));
  EXPECT_EQ(client.receive().status, 0);
  EXPECT_TRUE(eventually([&] { return server->connections() == 0; }));
}

TEST_F(Tls, DisconnectsWhoNeverGreets) {
  ServerOptions options = test_options();
  options.tls = files_;
  options.limits.header_time = std::chrono::milliseconds(50);
  const auto server = serve(std::move(options), echo);
  Client client(server->port());
  EXPECT_TRUE(client.send("\x16\x03"));
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Tls, SurvivesRandomBytesBeforeAndAfterTheHandshake) {
  const auto server = serve_tls();
  unsigned seed = 1;
  for (int i = 0; i < 50; ++i) {
    std::string noise(200, '\0');
    for (char& c : noise) {
      c = static_cast<char>((seed = seed * 1664525 + 1013904223) >> 24U);
    }
    Client(server->port()).send(noise);
    TlsClient client(server->port());
    ASSERT_EQ(client.greet(), "");
    boost::system::error_code ignored;
    asio::write(client.raw(), asio::buffer(noise), ignored);
  }
  EXPECT_EQ(TlsClient(server->port()).greet(), "");
}

TEST_F(Tls, GivesNewConnectionsARenewedCertificate) {
  MemoryLogger logger;
  const auto server = serve_tls(&logger);
  TlsClient old(server->port());
  ASSERT_EQ(old.greet(), "");
  EXPECT_THAT(old.issuer(), HasSubstr("first"));
  write_certificate(files_, "second");
  EXPECT_TRUE(eventually([&] {
    TlsClient client(server->port());
    return client.greet().empty() && client.issuer().find("second") != std::string::npos;
  }));
  old.send("GET /a HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_THAT(old.receive("GET /a? "), HasSubstr("200 OK"));
}

TEST_F(Tls, KeepsTheOldCertificateWhileTheNewOneIsOfNoUse) {
  const auto credentials = TlsCredentials::open(files_);
  ASSERT_TRUE(credentials);
  const auto first = (*credentials)->current();
  EXPECT_FALSE(*(*credentials)->refresh());
  write(files_.certificate, "half of");
  EXPECT_THAT(std::string((*credentials)->refresh().error().message()), HasSubstr("server.crt"));
  EXPECT_FALSE(*(*credentials)->refresh());  // said once
  EXPECT_EQ((*credentials)->current(), first);
  write_certificate(files_, "second");
  EXPECT_TRUE(*(*credentials)->refresh());
  EXPECT_NE((*credentials)->current(), first);
}

TEST_F(Tls, SaysWhichFileIsWrong) {
  EXPECT_THAT(fails({.certificate = "/nowhere.crt", .key = files_.key}), HasSubstr("/nowhere.crt"));
  EXPECT_THAT(fails({.certificate = files_.certificate, .key = "/nowhere.key"}),
              HasSubstr("/nowhere.key"));
  EXPECT_THAT(fails({.certificate = files_.key, .key = files_.key}),
              HasSubstr("expected certificates in PEM"));
  EXPECT_THAT(fails({.certificate = files_.certificate, .key = files_.certificate}),
              HasSubstr("expected a private key in PEM"));
  const TlsFiles other{.certificate = folder_.path() / "other.crt",
                       .key = folder_.path() / "other.key"};
  write_certificate(other, "other");
  EXPECT_THAT(fails({.certificate = files_.certificate, .key = other.key}),
              HasSubstr("that belongs to the certificate"));
  write_certificate(other, "other", "a password");
  EXPECT_THAT(fails(other), HasSubstr("without a password"));
}

}  // namespace
}  // namespace provender::http::test
