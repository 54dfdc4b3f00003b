/// That serving a request needs no memory from the system once a connection is warm.

#include <string>

#include <gtest/gtest.h>

#include "http/server.hpp"
#include "http/test_allocations.hpp"
#include "http/test_support.hpp"

namespace provender::http {
namespace {

TEST(Server, AllocatesNothingForARequestOnceWarm) {
  ServerOptions options = test::test_options();
  options.tick = std::chrono::milliseconds(1000);  // a tick may allocate
  const auto server = test::serve(options, [](Exchange exchange) {
    exchange.response().body.append(std::to_string(test::allocations()));
    exchange.send();
  });
  test::Client client(server->port());
  const std::string get = "GET /path?query HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n";
  const std::string post =
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 300\r\n\r\n" + std::string(300, 'x');
  const auto allocated_after = [&](int requests) {
    std::string last;
    for (int i = 0; i < requests; ++i) {
      EXPECT_TRUE(client.send(get + post));
      EXPECT_EQ(client.receive().status, 200);
      last = client.receive().body;
    }
    return std::stoul(last);
  };
  const std::size_t warm = allocated_after(10);
  EXPECT_GT(warm, 0U);
  EXPECT_LE(allocated_after(200) - warm, 20U);  // those of a tick in between
}

}  // namespace
}  // namespace provender::http
