#pragma once

#include <deque>
#include <string>

#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/row_progress.hpp"
#include "pit/answers.hpp"
#include "pit/values.hpp"

namespace provender::offline {

/// SQL functions from the number of a spine row to what a view answers to it: so that the scan that
/// writes the spine's columns puts the features beside them, and nobody holds a whole row. Confined
/// to one thread; must outlive the queries that use its functions.
class AnswerFunctions {
 public:
  /// The functions know the rows from `first_row` on.
  /// `progress` counts the rows that are given.
  AnswerFunctions(Connection& connection, std::int64_t first_row, RowProgress& progress)
      : connection_(connection), first_row_(first_row), progress_(progress) {}

  /// A function of a feature's value; its name. What is given must outlive the queries.
  Result<std::string> add_value(const pit::Answers& answers, const pit::ValueStore& store);
  /// A function of the text of its status (rule 4).
  Result<std::string> add_status(const pit::Answers& answers, const pit::ValueStore& store);

  struct Feature {
    const pit::Answers* answers;
    const pit::ValueStore* store;
    std::int64_t first_row;
    RowProgress* progress;  ///< of one of all: it sees each row once
  };

 private:
  Result<std::string> add(const Feature& feature, Type type, duckdb_scalar_function_t function);

  Connection& connection_;
  std::int64_t first_row_;
  RowProgress& progress_;
  std::deque<Feature> features_;
};

/// DuckDB's type for values of `type`.
LogicalTypeHandle logical_type(Type type);

}  // namespace provender::offline
