#include "http/asio_events.hpp"

#include <array>
#include <atomic>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

namespace provender::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(ends.data()), 0); }
  ~Pipe() {
    for (const int end : ends) {
      ::close(end);
    }
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  std::array<int, 2> ends{};
};

struct Counter final : EventLoop::Watcher {
  void on_ready(bool readable, bool writable) override {
    reads += readable ? 1 : 0;
    writes += writable ? 1 : 0;
    if (then) then();
  }
  int reads = 0;
  int writes = 0;
  std::function<void()> then;
};

TEST(AsioEvents, TellOfWhatIsWantedAsLongAsItLasts) {
  boost::asio::io_context io;
  const Pipe pipe;
  Counter in;
  auto watch = watch_file(io, pipe.ends[0], in);
  EXPECT_EQ(::write(pipe.ends[1], "x", 1), 1);
  io.poll();
  EXPECT_EQ(in.reads, 0) << "nothing was wanted yet";
  in.then = [&] {
    if (in.reads == 3) watch->want(EventLoop::Interest::Nothing);
  };
  watch->want(EventLoop::Interest::Reading);
  io.restart();
  io.run();
  EXPECT_EQ(in.reads, 3);
}

TEST(AsioEvents, TellOfRoomToWrite) {
  boost::asio::io_context io;
  const Pipe pipe;
  Counter out;
  auto watch = watch_file(io, pipe.ends[1], out);
  out.then = [&] { watch->want(EventLoop::Interest::Nothing); };
  watch->want(EventLoop::Interest::Both);
  io.run_one();
  EXPECT_EQ(out.writes, 1);
  EXPECT_EQ(out.reads, 0);
}

TEST(AsioEvents, AWatchMayEndInItsCallbackAndLeavesTheFileOpen) {
  boost::asio::io_context io;
  const Pipe pipe;
  Counter in;
  auto watch = watch_file(io, pipe.ends[0], in);
  in.then = [&] { watch.reset(); };
  watch->want(EventLoop::Interest::Reading);
  EXPECT_EQ(::write(pipe.ends[1], "x", 1), 1);
  io.run();
  EXPECT_EQ(in.reads, 1);
  char byte = 0;
  EXPECT_EQ(::read(pipe.ends[0], &byte, 1), 1);
}

TEST(AsioEvents, AFileMayBeWatchedAnew) {
  boost::asio::io_context io;
  const Pipe pipe;
  Counter first;
  Counter second;
  auto watch = watch_file(io, pipe.ends[0], first);
  watch->want(EventLoop::Interest::Reading);
  watch.reset();
  watch = watch_file(io, pipe.ends[0], second);
  second.then = [&] { watch->want(EventLoop::Interest::Nothing); };
  watch->want(EventLoop::Interest::Reading);
  EXPECT_EQ(::write(pipe.ends[1], "x", 1), 1);
  io.run();
  EXPECT_EQ(first.reads, 0);
  EXPECT_EQ(second.reads, 1);
}

TEST(AsioEvents, ATimerIsCalledOnceForTheLastTimeThatWasSet) {
  boost::asio::io_context io;
  int calls = 0;
  const auto timer = make_timer(io, [&] { ++calls; });
  timer->set(steady_clock::now() + std::chrono::hours(1));
  timer->set(steady_clock::now() - milliseconds(2));
  timer->set(steady_clock::now() - milliseconds(1));
  io.run();
  EXPECT_EQ(calls, 1);
  timer->set(steady_clock::now());
  timer->set(EventLoop::Time::max());
  auto gone = make_timer(io, [] { ADD_FAILURE() << "it is gone"; });
  gone->set(steady_clock::now());
  gone.reset();
  io.restart();
  io.run();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace provender::http
