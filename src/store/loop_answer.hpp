#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "provender/result.hpp"

#include "serving/registry_thread.hpp"

namespace provender::store {

/// Asks for event loops what only the registry can say, which another process may have locked: a
/// thread asks, a loop waits for the answer a tenth of a second at most, and for the next second
/// not at all once that was in vain. Safe for concurrent use.
template <class T>
class LoopAnswer {
 public:
  /// `ask` may wait; it is called on the thread, by one at a time.
  explicit LoopAnswer(std::function<Result<T>()> ask) : ask_(std::move(ask)) {}

  /// Unavailable: no answer yet, try again.
  Result<T> get() {
    const std::scoped_lock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (failure_ && now < ask_again_) return *failure_;
    if (!thread_) thread_ = std::make_unique<serving::RegistryThread>();
    const auto answer = std::make_shared<std::optional<Result<T>>>();
    const bool is_there =
        thread_->run([this, answer] { answer->emplace(ask_()); }, std::chrono::milliseconds(100));
    failure_.reset();
    if (is_there && (*answer)->has_value()) return **std::move(*answer);
    failure_ = is_there ? std::move(**answer).error()
                        : Error(ErrorCode::Unavailable, "the registry does not answer: try again");
    ask_again_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    return *failure_;
  }

 private:
  std::function<Result<T>()> ask_;
  std::mutex mutex_;  ///< guards the rest
  std::optional<Error> failure_;
  std::chrono::steady_clock::time_point ask_again_;
  std::unique_ptr<serving::RegistryThread> thread_;  ///< goes first
};

}  // namespace provender::store
