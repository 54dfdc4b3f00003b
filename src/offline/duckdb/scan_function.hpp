#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <string>

#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/row_progress.hpp"
#include "offline/scan_query.hpp"

namespace provender::offline {

/// What a sink's scan ends with when a value does not convert: the caller finds out which.
Error lost_value();
bool is_lost_value(const Error& error);

/// What a scan hands its rows to (compile_scan), batch by batch.
class RowSink {
 public:
  virtual ~RowSink() = default;
  /// `columns`: the row numbers, and the columns. Called by the threads that DuckDB scans with.
  virtual Result<> take(std::span<const duckdb_vector> columns, std::size_t rows) = 0;
  /// Which rows it wants, by the column that they are chosen by. Asked where the scan chooses.
  /// `wanted` is 0 before. Called by the same threads.
  virtual void choose(duckdb_vector column, std::size_t rows, std::uint8_t* wanted) const;
};

/// The SQL functions by which a scan calls its sink. A scalar function sees the rows of a scan
/// without a copy, by all its threads; a table function would not know their order. Each scan has
/// its own, under a name that cannot be guessed: SQL of users runs in the same database. Safe for
/// concurrent use.
class ScanFunction {
 public:
  /// `progress` counts the rows of all scans, and outlives it.
  explicit ScanFunction(RowProgress& progress) : progress_(progress) {}

  /// Whether only rows that the sink chooses are handed to it: DuckDB asks before it decodes the
  /// other columns. Of keys it may ask about each of a dictionary, so that who scans has to count
  /// the rows.
  enum class Choice : std::uint8_t { None, ByRow, ByKey };

  /// Runs one scan into `sink`: all of `query` but its functions is given. The sink's first error
  /// ends the scan. The connection's database must run none after its end.
  Result<> scan(Connection& connection,
                ScanQuery query,
                RowSink& sink,
                Choice choice = Choice::None);

  /// One scan.
  struct Entry {
    ScanFunction* function = nullptr;
    RowSink* sink = nullptr;  ///< null: it is over
    Choice choice = Choice::None;
    bool may_lose = false;  ///< the last column says which rows do
    ValueHandle nothing;    ///< what is given for each row
    std::mutex mutex;
    std::optional<Error> error;  // guarded by mutex
  };
  void count(std::size_t rows) { progress_.add(rows); }

 private:
  /// A new entry, and what is behind the names of its functions.
  std::pair<Entry&, std::string> add_entry();

  RowProgress& progress_;
  std::mutex mutex_;
  std::random_device random_;  // guarded by mutex_
  std::deque<Entry> entries_;  // guarded by mutex_ while it grows
};

}  // namespace provender::offline
