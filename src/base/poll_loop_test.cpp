#include "base/poll_loop.hpp"

#include <array>
#include <stdexcept>
#include <string>

#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
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

/// More numbers of one file: a loop watches each number once.
struct Copies {
  Copies(int file, int count) {
    for (int i = 0; i < count; ++i) {
      files.push_back(::dup(file));
    }
  }
  ~Copies() {
    for (const int file : files) {
      ::close(file);
    }
  }
  Copies(const Copies&) = delete;
  Copies& operator=(const Copies&) = delete;
  std::vector<int> files;
};

struct Counter final : EventLoop::Watcher {
  void on_ready(bool readable, bool writable) override {
    reads += readable ? 1 : 0;
    writes += writable ? 1 : 0;
    refusals += readable || writable ? 0 : 1;
    if (then) then();
  }
  int reads = 0;
  int writes = 0;
  int refusals = 0;
  std::function<void()> then;
};

class PollLoopTest : public testing::Test {
 protected:
  EventLoop::Time soon() { return steady_clock::now() + milliseconds(1); }
  EventLoop::Time late() { return steady_clock::now() + std::chrono::seconds(60); }
  std::unique_ptr<PollLoop> loop_ = *PollLoop::open();
};

TEST_F(PollLoopTest, WhatIsPutOffToTheEndOfARoundIsDoneInIt) {
  const Pipe pipe;
  Counter in;
  int count = 0;
  const auto timer = loop_->timer([&] { ++count; });
  const auto reading = loop_->watch(pipe.ends[0], in);
  reading->want(EventLoop::Interest::Reading);
  in.then = [&] {
    timer->set(EventLoop::Time::min());
    EXPECT_EQ(count, 0);
  };
  pipe.fill();
  loop_->turn(late());
  EXPECT_EQ(in.reads, 1);
  EXPECT_EQ(count, 1);
  timer->set(EventLoop::Time::min());
  reading->want(EventLoop::Interest::Nothing);
  loop_->turn(late());
  EXPECT_EQ(count, 2) << "and at once where there is no round";
}

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

TEST_F(PollLoopTest, TellsThatTheSystemCannotLookAtAFile) {
  const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);  // such a file is always ready
  Counter told;
  Counter gone;
  auto watch = loop_->watch(file, told);
  watch->want(EventLoop::Interest::Reading);
  loop_->watch(file, gone)->want(EventLoop::Interest::Reading);
  EXPECT_EQ(told.refusals, 0) << "not from inside of a call";
  told.then = [&] { watch.reset(); };
  loop_->turn(late());
  loop_->turn(soon());
  EXPECT_EQ(told.refusals, 1);
  EXPECT_EQ(gone.refusals, 0);
  ::close(file);
}

TEST_F(PollLoopTest, WatchesMayComeAndGoInACallback) {
  const Pipe pipe;
  Counter first;
  Counter second;
  Counter late_comer;
  const Copies copies(pipe.ends[0], 101);
  auto a = loop_->watch(pipe.ends[0], first);
  auto b = loop_->watch(copies.files[100], second);
  std::vector<std::unique_ptr<EventLoop::Watch>> more;
  a->want(EventLoop::Interest::Reading);
  b->want(EventLoop::Interest::Reading);
  first.then = second.then = [&] {
    a.reset();
    b.reset();
    for (const int file : std::span(copies.files).first(100)) {
      more.push_back(loop_->watch(file, late_comer));
    }
  };
  pipe.fill();
  loop_->turn(late());
  EXPECT_EQ(first.reads + second.reads, 1) << "the other was ended before its turn";
  for (const auto& watch : more) {
    watch->want(EventLoop::Interest::Reading);
  }
  loop_->turn(late());
  loop_->turn(late());
  EXPECT_GE(late_comer.reads, 100) << "all have their turn, however few are told of at once";
}

TEST_F(PollLoopTest, IsNotTouchedByAChildThatDropsItsCopy) {
  const Pipe pipe;
  Counter in;
  auto watch = loop_->watch(pipe.ends[0], in);
  watch->want(EventLoop::Interest::Reading);
  const pid_t child = ::fork();
  if (child == 0) {
    watch.reset();
    ::_exit(0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  pipe.fill();
  loop_->turn(soon() + std::chrono::seconds(20));
  EXPECT_EQ(in.reads, 1);
}

TEST_F(PollLoopTest, IsNotKeptAwakeByAnErrorThatNobodyWantsToKnow) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  Counter in;
  const auto watch = loop_->watch(ends[0], in);
  watch->want(EventLoop::Interest::Reading);
  watch->want(EventLoop::Interest::Nothing);
  ::close(ends[1]);
  loop_->turn(late());  // told once, and not again
  bool is_time = false;
  const auto timer = loop_->timer([&] { is_time = true; });
  timer->set(soon());
  int turns = 0;
  while (!is_time) {
    loop_->turn(late());
    ++turns;
  }
  EXPECT_LE(turns, 10);
  EXPECT_EQ(in.reads, 0);
  watch->want(EventLoop::Interest::Reading);
  loop_->turn(late());
  EXPECT_EQ(in.reads, 1);
  ::close(ends[0]);
}

TEST_F(PollLoopTest, DoesWhatIsPostedInATurnAfterTheOtherEvents) {
  const Pipe pipe;
  std::string order;
  Counter first;
  Counter second;
  const Copies copies(pipe.ends[0], 1);
  const auto a = loop_->watch(pipe.ends[0], first);
  const auto b = loop_->watch(copies.files[0], second);
  a->want(EventLoop::Interest::Reading);
  b->want(EventLoop::Interest::Reading);
  first.then = second.then = [&] {
    order += 'e';
    loop_->post([&] {
      order += 'w';
      if (order.size() == 4) loop_->post([&] { order += 'l'; });
    });
  };
  pipe.fill();
  loop_->turn(late());
  EXPECT_EQ(order, "eeww");
  a->want(EventLoop::Interest::Nothing);
  b->want(EventLoop::Interest::Nothing);
  loop_->turn(late());
  EXPECT_EQ(order, "eewwl");
}

TEST_F(PollLoopTest, LosesNoEventToAnotherThatThrows) {
  const Pipe pipe;
  Counter first;
  Counter second;
  const Copies copies(pipe.ends[0], 1);
  const auto a = loop_->watch(pipe.ends[0], first);
  const auto b = loop_->watch(copies.files[0], second);
  a->want(EventLoop::Interest::Reading);
  b->want(EventLoop::Interest::Reading);
  first.then = second.then = [] { throw std::runtime_error("thrown by a test"); };
  int done = 0;
  loop_->post([] { throw std::runtime_error("thrown by a test"); });
  loop_->post([&] { ++done; });
  pipe.fill();
  for (int i = 0; i < 20; ++i) {
    try {
      loop_->turn(soon());
    } catch (const std::runtime_error&) {
      a->want(first.reads > 0 ? EventLoop::Interest::Nothing : EventLoop::Interest::Reading);
      b->want(second.reads > 0 ? EventLoop::Interest::Nothing : EventLoop::Interest::Reading);
    }
  }
  EXPECT_EQ(first.reads, 1);
  EXPECT_EQ(second.reads, 1);
  EXPECT_EQ(done, 1);
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
  timer->set(soon());
  loop_->turn(late());
  EXPECT_EQ(calls, 2) << "a turn that waits for a timer calls it";
}

}  // namespace
}  // namespace provender
