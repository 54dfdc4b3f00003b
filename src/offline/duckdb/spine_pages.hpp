#pragma once

#include <cstdint>
#include <span>
#include <stop_token>

#include "offline/duckdb/kernel_sinks.hpp"
#include "offline/duckdb/page_files.hpp"
#include "offline/duckdb/page_readers.hpp"
#include "offline/duckdb/row_progress.hpp"
#include "offline/duckdb/worker_threads.hpp"

namespace provender::offline {

/// Consecutive rows of a spine: [begin, end).
struct RowsOfSpine {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  std::uint64_t count() const { return end - begin; }
  PageFile::Rows of_file() const {
    return {.begin = static_cast<std::int64_t>(begin), .end = static_cast<std::int64_t>(end)};
  }
};

struct SpinePagesRequest {
  const PageFiles& pages;                           ///< one file
  std::span<const SourceRelation::Column> columns;  ///< keys, then time: they can be read
  std::span<const RequestKey> keys;                 ///< that are asked for, types resolved
  RowsOfSpine rows;
  PageReaders& readers;
  WorkerThreads& threads;
  std::stop_token stop;
  RowProgress& progress;
};

/// Reads keys and times of a spine's rows without DuckDB. Errors name the column; lost_value(): a
/// time is none.
Result<> read_spine_pages(const SpinePagesRequest& request, SpineSink& sink);

}  // namespace provender::offline
