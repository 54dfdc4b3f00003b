#include "offline/historical_query.hpp"

#include <fmt/format.h>

#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

/// Three steps, each exact whatever ties there are: (1) per spine row, what identifies the winning
/// rows up to their ties; (2) of those rows, one per identity, by the tie order; (3) one row per
/// spine row. Only step 1 knows the variants of the rule.
class JoinCompiler {
 public:
  explicit JoinCompiler(const ViewJoin& join)
      : join_(join),
        keys_(join.relation.keys),
        known_by_(join.known_by_created && join.relation.has_created) {}

  std::vector<Statement> compile() {
    if (known_by_) step("orders the rows by when they were known", known_rows());
    step("finds the times", winning_times());
    step("reads the rows", winning_rows());
    step("joins the rows", joined_rows());
    for (const std::string& table : temporary_) {
      if (table != join_.result_table) statements_.push_back({"", "DROP TABLE " + table});
    }
    return std::move(statements_);
  }

 private:
  void step(std::string_view what, std::string sql) {
    statements_.push_back({fmt::format("{}: {}", join_.name, what), std::move(sql)});
  }
  std::string table(std::string_view suffix) {
    temporary_.push_back(fmt::format("{}_{}", join_.result_table, suffix));
    return temporary_.back();
  }

  /// (event timestamp, created timestamp) as one number that orders like the pair.
  static std::string pair_order() {
    return "(CAST(ts AS HUGEINT) * 18446744073709551616 + created + 9223372036854775808)";
  }

  /// The source's rows of the spine's keys, without features: few columns for what is sorted.
  std::string rows_of_spine_keys() const {
    return fmt::format("(SELECT * FROM ({}) h SEMI JOIN {} s ON {})",
                       compile_relation(join_.relation, /*with_features=*/false),
                       join_.spine_table,
                       keys_equal(keys_, "h", "s"));
  }

  /// Known-by time: a row can be seen from the later of its two timestamps on, and then hides those
  /// that are less. The greatest pair seen so far, at each time one is seen.
  std::string known_rows() {
    known_ = table("known");
    const std::string seen =
        fmt::format("greatest(ts{}, created)", join_.strictly_before ? " + 1" : "");
    return fmt::format(
        "CREATE TEMP TABLE {} AS SELECT {}, {} AS seen, max({}) OVER (PARTITION BY {} ORDER BY {}) "
        "AS id "
        "FROM {} WHERE created IS NOT NULL",
        known_,
        key_list(keys_),
        seen,
        pair_order(),
        key_list(keys_),
        seen,
        rows_of_spine_keys());
  }

  std::string winning_times() {
    times_ = table("times");
    const std::string from = known_by_ ? known_
                                       : fmt::format("(SELECT {}, ts AS seen, ts AS id FROM {})",
                                                     key_list(keys_),
                                                     rows_of_spine_keys());
    const bool exclusive = join_.strictly_before && !known_by_;
    return fmt::format(
        "CREATE TEMP TABLE {} AS SELECT s.r, {}, s.t, h.id FROM {} s ASOF LEFT JOIN {} h ON {} AND "
        "s.t {} h.seen",
        times_,
        key_list(keys_, "s."),
        join_.spine_table,
        from,
        keys_equal(keys_, "s", "h"),
        exclusive ? ">" : ">=");
  }

  std::string winning_rows() {
    rows_ = table("rows");
    const std::string id = known_by_ ? pair_order() : "ts";
    return fmt::format(
        "CREATE TEMP TABLE {0} AS SELECT * FROM (SELECT *, {1} AS id FROM ({2})) h SEMI JOIN {3} w "
        "ON {4} AND h.id = w.id QUALIFY row_number() OVER (PARTITION BY {5}, id ORDER BY {6}) = 1",
        rows_,
        id,
        compile_relation(join_.relation, /*with_features=*/true),
        times_,
        keys_equal(keys_, "h", "w"),
        key_list(keys_),
        tie_order(join_.relation, join_.view));
  }

  std::string joined_rows() const {
    // In HUGEINT, so that t - ttl cannot overflow.
    const std::string given =
        join_.view.ttl ? fmt::format("coalesce(CAST(h.ts AS HUGEINT) + {} >= w.t, false)",
                                     join_.view.ttl->count())
                       : "h.ts IS NOT NULL";
    std::string features;
    for (const std::size_t i : join_.features) {
      features += fmt::format(", CASE WHEN {} THEN h.f{} END AS f{}", given, i, i);
    }
    return fmt::format(
        "CREATE TEMP TABLE {} AS SELECT w.r, h.ts, h.created, {} AS given{} FROM {} w LEFT JOIN {} "
        "h "
        "ON {} AND w.id = h.id",
        join_.result_table,
        given,
        features,
        times_,
        rows_,
        keys_equal(keys_, "w", "h"));
  }

  const ViewJoin& join_;
  const std::size_t keys_;
  const bool known_by_;
  std::vector<Statement> statements_;
  std::vector<std::string> temporary_;
  std::string known_;
  std::string times_;
  std::string rows_;
};

}  // namespace

std::vector<Statement> compile_view_join(const ViewJoin& join) {
  return JoinCompiler(join).compile();
}

std::string value_expression(const ResultColumn& column) {
  return fmt::format("{}.f{}", column.result_table, column.feature);
}

std::string status_expression(const ResultColumn& column) {
  return fmt::format(
      "CASE WHEN {0}.ts IS NULL THEN 'NOT_FOUND' WHEN NOT {0}.given THEN 'OUTSIDE_MAX_AGE' "
      "WHEN {0}.f{1} IS NULL THEN 'NULL_VALUE' ELSE 'PRESENT' END",
      column.result_table,
      column.feature);
}

std::string compile_answer(const Answer& answer) {
  std::vector<std::string> items = answer.spine_columns;
  for (const AnswerColumn& column : answer.columns) {
    items.push_back(
        fmt::format("{} AS {}",
                    column.as_base64 ? fmt::format("to_base64({})", column.value) : column.value,
                    sql::identifier(column.name)));
    if (!answer.with_status) continue;
    items.push_back(
        fmt::format("{} AS {}", column.status, sql::identifier(column.name + "__status")));
  }
  std::string joins;
  for (const std::string& table : answer.result_tables) {
    joins += fmt::format(" LEFT JOIN {0} ON {0}.r = spine.rowid", table);
  }
  return fmt::format("SELECT {} FROM {}{}{}{}{}",
                     sql::join(items, ", "),
                     answer.spine,
                     joins,
                     answer.where.empty() ? "" : " WHERE ",
                     answer.where,
                     joins.empty() ? "" : " ORDER BY spine.rowid");
}

std::string compile_created_after(const std::string& spine_table, const std::string& result_table) {
  return fmt::format(
      "SELECT count(*) FROM {0} JOIN {1} ON {0}.r = {1}.r WHERE {1}.given AND {1}.created > {0}.t",
      spine_table,
      result_table);
}

}  // namespace provender::offline
