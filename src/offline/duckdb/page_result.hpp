#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <stop_token>
#include <vector>

#include "offline/duckdb/memory_plan.hpp"
#include "offline/duckdb/result_columns.hpp"
#include "offline/duckdb/row_progress.hpp"
#include "offline/duckdb/spine.hpp"
#include "offline/duckdb/worker_threads.hpp"
#include "parquet/file_writer.hpp"

namespace provender::offline {

/// A result that is written to a Parquet file without DuckDB: the spine's columns as they are, and
/// beside them the features. Confined to one thread, but works with several.
class PageResult {
 public:
  struct Request {
    const Spine& spine;        ///< Spine::gives_pages
    bool with_status = false;  ///< a column NAME__status behind each feature
    ResultBytes bytes;
    WorkerThreads& threads;
    std::stop_token stop;
    RowProgress& progress;
  };
  /// Into a file that is there, with these features. What the request refers to must outlive it. Io
  /// and the like.
  static Result<PageResult> create(const std::filesystem::path& path,
                                   const Request& request,
                                   std::span<const AnsweredFeature> features);

  /// Writes rows behind those that are there. ResourceExhausted: the disk is full, or a text too
  /// long; errors of the spine's file; Cancelled.
  Result<> append(const AnsweredRows& answered);
  Result<> finish() { return out_.finish(); }

 private:
  PageResult(const Request& request, parquet::FileWriter out, parquet::File spine)
      : request_(request), out_(std::move(out)), spine_(std::move(spine)) {}

  /// Makes the pages of one of the file's columns.
  Result<parquet::WrittenChunk> make_chunk(ResultColumns& tool,
                                           const AnsweredRows& answered,
                                           std::size_t column,
                                           RowsOfSpine rows) const;

  Request request_;
  parquet::FileWriter out_;
  parquet::File spine_;
};

}  // namespace provender::offline
