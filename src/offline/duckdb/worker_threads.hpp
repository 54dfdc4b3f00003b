#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "offline/duckdb/shared_work.hpp"

namespace provender::offline {

/// Threads that wait for work. They are started before there is any: while a library is loaded,
/// none can be.
class WorkerThreads {
 public:
  /// As many as `count`, with the one that calls `run`; fewer, if the system gives no more.
  explicit WorkerThreads(std::size_t count);
  WorkerThreads(const WorkerThreads&) = delete;
  WorkerThreads& operator=(const WorkerThreads&) = delete;
  ~WorkerThreads();

  /// At least 1.
  std::size_t count() const { return threads_.size() + 1; }
  /// Calls `work(part)` for each part below `parts`, in the calling thread and in others; returns
  /// when all have ended, with what the first of them threw. For one caller at a time.
  void run(std::size_t parts, const std::function<void(std::size_t)>& work);

 private:
  void help(const std::stop_token& stop);
  void publish(std::shared_ptr<SharedWork> work);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_:
  std::shared_ptr<SharedWork> work_;
  std::uint64_t published_ = 0;  ///< how often there was work

  std::vector<std::jthread> threads_;
};

}  // namespace provender::offline
