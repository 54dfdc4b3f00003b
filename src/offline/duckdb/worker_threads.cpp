#include "offline/duckdb/worker_threads.hpp"

#include <system_error>
#include <utility>

namespace provender::offline {

WorkerThreads::WorkerThreads(std::size_t count) {
  threads_.reserve(count);
  try {
    while (threads_.size() + 1 < count) {
      threads_.emplace_back([this](const std::stop_token& stop) { help(stop); });
    }
  } catch (const std::system_error&) {
    return;  // those that there are do all the work
  }
}

/// All are told before one is waited for.
WorkerThreads::~WorkerThreads() {
  for (std::jthread& thread : threads_) {
    thread.request_stop();
  }
}

void WorkerThreads::run(std::size_t parts, const std::function<void(std::size_t)>& work) {
  const auto shared = std::make_shared<SharedWork>(parts, work);
  publish(shared);
  shared->help();
  publish(nullptr);
  shared->wait();
}

void WorkerThreads::publish(std::shared_ptr<SharedWork> work) {
  {
    const std::scoped_lock lock(mutex_);
    if (work) ++published_;
    work_ = std::move(work);
  }
  changed_.notify_all();
}

void WorkerThreads::help(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  std::uint64_t seen = 0;  // who begins late helps too
  while (changed_.wait(lock, stop, [&] { return work_ && published_ != seen; })) {
    seen = published_;
    const auto work = work_;
    lock.unlock();
    work->help();
    lock.lock();
  }
}

}  // namespace provender::offline
