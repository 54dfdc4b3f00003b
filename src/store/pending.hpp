#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "provender/result.hpp"

#include "base/try.hpp"

namespace provender::store {

/// A thing that may not be there yet. Safe for concurrent use.
template <class T>
class Pending {
 public:
  /// `open` gives NotFound as long as it is not there.
  explicit Pending(std::function<Result<std::unique_ptr<T>>()> open) : open_(std::move(open)) {}

  /// What was found before; nullptr: nothing yet. Waits for nobody.
  T* found() const { return found_.load(std::memory_order_acquire); }

  /// Looks for it. nullptr: not there yet.
  Result<T*> get() {
    if (T* known = found()) return known;
    const std::scoped_lock lock(mutex_);
    if (opened_) return opened_.get();
    auto opened = open_();
    if (!opened && opened.error().code() == ErrorCode::NotFound) return nullptr;
    PROVENDER_ASSIGN(opened_, std::move(opened));
    found_.store(opened_.get(), std::memory_order_release);
    return opened_.get();
  }

 private:
  std::function<Result<std::unique_ptr<T>>()> open_;
  std::mutex mutex_;  // guards opened_ until found_ tells of it
  std::unique_ptr<T> opened_;
  std::atomic<T*> found_ = nullptr;
};

}  // namespace provender::store
