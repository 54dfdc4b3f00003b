#pragma once

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

  /// All must outlive it.
  RowGroupQueue(parquet::FileWriter& out, std::size_t groups, const Make& make)
      : out_(out), make_(make), groups_(groups) {}

  /// The first error is returned. Once `stop` is requested nothing more is written.
  Result<> run(WorkerThreads& threads, std::span<Tool> tools, std::stop_token stop) {
    stop_ = std::move(stop);
    for (std::size_t i = 0; i < kGroupsAtOnce && i < groups_.size(); ++i) {
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
  };

  void begin_group() {
    const std::size_t group = begun_++;
    const std::size_t columns = out_.columns().size();
    groups_[group] = {.chunks = std::vector<parquet::WrittenChunk>(columns), .missing = columns};
    for (std::size_t column = 0; column < columns; ++column) {
      queue_.push_back([this, group, column](Tool& tool) { return make(tool, group, column); });
    }
  }

  Result<> make(Tool& tool, std::size_t group, std::size_t column) {
    auto chunk = make_(tool, group, column);
    if (!chunk) return std::move(chunk).error();
    std::unique_lock lock(mutex_);
    groups_[group].chunks[column] = *std::move(chunk);
    --groups_[group].missing;
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
      if (begun_ < groups_.size()) begin_group();
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
  BasicTaskQueue<Tool> queue_;
  std::mutex mutex_;
  // Guarded by mutex_, once it runs:
  std::vector<Group> groups_;
  std::size_t begun_ = 0;
  std::size_t written_ = 0;
  bool is_writing_ = false;
};

}  // namespace provender::offline
