#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "provender/control.hpp"
#include "provender/historical.hpp"

#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/project_files.hpp"
#include "offline/duckdb/result_columns.hpp"
#include "offline/duckdb/row_progress.hpp"
#include "offline/duckdb/spine.hpp"
#include "offline/duckdb/staged_sources.hpp"
#include "offline/duckdb/worker_threads.hpp"
#include "offline/historical_query.hpp"
#include "offline/offline_store.hpp"

namespace provender::offline {

/// One way to join all views of a selection to a spine, in one or more passes of consecutive rows
/// of it. Confined to one thread.
class SelectionEngine {
 public:
  virtual ~SelectionEngine() = default;

  /// Whether a spine of Parquet must be staged for it.
  virtual bool needs_staged_spine() const = 0;
  /// Parquet is read without DuckDB as far as that can be done with pages that take so much;
  /// nullopt: DuckDB reads it.
  virtual std::optional<std::size_t> most_page_bytes() const = 0;

  /// Looks at the spine and the sources, on the connection that the spine was opened with, and
  /// plans.
  virtual Result<> open(Connection& connection, const Spine& spine) = 0;
  virtual std::size_t passes() const = 0;
  /// How the first pass will be done.
  virtual Result<HistoricalPlan> plan(Connection& connection, const Spine& spine) = 0;

  /// Answers the rows of a pass, in their order; what was answered before is gone then.
  virtual Result<> join(Connection& connection, const Spine& spine, std::size_t pass) = 0;
  /// What is to be selected then, on the same connection: the rows, the columns, one for each
  /// feature of the selection, and the tables that they are in.
  virtual Result<Answer> answer(Connection& connection, const Spine& spine) = 0;
  /// The same, where it need not be selected; nullopt: it must.
  virtual std::optional<AnsweredRows> answered() const = 0;
  /// Whether any value of them is -0.0.
  virtual Result<bool> has_negative_zero(Connection& connection) = 0;

  /// Of all passes, once they are done. Conflict: a source changed meanwhile.
  virtual Result<HistoricalReport> report() = 0;
};

struct EngineRequest {
  const HistoricalRequest& historical;
  const ProjectFiles& files;
  const OfflineOptions& options;
  std::stop_token stop;
  WorkerThreads& threads;
  RowProgress& progress;
  StagedSources& staged;
  std::span<const RequestKey> keys;  ///< of the selection, types resolved
  /// Of a database in which a scan keeps the order of the rows, because it has one thread.
  const DatabaseOptions& scans;
};
/// That of OfflineOptions::join_engine. What the request refers to must outlive it.
std::unique_ptr<SelectionEngine> make_engine(const EngineRequest& request);

}  // namespace provender::offline
