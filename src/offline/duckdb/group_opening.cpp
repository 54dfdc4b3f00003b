#include "offline/duckdb/group_opening.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/duckdb/footer_layout.hpp"
#include "offline/duckdb/source_reader.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

/// A relation whose columns are those of a table that was made of it.
SourceRelation relation_of_table(SourceRelation relation, const std::string& table) {
  SourceRelation::Part& part = relation.parts.front();
  part.source.from = table;
  part.source.position = "rowid";
  for (SourceRelation::Column& column : part.columns) {
    column.source = column.name;
    column.conversion = {.value = column.name, .is_exact = {}};
    if (column.name == "ts" || column.name == "created") column.native_type = "BIGINT";
  }
  return relation;
}

/// Rows of a SELECT have no order of their own: they get the one that decides between tied rows of
/// the view.
Result<> sort_ties(Connection& connection,
                   const FeatureView& view,
                   StagedSources& staged,
                   SourceGroup& group) {
  SourceGroup::View& only = group.views.front();
  const std::string sorted = fmt::format("sorted_{}", only.index);
  staged.progress().begin("orders the rows of " + view.source.text);
  PROVENDER_TRY(
      connection.execute(fmt::format("CREATE TEMP TABLE {} AS SELECT * FROM ({}) ORDER BY {}",
                                     sorted,
                                     compile_relation(only.relation, true),
                                     tie_order(only.relation, view, Best::Last))));
  only.relation = relation_of_table(std::move(only.relation), sorted);
  return staged.leave(connection, view.source);
}

Result<> open_staged(const OpenRequest& request, SourceReader& reader, SourceGroup& group) {
  for (SourceGroup::View& view : group.views) {
    const FeatureView& definition =
        *request.definitions.feature_view(request.selection.views[view.index].view);
    PROVENDER_ASSIGN(OpenedSource source, reader.open(definition, view.features, request.staged));
    group.rows = source.rows;
    group.skipped_rows = source.skipped_rows;
    view.relation = std::move(source.relation);
    if (view.relation.ties_by_features) {
      return sort_ties(request.connection, definition, request.staged, group);
    }
  }
  return {};
}

/// nullopt: one of the views has none.
std::optional<Duration> longest_ttl(const Definitions& definitions,
                                    const Selection& selection,
                                    const SourceGroup& group) {
  std::optional<Duration> out = Duration(0);
  for (const SourceGroup::View& view : group.views) {
    const auto& ttl = definitions.feature_view(selection.views[view.index].view)->ttl;
    if (!ttl) return std::nullopt;
    out = std::max(*out, *ttl);
  }
  return out;
}

/// Opens a group of Parquet files: by what their footers tell, or else by what DuckDB does.
class ParquetOpening {
 public:
  ParquetOpening(const OpenRequest& request, SourceGroup& group)
      : request_(request), group_(group) {}

  Result<> open() {
    const FeatureView& first = view_at(0);
    auto files = request_.files.expand(request_.connection, first.source.text);
    if (!files) return within(std::move(files).error(), first);
    group_.files = *std::move(files);
    PROVENDER_ASSIGN(group_.states, FileStates::of(request_.files, group_.files));
    if (request_.most_page_bytes) {
      PROVENDER_ASSIGN(group_.pages,
                       PageFiles::of({.files = group_.files,
                                      .columns = asked_columns(/*with_features=*/true),
                                      .bounded = asked_columns(/*with_features=*/false),
                                      .most_page_bytes = *request_.most_page_bytes,
                                      .stop = request_.stop}));
    }
    if (!plan_by_footers()) PROVENDER_TRY(plan_by_queries());
    for (std::size_t part = 0; part < group_.relation().parts.size(); ++part) {
      PROVENDER_TRY(add_row_groups(part));
    }
    plan_pages();
    return {};
  }

 private:
  const FeatureView& view_at(std::size_t i) const {
    return *request_.definitions.feature_view(request_.selection.views[group_.views[i].index].view);
  }

  static Error within(Error error, const FeatureView& view) {
    return std::move(error).within(fmt::format("feature view '{}'", view.name));
  }

  std::set<std::string> asked_columns(bool with_features) const {
    std::set<std::string> out;
    for (std::size_t i = 0; i < group_.views.size(); ++i) {
      const std::vector<std::size_t> none;
      const FeatureView& view = view_at(i);
      const auto names =
          source_columns({.view = view,
                          .keys = join_keys(request_.definitions, view),
                          .features = with_features ? group_.views[i].features : none});
      out.insert(names.begin(), names.end());
    }
    return out;
  }

  Result<SourceRelation> relation_of(std::size_t i, const SourceShape& shape) const {
    const FeatureView& view = view_at(i);
    return plan_relation({.view = view,
                          .keys = join_keys(request_.definitions, view),
                          .features = group_.views[i].features},
                         shape);
  }

  /// False: something that is asked for is not there, or not as it is read; DuckDB says what.
  bool plan_by_footers() {
    if (view_at(0).source.hive) return false;
    const auto shape = shape_of(group_.pages);
    if (!shape) return false;
    for (std::size_t i = 0; i < group_.views.size(); ++i) {
      auto relation = relation_of(i, *shape);
      if (!relation) return false;
      group_.views[i].relation = *std::move(relation);
    }
    return true;
  }

  Result<> plan_by_queries() {
    SourceReader reader(request_.connection, request_.files, request_.definitions);
    auto shape = reader.shape(group_.files, view_at(0).source.hive);
    if (!shape) return within(std::move(shape).error(), view_at(0));
    for (std::size_t i = 0; i < group_.views.size(); ++i) {
      auto relation = relation_of(i, *shape);
      if (!relation) return within(std::move(relation).error(), view_at(i));
      group_.views[i].relation = *std::move(relation);
    }
    return {};
  }

  Result<> add_row_groups(std::size_t part) {
    const SourceRelation::Part& relation = group_.relation().parts[part];
    const std::size_t keys = group_.key_types.size();
    auto known = row_groups_of(group_.pages, relation, keys);
    if (!known) {
      auto asked = read_row_groups(request_.connection, group_.files, relation, keys);
      if (!asked) return explain_row_groups(part, std::move(asked).error());
      known = *std::move(asked);
    }
    group_.row_groups.push_back(*std::move(known));
    return {};
  }

  /// DuckDB tells nothing of a file whose statistics have a time that is none, and does not say
  /// where.
  Error explain_row_groups(std::size_t part, Error error) {
    if (error.code() == ErrorCode::InvalidArgument) {
      auto all =
          check_values(request_.connection, request_.files, request_.selection, group_, part);
      if (!all) return std::move(all).error();
    }
    return within(std::move(error), view_at(0));
  }

  /// Plans that pages are read without DuckDB, as far as that can be done.
  void plan_pages() {
    group_.reads_pages_of_keys = true;
    group_.reads_pages_of_features = true;
    for (std::size_t part = 0; part < group_.relation().parts.size(); ++part) {
      const SourceRelation::Part& relation = group_.relation().parts[part];
      group_.reads_pages_of_keys &= group_.pages.can_read(relation, group_.key_columns(part));
      for (const SourceGroup::View& view : group_.views) {
        group_.reads_pages_of_features &=
            group_.pages.can_read(relation, SourceGroup::feature_columns(view, part));
      }
    }
  }

  const OpenRequest& request_;
  SourceGroup& group_;
};

}  // namespace

Result<> open_group(const OpenRequest& request, SourceGroup& group) {
  group.ttl = longest_ttl(request.definitions, request.selection, group);
  const SelectedView& first = request.selection.views[group.views.front().index];
  if (request.definitions.feature_view(first.view)->source.kind == Source::Kind::Parquet) {
    return ParquetOpening(request, group).open();
  }
  SourceReader reader(request.connection, request.files, request.definitions);
  return open_staged(request, reader, group);
}

}  // namespace provender::offline
