#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace provender::offline {

/// What takes the rows of a scan, where several threads scan: one stream for each that does at the
/// time. DuckDB hands out row groups in their order, so that the rows of a stream ascend, and those
/// of one row group follow each other in it. Safe for concurrent use.
template <class Stream>
class RowStreams {
 public:
  /// `make` gives a stream that has taken nothing.
  explicit RowStreams(std::function<std::unique_ptr<Stream>()> make) : make_(std::move(make)) {}

  /// Calls `work` with the stream for rows whose numbers begin at `first` and end before `end`:
  /// that which took the ones before them, or else came next to them, or a new one.
  template <class Work>
  auto with(std::int64_t first, std::int64_t end, Work work) {
    std::unique_ptr<Stream> stream = take(first);
    auto done = work(*stream);
    const std::scoped_lock lock(mutex_);
    idle_.push_back({.end = end, .stream = std::move(stream)});
    return done;
  }

 private:
  struct Idle {
    std::int64_t end;  ///< of the rows that it took
    std::unique_ptr<Stream> stream;
  };

  std::unique_ptr<Stream> take(std::int64_t first) {
    const std::scoped_lock lock(mutex_);
    auto best = idle_.end();
    for (auto idle = idle_.begin(); idle != idle_.end(); ++idle) {
      if (idle->end > first) continue;
      if (best == idle_.end() || best->end < idle->end) best = idle;
    }
    if (best == idle_.end()) return make_();
    auto out = std::move(best->stream);
    idle_.erase(best);
    return out;
  }

  std::function<std::unique_ptr<Stream>()> make_;
  std::mutex mutex_;
  std::vector<Idle> idle_;  // guarded by mutex_
};

}  // namespace provender::offline
