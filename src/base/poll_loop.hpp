#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include <sys/epoll.h>

#include "provender/event_loop.hpp"
#include "provender/result.hpp"

namespace provender {

/// An event loop on epoll, turned by who owns it: a server's thread without end, or a caller that
/// blocks while it waits for something. A file that is looked at stays with the system from one
/// turn to the next, so going on to wait costs no call; only one watch of a file may want something
/// at a time. A forked child may only destroy it. Confined to one thread at a time, but for `post`.
class PollLoop final : public EventLoop {
 public:
  static Result<std::unique_ptr<PollLoop>> open();
  ~PollLoop() override;
  PollLoop(const PollLoop&) = delete;
  PollLoop& operator=(const PollLoop&) = delete;

  std::unique_ptr<Watch> watch(int file, Watcher& watcher) override;
  std::unique_ptr<Timer> timer(std::function<void()> on_time) override;
  /// From inside of a turn it costs no system call.
  void post(std::function<void()> work) override;

  /// Waits for the next events, at most until `deadline`, and has them handled. What is called may
  /// throw: that ends the turn, and loses none of the other events.
  void turn(Time deadline);

 private:
  class FileWatch;
  class OneTimer;
  PollLoop(int poll, int wakeup);

  Time next_timer() const;
  bool run_timers(Time now);
  void handle(std::size_t count);
  void tell_unwatched();
  void take_posted();
  void run_work();

  int poll_;
  pid_t process_;  ///< that opened it
  int wakeup_;     ///< an eventfd, readable when work was posted
  std::array<epoll_event, 64> events_{};
  std::span<epoll_event> waiting_;          ///< those of `events_` that were not handled yet
  std::vector<FileWatch*> unwatched_;       ///< the system refused; null where one went away
  std::vector<OneTimer*> timers_;           ///< null where one went away
  std::deque<std::function<void()>> work_;  ///< what was posted, once the turn knows of it
  std::atomic<std::thread::id> turner_;     ///< who is in `turn`
  std::mutex mutex_;                        // guards posted_
  std::vector<std::function<void()>> posted_;
};

}  // namespace provender
