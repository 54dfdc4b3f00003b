#include "offline/duckdb/task_queue.hpp"

#include <new>
#include <thread>
#include <utility>

namespace provender::offline {
namespace {

Result<> run_task(const TaskQueue::Task& task, Connection& connection) {
  try {
    return task(connection);
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::ResourceExhausted, "out of memory");
  }
}

}  // namespace

void TaskQueue::push_back(Task task) {
  {
    const std::scoped_lock lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
}

void TaskQueue::push_front(Task task) {
  {
    const std::scoped_lock lock(mutex_);
    tasks_.push_front(std::move(task));
  }
  changed_.notify_one();
}

Result<> TaskQueue::run(std::span<Connection> connections, const std::stop_source& stop) {
  {
    std::vector<std::jthread> threads;
    for (Connection& connection : connections.subspan(1)) {
      threads.emplace_back([this, &connection, &stop] { work(connection, stop); });
    }
    work(connections.front(), stop);
  }
  if (error_) return *std::exchange(error_, std::nullopt);
  return {};
}

void TaskQueue::work(Connection& connection, const std::stop_source& stop) {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !tasks_.empty() || running_ == 0; });
    if (tasks_.empty()) return;
    const Task task = std::move(tasks_.front());
    tasks_.pop_front();
    ++running_;
    lock.unlock();
    auto done = run_task(task, connection);
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

}  // namespace provender::offline
