#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/poll_loop.hpp"
#include "http/connection.hpp"
#include "http/server.hpp"

namespace provender::http {

/// One event loop: its connections, its handler, the tick that looks after both. Functions are
/// called on the thread that is in `run`, if they don't say otherwise.
class Loop {
 public:
  /// What the server's loops share; all of it outlives them.
  struct Shared {
    const ServerOptions& options;
    Logger& logger;
    std::atomic<std::size_t>& buffered;
    const TlsCredentials* tls;
  };
  Loop(const Shared& shared, std::unique_ptr<PollLoop> events, std::unique_ptr<Handler> handler);
  ~Loop() = default;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  PollLoop& events() noexcept { return *events_; }
  LoopState& state() noexcept { return state_; }
  /// Also called at each tick.
  void set_chore(std::function<void()> chore) { chore_ = std::move(chore); }

  /// Serves until drained. Called once, by the loop's own thread.
  void run();

  /// Lets the requests in hand be answered until `deadline`. May be called again with an earlier
  /// one.
  void drain(std::chrono::steady_clock::time_point deadline);
  /// After `run`: how many requests `drain` cut.
  std::size_t cut() const noexcept { return cut_; }

 private:
  void arm();
  void tick();

  const ServerOptions& options_;
  std::unique_ptr<PollLoop> events_;  ///< goes last
  std::unique_ptr<EventLoop::Timer> timer_;
  LoopState state_;
  std::function<void()> chore_;
  std::chrono::steady_clock::time_point drain_deadline_ =
      std::chrono::steady_clock::time_point::max();
  std::size_t cut_ = 0;
};

}  // namespace provender::http
