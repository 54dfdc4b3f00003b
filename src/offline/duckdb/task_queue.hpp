#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <vector>

#include "offline/duckdb/connection.hpp"

namespace provender::offline {

/// Work that some threads share, each with a connection of its own. A task may add others. Safe for
/// concurrent use.
class TaskQueue {
 public:
  using Task = std::function<Result<>(Connection&)>;

  void push_back(Task task);
  /// Before what waits already.
  void push_front(Task task);

  /// Runs all tasks; the first error is returned, and stops the others by `stop`.
  Result<> run(std::span<Connection> connections, const std::stop_source& stop);

 private:
  void work(Connection& connection, const std::stop_source& stop);

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::deque<Task> tasks_;
  std::size_t running_ = 0;
  std::optional<Error> error_;
};

}  // namespace provender::offline
