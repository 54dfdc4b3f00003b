#include "offline/duckdb/source_groups.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/duckdb/footer_layout.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

/// What views must have in common to be scanned together.
struct GroupKey {
  Source::Kind kind;
  std::string text;
  bool hive;
  std::string event_timestamp;
  std::optional<std::string> created_timestamp;
  std::optional<TimestampUnit> unit;
  std::vector<std::string> key_columns;
  std::vector<Type> key_types;

  friend bool operator==(const GroupKey&, const GroupKey&) = default;
};

GroupKey key_of(const Definitions& definitions, const FeatureView& view) {
  GroupKey out{.kind = view.source.kind,
               .text = view.source.text,
               .hive = view.source.hive,
               .event_timestamp = view.source.event_timestamp,
               .created_timestamp = view.source.created_timestamp,
               .unit = view.source.timestamp_unit,
               .key_columns = {},
               .key_types = {}};
  for (const JoinKey& key : join_keys(definitions, view)) {
    out.key_columns.push_back(view.source.column(key.name));
    out.key_types.push_back(key.type.value_or(Type{}));
  }
  return out;
}

template <class T>
std::size_t place_of(std::vector<T>& items, const T& item) {
  const auto found = std::ranges::find(items, item);
  if (found != items.end()) return static_cast<std::size_t>(found - items.begin());
  items.push_back(item);
  return items.size() - 1;
}

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

}  // namespace

std::int64_t SourceGroup::file_rows() const {
  std::int64_t out = 0;
  for (const auto& part : row_groups) {
    for (const RowGroup& group : part) {
      out += group.rows();
    }
  }
  return out;
}

SourceGroup::Columns SourceGroup::key_columns(std::size_t part) const {
  Columns out;
  for (const SourceRelation::Column& column : relation().parts[part].columns) {
    if (!column.name.starts_with('f')) out.push_back(&column);
  }
  return out;
}

SourceGroup::Columns SourceGroup::feature_columns(const View& view, std::size_t part) {
  Columns out;
  for (const std::size_t feature : view.features) {
    const auto& columns = view.relation.parts[part].columns;
    out.push_back(
        &*std::ranges::find(columns, fmt::format("f{}", feature), &SourceRelation::Column::name));
  }
  return out;
}

std::vector<std::size_t> shares_of(std::span<const SourceGroup> groups, std::size_t threads) {
  std::vector<std::size_t> out(groups.size());
  std::int64_t behind = 0;
  for (std::size_t g = groups.size(); g-- > 0;) {
    const std::int64_t rows = groups[g].file_rows();
    const bool is_whole = rows * static_cast<std::int64_t>(threads - 1) <= behind;
    out[g] = is_whole ? 1 : threads * kSharesPerThread;
    behind += rows;
  }
  return out;
}

SourceGroups group_views(const Definitions& definitions, const Selection& selection) {
  SourceGroups out;
  std::vector<GroupKey> keys;
  for (std::size_t i = 0; i < selection.views.size(); ++i) {
    const FeatureView& view = *definitions.feature_view(selection.views[i].view);
    const GroupKey key = key_of(definitions, view);
    // Tied rows of SQL are decided by the features of the view: each orders them in its way.
    const bool is_sql = key.kind == Source::Kind::Sql || key.kind == Source::Kind::View;
    const auto same = is_sql ? keys.end() : std::ranges::find(keys, key);
    const auto place = static_cast<std::size_t>(same - keys.begin());
    if (same == keys.end()) {
      keys.push_back(key);
      out.groups.push_back(
          {.views = {}, .roles = {}, .key_types = key.key_types, .source = view.source.text});
    }
    SourceGroup& group = out.groups[place];
    const std::size_t role = place_of(out.roles, selection.views[i].request_keys);
    group.views.push_back({.index = i,
                           .features = asked_features(view, selection, i),
                           .role = place_of(group.roles, role),
                           .relation = {}});
  }
  return out;
}

namespace {

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
    PROVENDER_ASSIGN(group_.states, FileStates::of(group_.files));
    if (request_.most_page_bytes) {
      PROVENDER_ASSIGN(group_.pages,
                       PageFiles::of({.files = group_.files,
                                      .columns = asked_columns(),
                                      .bounded = key_and_time_columns(),
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

  std::set<std::string> asked_columns() const {
    std::set<std::string> out;
    for (std::size_t i = 0; i < group_.views.size(); ++i) {
      const FeatureView& view = view_at(i);
      const auto names = source_columns({.view = view,
                                         .keys = join_keys(request_.definitions, view),
                                         .features = group_.views[i].features});
      out.insert(names.begin(), names.end());
    }
    return out;
  }

  /// The same of all views.
  std::set<std::string> key_and_time_columns() const {
    const Source& source = view_at(0).source;
    std::set<std::string> out = {source.event_timestamp};
    for (const JoinKey& key : join_keys(request_.definitions, view_at(0))) {
      out.insert(source.column(key.name));
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
    const auto shape = shape_of(group_.pages, group_.files);
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
    auto known = row_groups_of(group_.pages, group_.files, relation, keys);
    if (!known) {
      auto asked = read_row_groups(request_.connection, group_.files, relation, keys);
      if (!asked) return within(std::move(asked).error(), view_at(0));
      known = *std::move(asked);
    }
    group_.row_groups.push_back(*std::move(known));
    return {};
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
