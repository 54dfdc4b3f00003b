#include "offline/duckdb/source_groups.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/scan_query.hpp"
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

Result<> open_staged(Connection& connection,
                     SourceReader& reader,
                     const Definitions& definitions,
                     const Selection& selection,
                     StagedSources& staged,
                     SourceGroup& group) {
  for (SourceGroup::View& view : group.views) {
    const FeatureView& definition = *definitions.feature_view(selection.views[view.index].view);
    PROVENDER_ASSIGN(OpenedSource source, reader.open(definition, view.features, staged));
    group.rows = source.rows;
    group.skipped_rows = source.skipped_rows;
    view.relation = std::move(source.relation);
    if (view.relation.ties_by_features) return sort_ties(connection, definition, staged, group);
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

Result<> open_group(Connection& connection,
                    const ProjectFiles& files,
                    const Definitions& definitions,
                    const Selection& selection,
                    StagedSources& staged,
                    SourceGroup& group) {
  SourceReader reader(connection, files, definitions);
  const auto view_at = [&](std::size_t i) -> const FeatureView& {
    return *definitions.feature_view(selection.views[group.views[i].index].view);
  };
  const FeatureView& first = view_at(0);
  group.ttl = longest_ttl(definitions, selection, group);
  if (first.source.kind != Source::Kind::Parquet) {
    return open_staged(connection, reader, definitions, selection, staged, group);
  }
  const auto within = [](Error error, const FeatureView& view) {
    return std::move(error).within(fmt::format("feature view '{}'", view.name));
  };
  auto layout = reader.layout(first.source);
  if (!layout) return within(std::move(layout).error(), first);
  group.files = layout->files;
  PROVENDER_ASSIGN(group.states, FileStates::of(layout->files));
  for (std::size_t i = 0; i < group.views.size(); ++i) {
    auto relation = plan_relation({.view = view_at(i),
                                   .keys = join_keys(definitions, view_at(i)),
                                   .features = group.views[i].features},
                                  layout->shape);
    if (!relation) return within(std::move(relation).error(), view_at(i));
    group.views[i].relation = *std::move(relation);
  }
  for (const SourceRelation::Part& part : group.relation().parts) {
    auto row_groups = read_row_groups(connection, group.files, part, group.key_types.size());
    if (!row_groups) return within(std::move(row_groups).error(), first);
    group.row_groups.push_back(*std::move(row_groups));
  }
  return {};
}

namespace {

/// Whether the footers tell of the row groups that DuckDB tells of, by which rows are numbered.
bool has_same_row_groups(const SourceGroup& group) {
  std::vector<std::size_t> found(group.files.size());
  for (const auto& part : group.row_groups) {
    for (const RowGroup& row_group : part) {
      const PageFile& file = group.pages.file(row_group.file);
      const std::size_t i = found[row_group.file]++;
      if (i >= file.ends.size() || file.begin(i) != row_group.begin ||
          file.ends[i] != row_group.end) {
        return false;
      }
    }
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    const PageFile& file = group.pages.file(i);
    if (found[i] != file.ends.size() || file.rows() > kFileStride) return false;
  }
  return true;
}

}  // namespace

Result<> plan_pages(SourceGroup& group, std::size_t most_page_bytes, std::stop_token stop) {
  std::set<std::string> columns;
  for (const SourceGroup::View& view : group.views) {
    for (const SourceRelation::Part& part : view.relation.parts) {
      for (const SourceRelation::Column& column : part.columns) {
        columns.insert(column.source);
      }
    }
  }
  PROVENDER_ASSIGN(group.pages,
                   PageFiles::of({.files = group.files,
                                  .columns = std::move(columns),
                                  .most_page_bytes = most_page_bytes,
                                  .stop = std::move(stop)}));
  group.reads_pages_of_keys = true;
  group.reads_pages_of_features = true;
  for (std::size_t part = 0; part < group.relation().parts.size(); ++part) {
    const SourceRelation::Part& relation = group.relation().parts[part];
    group.reads_pages_of_keys &= group.pages.can_read(relation, group.key_columns(part));
    for (const SourceGroup::View& view : group.views) {
      group.reads_pages_of_features &=
          group.pages.can_read(relation, SourceGroup::feature_columns(view, part));
    }
  }
  // Either says that all files can be read.
  const bool reads_any = group.reads_pages_of_keys || group.reads_pages_of_features;
  if (reads_any && !has_same_row_groups(group)) {
    group.reads_pages_of_keys = false;
    group.reads_pages_of_features = false;
  }
  return {};
}

}  // namespace provender::offline
