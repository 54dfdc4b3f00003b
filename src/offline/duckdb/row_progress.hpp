#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "provender/control.hpp"

namespace provender::offline {

/// Counts the rows that a phase of a long work takes, by several threads, and tells who wants to
/// hear it: one thread at a time, some times a second. Safe for concurrent use.
class RowProgress {
 public:
  using Now = std::function<std::chrono::steady_clock::time_point()>;

  /// `to`: may be null, outlives it. `between`: a phase is told no more often.
  explicit RowProgress(Progress* to,
                       std::chrono::milliseconds between,
                       Now now = std::chrono::steady_clock::now)
      : to_(to), between_(between), now_(std::move(now)) {}

  /// A phase of `total` rows, 0 where that is not known. The one before is told to its end.
  void begin(std::string phase, std::uint64_t total = 0);
  /// Rows that are done.
  void add(std::uint64_t rows);
  /// Rows that turn out not to be needed, of the total.
  void need_not(std::uint64_t rows) { total_ -= rows; }

 private:
  void tell();

  Progress* to_;
  std::chrono::milliseconds between_;
  Now now_;
  std::atomic<std::uint64_t> done_ = 0;
  std::atomic<std::uint64_t> total_ = 0;
  std::mutex mutex_;
  // Guarded by mutex_:
  std::string phase_;
  std::chrono::steady_clock::time_point told_;
  std::uint64_t told_done_ = 0;
};

}  // namespace provender::offline
