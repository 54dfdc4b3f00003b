#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <latch>
#include <mutex>

namespace provender::offline {

/// Parts of some work that whoever has time takes one after the other. Safe for concurrent use.
class SharedWork {
 public:
  /// `work` must outlive the call of `wait`, but not who helps later: nothing is left for them.
  SharedWork(std::size_t parts, const std::function<void(std::size_t)>& work)
      : parts_(parts), work_(&work), ended_(static_cast<std::ptrdiff_t>(parts)) {}

  /// Takes parts until there are no more.
  void help() {
    for (std::size_t part = next_++; part < parts_; part = next_++) {
      do_part(part);
      ended_.count_down();
    }
  }

  /// Returns when all parts have ended; throws what the first of them threw.
  void wait() {
    ended_.wait();
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  void do_part(std::size_t part) {
    try {
      (*work_)(part);
    } catch (...) {
      const std::scoped_lock lock(mutex_);
      if (!thrown_) thrown_ = std::current_exception();
    }
  }

  std::size_t parts_;
  const std::function<void(std::size_t)>* work_;
  std::atomic<std::size_t> next_ = 0;
  std::latch ended_;
  std::mutex mutex_;
  std::exception_ptr thrown_;  ///< guarded by mutex_ until all have ended
};

}  // namespace provender::offline
