#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "provender/event_loop.hpp"
#include "provender/result.hpp"

namespace provender {

/// An event loop that its thread turns only while it waits for something: with it code made for
/// event loops also serves callers that block. Confined to one thread at a time.
class PollLoop final : public EventLoop {
 public:
  static Result<std::unique_ptr<PollLoop>> open();
  ~PollLoop() override;
  PollLoop(const PollLoop&) = delete;
  PollLoop& operator=(const PollLoop&) = delete;

  std::unique_ptr<Watch> watch(int file, Watcher& watcher) override;
  std::unique_ptr<Timer> timer(std::function<void()> on_time) override;
  void post(std::function<void()> work) override;

  /// Waits for the next event, at most until `deadline`, and has it handled.
  void turn(Time deadline);

 private:
  class FileWatch;
  class OneTimer;
  explicit PollLoop(int wakeup) : wakeup_(wakeup) {}

  void run_posted();
  void run_timers();

  int wakeup_;                       ///< an eventfd, readable when work was posted
  std::vector<FileWatch*> watches_;  ///< null where a watch went away during a turn
  std::vector<OneTimer*> timers_;    ///< the same
  std::mutex mutex_;                 // guards posted_
  std::vector<std::function<void()>> posted_;
};

}  // namespace provender
