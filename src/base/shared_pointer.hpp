#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace provender {

/// A pointer to something immutable or shared that one thread replaces while others read it. Safe
/// for concurrent use. In place of std::atomic<std::shared_ptr>, which libstdc++ 12 releases with
/// relaxed order after a load: a data race.
template <class T>
class SharedPointer {
 public:
  std::shared_ptr<T> load() const {
    const std::scoped_lock lock(mutex_);
    return value_;
  }

  void store(std::shared_ptr<T> value) {
    const std::scoped_lock lock(mutex_);
    value_.swap(value);  // what was there before goes after the lock
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<T> value_;
};

}  // namespace provender
