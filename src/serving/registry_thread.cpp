#include "serving/registry_thread.hpp"

#include <memory>
#include <utility>

namespace provender::serving {
namespace {

constexpr std::size_t kMostWaiting = 64;

}  // namespace

RegistryThread::RegistryThread() : thread_([this](const std::stop_token& stop) { serve(stop); }) {}

RegistryThread::~RegistryThread() = default;

void RegistryThread::serve(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
    if (stop.stop_requested()) return;
    const auto work = std::move(waiting_.front());
    waiting_.pop_front();
    busy_since_ = std::chrono::steady_clock::now();
    lock.unlock();
    work();
    lock.lock();
    busy_since_.reset();
    changed_.notify_all();
  }
}

bool RegistryThread::post(std::function<void()> work) {
  const std::scoped_lock lock(mutex_);
  if (waiting_.size() >= kMostWaiting) return false;
  waiting_.push_back(std::move(work));
  changed_.notify_all();
  return true;
}

bool RegistryThread::run(std::function<void()> work, std::chrono::milliseconds patience) {
  const auto now = std::chrono::steady_clock::now();
  const auto done = std::make_shared<bool>(false);  // guarded by the mutex
  std::unique_lock lock(mutex_);
  if (busy_since_ && now - *busy_since_ >= patience) return false;
  if (waiting_.size() >= kMostWaiting) return false;
  waiting_.emplace_back([this, done, work = std::move(work)] {
    work();
    const std::scoped_lock ended(mutex_);
    *done = true;
  });
  changed_.notify_all();
  return changed_.wait_until(lock, now + patience, [&] { return *done; });
}

}  // namespace provender::serving
