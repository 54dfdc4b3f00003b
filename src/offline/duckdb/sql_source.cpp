#include "offline/duckdb/sql_source.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/try.hpp"
#include "offline/sql_text.hpp"
#include "offline/statement.hpp"

namespace provender::offline {
namespace {

/// Depth first over the SQL views that a statement uses.
class Resolver {
 public:
  Resolver(Connection& connection, const ProjectFiles& files, const Definitions& definitions)
      : connection_(connection), files_(files), definitions_(definitions) {}

  Result<ResolvedSelect> resolve(const std::string& sql) {
    PROVENDER_ASSIGN(const std::string checked, check(sql));
    return ResolvedSelect{.sql = compile_select(views_, checked), .files = std::move(reads_)};
  }

  Result<> use_view(const std::string& name) {
    const SqlView* view = definitions_.sql_view(name);
    if (view == nullptr) return unknown_table(name);
    if (used_.contains(view->name)) return {};
    if (!open_.insert(view->name).second) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("SQL view '{}' uses itself", view->name));
    }
    auto checked = check(view->sql);
    if (!checked) {
      return std::move(checked).error().within(fmt::format("SQL view '{}'", view->name));
    }
    used_.insert(view->name);
    views_.push_back({.name = view->name, .sql = *std::move(checked)});
    return {};
  }

 private:
  /// The statement with absolute paths, once all that it reads is allowed.
  Result<std::string> check(const std::string& sql) {
    PROVENDER_ASSIGN(const SelectShape shape, read(sql));
    std::vector<std::string> absolute;
    for (const PathInSql& path : shape.paths) {
      PROVENDER_ASSIGN(std::string full, files_.absolute(path.path));
      // Before looking whether the file is there: what is outside is none of the reader's business.
      PROVENDER_TRY(files_.check_inside(definitions_, {full}));
      PROVENDER_ASSIGN(const auto matches, files_.expand(connection_, full));
      PROVENDER_TRY(files_.check_inside(definitions_, matches));
      reads_.insert(reads_.end(), matches.begin(), matches.end());
      absolute.push_back(std::move(full));
    }
    for (const std::string& table : shape.tables) {
      PROVENDER_TRY(use_view(table));
    }
    PROVENDER_ASSIGN(std::string replaced, replace_paths(sql, shape.paths, absolute));

    // What will run must read what was checked, and nothing else.
    PROVENDER_ASSIGN(const SelectShape again, read(replaced));
    if (!std::ranges::equal(again.paths, absolute, {}, &PathInSql::path)) {
      return Error(ErrorCode::InvalidArgument, "its paths cannot be told apart from other text");
    }
    return replaced;
  }

  Result<SelectShape> read(const std::string& select) {
    PROVENDER_ASSIGN(const Rows tree,
                     connection_.query(fmt::format("SELECT CAST(json_serialize_sql({}) AS VARCHAR)",
                                                   sql::literal(select))));
    return read_select(std::get<std::string>(tree[0][0].storage));
  }

  Error unknown_table(const std::string& name) const {
    std::vector<std::string> names;
    for (const SqlView& view : definitions_.sql_views) {
      names.push_back(view.name);
    }
    return {ErrorCode::InvalidArgument,
            fmt::format("reads '{}', which is no SQL view{} and no path of a file",
                        name,
                        did_you_mean(name, names))};
  }

  Connection& connection_;
  const ProjectFiles& files_;
  const Definitions& definitions_;
  std::vector<NamedSelect> views_;  ///< those used by others first
  std::set<std::string> used_;
  std::set<std::string> open_;
  std::vector<std::string> reads_;  ///< files
};

}  // namespace

Result<ResolvedSelect> resolve_select(Connection& connection,
                                      const ProjectFiles& files,
                                      const Definitions& definitions,
                                      const Source& source) {
  Resolver resolver(connection, files, definitions);
  if (source.kind == Source::Kind::View) {
    return resolver.resolve(fmt::format("SELECT * FROM {}", sql::identifier(source.text)));
  }
  auto out = resolver.resolve(source.text);
  if (!out) return std::move(out).error().within("SQL of the source");
  return out;
}

}  // namespace provender::offline
