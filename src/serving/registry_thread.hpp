#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace provender::serving {

/// Does what asks the registry, one thing after the other, so that no event loop waits for a file
/// that somebody else has locked. Safe for concurrent use.
class RegistryThread {
 public:
  RegistryThread();
  ~RegistryThread();  ///< waits for what is being done, and drops the rest
  RegistryThread(const RegistryThread&) = delete;
  RegistryThread& operator=(const RegistryThread&) = delete;

  /// Has `work` done some time. It must not throw, and owns what it needs. False: too much is
  /// waiting already.
  bool post(std::function<void()> work);

  /// The same, and waits until it is done, but not longer than `patience`, and not at all while the
  /// thread has been at one thing for that long. False: it is not done yet.
  bool run(std::function<void()> work, std::chrono::milliseconds patience);

 private:
  void serve(const std::stop_token& stop);

  std::mutex mutex_;  ///< guards the rest
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> waiting_;
  std::optional<std::chrono::steady_clock::time_point> busy_since_;
  std::jthread thread_;  ///< goes first
};

}  // namespace provender::serving
