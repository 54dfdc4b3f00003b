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
    if (!groups_.empty()) begin_group();
    for (std::size_t columns = out_.columns().size();
         columns < threads.count() && begun_ < std::min(kGroupsAtOnce, groups_.size());
         columns += out_.columns().size()) {
      begin_group();
    }
    return queue_.run(threads, tools, std::stop_source());
  }

 private:
  /// What is made while one is written.
  static constexpr std::size_t kGroupsAtOnce = 3;

  struct Group {
    std::vector<parquet::WrittenChunk> chunks;  ///< by column
    std::size_t missing = 0;
    std::size_t bytes = 0;
  };

  /// Those that there is room for, as far as known.
  void begin_groups() {
    while (begun_ < groups_.size() && begun_ - written_ < kGroupsAtOnce) {
      const std::size_t bytes = (begun_ - written_ + 1) * largest_;
      const bool fits = largest_ > 0 && bytes <= most_held_;
      if (!fits && begun_ > written_) return;
      begin_group();
    }
  }

  /// Of a column that was made.
  void note_size(Group& group, std::size_t bytes) {
    group.bytes += bytes;
    const std::size_t columns = group.chunks.size();
    const std::size_t made = columns - group.missing;
    // Of a few columns nothing is concluded: one may have most of a row.
    if (made * 2 >= columns) largest_ = std::max(largest_, group.bytes / made * columns);
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
    if (!chunk) return std::move(chunk).error();
    std::unique_lock lock(mutex_);
    --groups_[group].missing;
    note_size(groups_[group], chunk->bytes());
    groups_[group].chunks[column] = *std::move(chunk);
    begin_groups();
    if (is_writing_) return {};  // who writes looks again before it ends
    is_writing_ = true;
    auto done = write_ready(lock);
    is_writing_ = !done;  // behind what could not be written nothing is
    return done;
  }

  Result<> write_ready(std::unique_lock<std::mutex>& lock) {
    for (; written_ < begun_ && groups_[written_].missing == 0; ++written_) {
      Group group = std::move(groups_[written_]);
      lock.unlock();
      auto done = write(std::move(group));
      lock.lock();
      if (!done) return done;
    }
    begin_groups();
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
  std::size_t largest_ = 0;  ///< bytes of one, about; 0: nobody knows yet
  bool is_writing_ = false;
};

}  // namespace provender::offline
