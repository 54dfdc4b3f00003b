#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "provender/result.hpp"

#include "model/definitions.hpp"

/// Keeps SQL views to what they are for: one SELECT that reads files it may read (design: only
/// tables, CTEs, other SQL views, and the readers of files). Works on the syntax tree that DuckDB's
/// json_serialize_sql gives. Pure.
namespace provender::offline {

/// A path in a statement: `FROM 'data/x.parquet'`, `read_csv('data/x.csv')`.
struct PathInSql {
  std::string path;
  std::size_t at;  ///< byte offset of its quoted text
};

struct SelectShape {
  std::vector<PathInSql> paths;  ///< in order of `at`
  std::vector<std::string>
      tables;  ///< names of tables that are neither paths nor CTEs of the statement
};

/// Reads the syntax tree of one statement. InvalidArgument says why it is not exactly one SELECT,
/// or what it reads by a way that is not allowed.
Result<SelectShape> read_select(std::string_view syntax_tree);

/// `sql` with each path in it replaced by the text that `absolute` has in its place.
/// InvalidArgument if a path does not stand in it as a plain quoted text.
Result<std::string> replace_paths(std::string_view sql,
                                  const std::vector<PathInSql>& paths,
                                  const std::vector<std::string>& absolute);

/// A statement and the SQL views that it uses, as one SELECT: each view a CTE, those used first.
struct NamedSelect {
  std::string name;
  std::string sql;
};
std::string compile_select(const std::vector<NamedSelect>& views, std::string_view sql);

/// The statement without the semicolon and white space behind it.
std::string_view trim_statement(std::string_view sql);

}  // namespace provender::offline
