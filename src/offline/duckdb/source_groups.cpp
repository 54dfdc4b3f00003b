#include "offline/duckdb/source_groups.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "offline/duckdb/staged_sources.hpp"

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

Result<> check_values(Connection& connection,
                      const ProjectFiles& files,
                      const Selection& selection,
                      const SourceGroup& group,
                      std::size_t part) {
  for (const SourceGroup::View& view : group.views) {
    OpenedSource sums;
    auto profiled =
        profile_part(connection, files, view.relation.parts[part], view.relation.keys, sums);
    if (profiled) continue;
    return std::move(profiled).error().within(
        fmt::format("feature view '{}'", selection.views[view.index].view));
  }
  return {};
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

}  // namespace provender::offline
