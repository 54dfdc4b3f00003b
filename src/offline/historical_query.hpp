#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/definitions.hpp"
#include "offline/source_relation.hpp"

/// Point-in-time joins as SQL. Text in, text out.
namespace provender::offline {

/// One SQL statement of a longer work.
struct Statement {
  std::string phase;  ///< for progress: "user_activity: finds the rows"
  std::string sql;
};

/// Joins one view to the spine. The statements read the table `spine_table` (r the row's number,
/// k0, k1, … its keys, t its time in BIGINT microseconds; none is null: where few rows are joined,
/// DuckDB's ASOF join finds a match for a null time) and leave the table `result_table`: one row
/// per row with r, ts (the event timestamp of the row that is the value at t, null if there is
/// none), created, given (whether the ttl allows it; not null) and its features f0, f1, …, null
/// unless given.
struct ViewJoin {
  const FeatureView& view;
  const SourceRelation& relation;
  std::string name;  ///< for progress
  std::string spine_table;
  std::string result_table;
  std::vector<std::size_t> features;  ///< places in the view of those that the result has
  bool strictly_before = false;
  bool known_by_created = false;  ///< only rows created by t, if the view declares when that is
};
std::vector<Statement> compile_view_join(const ViewJoin& join);

/// One feature in the result tables.
struct ResultColumn {
  std::string result_table;
  std::size_t feature;  ///< place in the view
  Type type;
};
/// Its value, and the text of its status (rule 4), as expressions.
std::string value_expression(const ResultColumn& column);
std::string status_expression(const ResultColumn& column);

/// One feature of the answer.
struct AnswerColumn {
  std::string value;   ///< an expression
  std::string status;  ///< an expression
  std::string name;    ///< output name
  Type type;
  bool as_base64 = false;  ///< bytes, where the output is text
};

struct Answer {
  std::string spine;                       ///< what stands behind FROM; its alias is `spine`
  std::vector<std::string> spine_columns;  ///< expressions that are given first
  std::vector<AnswerColumn> columns;
  /// Tables that the columns are read from, by the rows of a table `spine`.
  std::vector<std::string> result_tables;
  bool with_status = false;              ///< a column NAME__status behind each feature
  std::string where;                     ///< which rows of the spine; empty: all
  std::size_t row_group_rows = 122'880;  ///< of Parquet that it is written to
};

/// A SELECT of all spine rows in their order, with the features of all views. Without result tables
/// the order is that of the scan, which DuckDB keeps.
std::string compile_answer(const Answer& answer);

/// A SELECT of how many answers of a view come from rows created after the time they were asked
/// for.
std::string compile_created_after(const std::string& spine_table, const std::string& result_table);

}  // namespace provender::offline
