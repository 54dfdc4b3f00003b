#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include "offline/duckdb/task_queue.hpp"
#include "parquet/file_writer.hpp"

namespace provender::offline {

/// Writes row groups whose columns are made by several threads, each with a tool of its own: in
/// their order, and while the next ones are made. For one call of `run`.
template <class Tool>
class RowGroupQueue {
 public:
  /// Makes a column of a row group.
  using Make =
      std::function<Result<parquet::WrittenChunk>(Tool&, std::size_t group, std::size_t column)>;

  /// All must outlive it. `most_held`: bytes of the row groups that wait to be written, if that is
  /// more than one.
  RowGroupQueue(parquet::FileWriter& out,
                std::size_t groups,
                std::size_t most_held,
                const Make& make)
      : out_(out), make_(make), most_held_(most_held), groups_(groups) {}

  /// The first error is returned. Once `stop` is requested nothing more is written.
  Result<> run(WorkerThreads& threads, std::span<Tool> tools, std::stop_token stop) {
    stop_ = std::move(stop);
    // So many that all threads have something to do, whatever it is.
    const std::size_t most = std::min(groups_.size(), kGroupsAtOnce);
    while (begun_ < most && (begun_ == 0 || begun_ * out_.columns().size() < threads.count())) {
      begin_group();
    }
    return queue_.run(threads, tools, std::stop_source());
  }

 private:
  /// One that is written, and what is made meanwhile.
  static constexpr std::size_t kGroupsAtOnce = 3;

  struct Group {
    std::vector<parquet::WrittenChunk> chunks;  ///< by column
    std::size_t missing = 0;

    std::size_t bytes() const {
      std::size_t out = 0;
      for (const parquet::WrittenChunk& chunk : chunks) {
        out += chunk.bytes();
      }
      return out;
    }
  };

  /// Those that there is room for beside what has been begun, as far as it is known how large they
  /// are.
  void begin_groups() {
    while (!has_failed_ && begun_ < groups_.size() && begun_ - written_ < kGroupsAtOnce) {
      const bool fits = largest_ > 0 && (begun_ - written_ + 1) * largest_ <= most_held_;
      if (!fits && begun_ > written_) return;
      begin_group();
    }
  }

  void begin_group() {
    const std::size_t group = begun_++;
    const std::size_t columns = out_.columns().size();
    groups_[group].chunks.resize(columns);
    groups_[group].missing = columns;
    for (std::size_t column = 0; column < columns; ++column) {
      queue_.push_back([this, group, column](Tool& tool) { return make(tool, group, column); });
    }
  }

  Result<> make(Tool& tool, std::size_t group, std::size_t column) {
    auto chunk = make_(tool, group, column);
    std::unique_lock lock(mutex_);
    has_failed_ = has_failed_ || !chunk;
    if (!chunk) return std::move(chunk).error();
    Group& its = groups_[group];
    its.chunks[column] = *std::move(chunk);
    if (--its.missing > 0) return {};
    largest_ = std::max(largest_, its.bytes());
    begin_groups();
    if (is_writing_) return {};  // who writes looks again before it ends
    is_writing_ = true;
    auto done = write_ready(lock);
    is_writing_ = false;
    has_failed_ = has_failed_ || !done;
    return done;
  }

  Result<> write_ready(std::unique_lock<std::mutex>& lock) {
    while (!has_failed_ && written_ < begun_ && groups_[written_].missing == 0) {
      Group group = std::move(groups_[written_]);
      lock.unlock();
      auto done = write(std::move(group));
      lock.lock();
      if (!done) return done;
      ++written_;
      begin_groups();
    }
    return {};
  }

  /// And gives its memory up.
  Result<> write(Group group) {
    if (stop_.stop_requested()) return Error(ErrorCode::Cancelled, "stopped");
    const Group written = std::move(group);
    return out_.add_row_group(written.chunks);
  }

  parquet::FileWriter& out_;
  const Make& make_;
  std::stop_token stop_;
  std::size_t most_held_;
  BasicTaskQueue<Tool> queue_;
  std::mutex mutex_;
  // Guarded by mutex_, once it runs:
  std::vector<Group> groups_;
  std::size_t begun_ = 0;
  std::size_t written_ = 0;
  std::size_t largest_ = 0;  ///< bytes of one; 0: nobody knows yet
  bool is_writing_ = false;
  bool has_failed_ = false;  ///< nothing is begun or written any more
};

}  // namespace provender::offline
