#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <stop_token>
#include <utility>

#include "provender/result.hpp"

#include "offline/duckdb/shared_work.hpp"
#include "offline/duckdb/worker_threads.hpp"

namespace provender::offline {

class Connection;

/// Work that some threads share, each with a tool of its own. A task may add others. Safe for
/// concurrent use.
template <class Tool>
class BasicTaskQueue {
 public:
  using Task = std::function<Result<>(Tool&)>;

  void push_back(Task task) {
    {
      const std::scoped_lock lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    changed_.notify_one();
  }

  /// Before what waits already.
  void push_front(Task task) {
    {
      const std::scoped_lock lock(mutex_);
      tasks_.push_front(std::move(task));
    }
    changed_.notify_one();
  }

  /// Calls `work(part)` for each part below `parts`, in the calling task and in threads that have
  /// nothing else to do; returns when all have ended, with what the first of them threw.
  void share(std::size_t parts, const std::function<void(std::size_t)>& work) {
    const auto shared = std::make_shared<SharedWork>(parts, work);
    try {
      for (std::size_t i = 1; i < parts; ++i) {
        push_front([shared](Tool&) -> Result<> {
          shared->help();
          return {};
        });
      }
    } catch (const std::bad_alloc&) {
      shared->help();  // with those that there are
    }
    shared->help();
    shared->wait();
  }

  /// How many threads have nothing to do, at least for now.
  std::size_t idle() {
    const std::scoped_lock lock(mutex_);
    return idle_;
  }

  /// Runs all tasks, each thread with one of `tools`; the first error is returned, and stops the
  /// others by `stop`.
  Result<> run(WorkerThreads& threads, std::span<Tool> tools, const std::stop_source& stop) {
    threads.run(tools.size(), [&](std::size_t i) { work(tools[i], stop); });
    if (error_) return *std::exchange(error_, std::nullopt);
    return {};
  }

 private:
  static Result<> run_task(const Task& task, Tool& tool) {
    try {
      return task(tool);
    } catch (const std::bad_alloc&) {
      return Error(ErrorCode::ResourceExhausted, "out of memory");
    } catch (const std::exception& thrown) {
      return Error(ErrorCode::Internal, thrown.what());
    }
  }

  void work(Tool& tool, const std::stop_source& stop) {
    std::unique_lock lock(mutex_);
    while (true) {
      ++idle_;
      changed_.wait(lock, [this] { return !tasks_.empty() || running_ == 0; });
      --idle_;
      if (tasks_.empty()) return;
      const Task task = std::move(tasks_.front());
      tasks_.pop_front();
      ++running_;
      lock.unlock();
      auto done = run_task(task, tool);
      if (!done) std::stop_source(stop).request_stop();
      lock.lock();
      --running_;
      if (!done) {
        if (!error_) error_ = std::move(done).error();
        tasks_.clear();
      }
      if (tasks_.empty() && running_ == 0) changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::deque<Task> tasks_;
  std::size_t running_ = 0;
  std::size_t idle_ = 0;  ///< threads that wait for a task
  std::optional<Error> error_;
};

using TaskQueue = BasicTaskQueue<Connection>;

}  // namespace provender::offline
