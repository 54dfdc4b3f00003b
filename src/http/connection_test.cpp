#include "http/connection.hpp"

#include <array>

#include <sys/socket.h>

#include <gtest/gtest.h>
#include <unistd.h>

#include "http/test_support.hpp"

namespace provender::http {
namespace {

/// A loop that cannot look at files.
class BlindLoop final : public EventLoop {
 public:
  std::unique_ptr<Watch> watch(int /*file*/, Watcher& watcher) override {
    struct Blind final : Watch {
      void want(Interest /*interest*/) override {}
    };
    watchers.push_back(&watcher);
    return std::make_unique<Blind>();
  }
  std::unique_ptr<Timer> timer(std::function<void()> /*on_time*/) override { return nullptr; }
  void post(std::function<void()> work) override { work(); }

  std::vector<Watcher*> watchers;
};

TEST(Connection, IsClosedAtOnceWhenTheSystemCannotWaitForItsClient) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
  BlindLoop events;
  const Limits limits;
  test::MemoryLogger logger;
  std::atomic<std::size_t> buffered = 0;
  LoopState loop{.events = events,
                 .limits = limits,
                 .logger = logger,
                 .buffered = buffered,
                 .tls = nullptr,
                 .handler = nullptr,
                 .date = "",
                 .connections = {}};
  Connection::serve(loop, ends[0]);
  ASSERT_EQ(loop.connections.size(), 1U);
  events.watchers.front()->on_ready(/*readable=*/false, /*writable=*/false);
  EXPECT_TRUE(loop.connections.empty());
  char byte = 0;
  EXPECT_EQ(::recv(ends[1], &byte, 1, 0), 0) << "the end of the connection";
  ::close(ends[1]);
}

}  // namespace
}  // namespace provender::http
