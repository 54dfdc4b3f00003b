#pragma once

#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/row_progress.hpp"

namespace provender::offline {

/// The SQL function by which a statement tells how many rows it has taken so far. Safe for
/// concurrent use.
class RowCounter {
 public:
  /// A condition that always holds, and counts the rows that are asked it.
  static constexpr const char* kCondition = "provender_count()";

  /// `progress` must outlive it.
  explicit RowCounter(RowProgress& progress) : progress_(progress) {}

  /// Makes it known in the connection's database, which must run no statement after its end.
  Result<> register_in(Connection& connection);

  RowProgress& progress() { return progress_; }

 private:
  RowProgress& progress_;
};

}  // namespace provender::offline
