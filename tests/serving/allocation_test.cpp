/// That a request takes memory from the system, once warm, neither for its rows nor for its
/// features.

#include <gtest/gtest.h>

#include "http/test_allocations.hpp"
#include "http/test_support.hpp"
#include "serving/sample.hpp"

namespace provender::serving_test {
namespace {

/// The server's handler, watched from around it. What a request takes is what its loop takes until
/// the next one: it may be answered later than it is handled.
class Watched final : public http::Handler {
 public:
  Watched(std::unique_ptr<http::Handler> inner, std::atomic<std::size_t>& last)
      : inner_(std::move(inner)), last_(last) {}
  void begin(EventLoop& loop) override { inner_->begin(loop); }
  void handle(http::Exchange exchange) override {
    const std::size_t now = http::test::allocations();
    last_ = now - std::exchange(before_, now);
    inner_->handle(std::move(exchange));
  }

 private:
  std::unique_ptr<http::Handler> inner_;
  std::atomic<std::size_t>& last_;
  std::size_t before_ = 0;
};

class Allocations : public ::testing::TestWithParam<Sample::Store> {
 protected:
  Allocations() {
    server_ = http::Server::open(
                  http::test::test_options(),
                  [&](unsigned loop) {
                    return std::make_unique<Watched>(
                        std::make_unique<server::FeatureHandler>(sample_.context(), loop), last_);
                  },
                  logger_)
                  .value();
  }

  /// The fewest allocations of a request among some once it is warm: a look at the registry may
  /// come in between.
  std::size_t of_warm(const std::string& body, std::string_view accept = "*/*") {
    std::size_t fewest = SIZE_MAX;
    http::test::Client client(server_->port());
    for (int i = 0; i < 30; ++i) {
      client.send(Sample::post(body, accept));
      const auto reply = client.receive();
      EXPECT_EQ(reply.status, 200) << reply.body;
      if (i >= 5) fewest = std::min<std::size_t>(fewest, last_);
    }
    return fewest;
  }

  http::test::MemoryLogger logger_;
  Sample sample_{GetParam()};
  std::atomic<std::size_t> last_ = 0;
  std::unique_ptr<http::Server> server_;
};

TEST_P(Allocations, DoNotGrowWithFeaturesOrRows) {
  // The memory store keeps what it hands out in vectors of its own, a constant number of them.
  const std::size_t constant = GetParam() == Sample::Store::Memory ? 4 : 0;
  EXPECT_LE(of_warm(Sample::single(1)), constant);
  EXPECT_LE(of_warm(Sample::single(50)), constant);
  EXPECT_LE(of_warm(Sample::columns(50, 1)), constant);
  // An answer beyond what a connection keeps takes its memory in one piece.
  EXPECT_LE(of_warm(Sample::columns(50, 100)), constant + 2);
}

TEST_P(Allocations, OfArrowDoNotGrowWithRows) {
  const auto of_rows = [&](int rows) {
    return of_warm(Sample::columns(50, rows), "application/vnd.apache.arrow.stream");
  };
  EXPECT_LE(of_rows(100), of_rows(1) + 4);
}

INSTANTIATE_TEST_SUITE_P(Stores,
                         Allocations,
                         ::testing::Values(Sample::Store::Memory, Sample::Store::Lmdb),
                         [](const auto& store) {
                           return store.param == Sample::Store::Memory ? "Memory" : "Lmdb";
                         });

}  // namespace
}  // namespace provender::serving_test
