#include "base/poll_loop.hpp"

#include <array>
#include <optional>

#include <gtest/gtest.h>
#include <unistd.h>

namespace provender {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(ends.data()), 0); }
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void fill() const { EXPECT_EQ(::write(ends[1], "x", 1), 1); }
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

class PollLoopTest : public testing::Test {
 protected:
  EventLoop::Time soon() { return steady_clock::now() + milliseconds(1); }
  EventLoop::Time late() { return steady_clock::now() + std::chrono::seconds(60); }
  std::unique_ptr<PollLoop> loop_ = *PollLoop::open();
};

TEST_F(PollLoopTest, TellsOfWhatIsWantedAsLongAsItLasts) {
  const Pipe pipe;
  Counter in;
  Counter out;
  const auto reading = loop_->watch(pipe.ends[0], in);
  const auto writing = loop_->watch(pipe.ends[1], out);
  pipe.fill();
  loop_->turn(soon());
  EXPECT_EQ(in.reads + out.writes, 0) << "nothing was wanted yet";
  reading->want(EventLoop::Interest::Reading);
  writing->want(EventLoop::Interest::Writing);
  loop_->turn(late());
  loop_->turn(late());
  EXPECT_EQ(in.reads, 2);
  EXPECT_EQ(out.writes, 2);
  writing->want(EventLoop::Interest::Nothing);
  loop_->turn(late());
  EXPECT_EQ(out.writes, 2);
}

TEST_F(PollLoopTest, TellsThatTheOtherEndHungUp) {
  Pipe pipe;
  Counter in;
  const auto reading = loop_->watch(pipe.ends[0], in);
  reading->want(EventLoop::Interest::Reading);
  ::close(pipe.ends[1]);
  pipe.ends[1] = ::dup(0);
  loop_->turn(late());
  EXPECT_EQ(in.reads, 1);
}

TEST_F(PollLoopTest, WatchesMayComeAndGoInACallback) {
  const Pipe pipe;
  Counter first;
  Counter second;
  auto a = loop_->watch(pipe.ends[0], first);
  auto b = loop_->watch(pipe.ends[0], second);
  std::vector<std::unique_ptr<EventLoop::Watch>> more;
  a->want(EventLoop::Interest::Reading);
  b->want(EventLoop::Interest::Reading);
  first.then = [&] {
    a.reset();
    b.reset();
    for (int i = 0; i < 100; ++i) {
      more.push_back(loop_->watch(pipe.ends[0], second));
    }
  };
  pipe.fill();
  loop_->turn(late());
  EXPECT_EQ(first.reads, 1);
  EXPECT_EQ(second.reads, 0) << "it was ended before its turn";
  for (const auto& watch : more) {
    watch->want(EventLoop::Interest::Reading);
  }
  loop_->turn(late());
  EXPECT_EQ(second.reads, 100);
}

TEST_F(PollLoopTest, CallsATimerOnceForEachTime) {
  int calls = 0;
  std::unique_ptr<EventLoop::Timer> other;
  const auto timer = loop_->timer([&] {
    ++calls;
    other.reset();
  });
  other = loop_->timer([&] { ADD_FAILURE() << "it is gone"; });
  timer->set(late());
  timer->set(soon());
  while (calls == 0) {
    loop_->turn(late());
  }
  loop_->turn(soon());
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace provender
