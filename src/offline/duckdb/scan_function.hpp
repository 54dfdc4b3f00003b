#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <span>

#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/row_progress.hpp"
#include "offline/scan_query.hpp"

namespace provender::offline {

/// What a scan hands its rows to (compile_scan), batch by batch.
class RowSink {
 public:
  virtual ~RowSink() = default;
  /// `columns`: the row numbers, the columns, and whether something is lost. Called by the threads
  /// that DuckDB scans with.
  virtual Result<> take(std::span<const duckdb_vector> columns, std::size_t rows) = 0;
  /// Which rows it wants by what stands in a column, row after row or once for all that have the
  /// same. Asked where the scan chooses. `wanted` is 0 before. Called by the same threads.
  virtual void choose(duckdb_vector column, std::size_t rows, std::uint8_t* wanted) const;
};

/// The SQL functions by which a scan calls its sink. A scalar function sees the rows of a scan
/// without a copy, by all its threads; a table function would not know their order. Tokens cannot
/// be guessed: SQL of users runs in the same database. Safe for concurrent use.
class ScanFunction {
 public:
  static constexpr const char* kName = "provender_take";
  static constexpr const char* kChoice = "provender_choose";

  /// `progress` counts the rows of all scans, and outlives it.
  explicit ScanFunction(RowProgress& progress) : progress_(progress) {}

  /// Makes it known in the connection's database, which must run no scan after its end.
  Result<> register_in(Connection& connection);

  /// Runs one scan into `sink`: all of `query` but its functions and token is given. With `chosen`,
  /// only rows that the sink chooses by `chosen_by` are handed to it: DuckDB asks before it decodes
  /// the other columns. The sink's first error ends the scan.
  Result<> scan(Connection& connection, ScanQuery query, RowSink& sink, bool chosen = false);

  /// One running scan.
  struct Entry {
    RowSink* sink = nullptr;
    bool chosen = false;  ///< rows are counted where they are asked for
    std::mutex mutex;
    std::optional<Error> error;  // guarded by mutex
  };
  Entry* find(std::int64_t token);
  void count(std::size_t rows) { progress_.add(rows); }
  /// What the functions give.
  duckdb_value nothing() const { return nothing_.get(); }

 private:
  RowProgress& progress_;
  ValueHandle nothing_{duckdb_create_bool(false)};
  std::mutex mutex_;
  std::random_device random_;
  std::map<std::int64_t, std::unique_ptr<Entry>> entries_;  // guarded by mutex_
};

}  // namespace provender::offline
