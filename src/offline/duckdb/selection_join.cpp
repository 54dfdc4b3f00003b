#include "offline/duckdb/selection_join.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/duckdb/source_reader.hpp"
#include "offline/duckdb/unreadable.hpp"

namespace provender::offline {

std::string SelectionJoin::result_table(std::size_t index) {
  return fmt::format("result_{}", index);
}

const FeatureView& SelectionJoin::view(std::size_t index) const {
  return *definitions_.feature_view(selection_.views[index].view);
}

std::size_t SelectionJoin::place(const SelectedFeature& feature) const {
  return place_in(view(feature.view), feature);
}

std::vector<ResultColumn> SelectionJoin::columns() const {
  std::vector<ResultColumn> out;
  for (const SelectedFeature& feature : selection_.features) {
    out.push_back({.result_table = result_table(feature.view),
                   .feature = place(feature),
                   .type = view(feature.view).features[place(feature)].type});
  }
  return out;
}

std::vector<std::string> SelectionJoin::result_tables() const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < selection_.views.size(); ++i) {
    out.push_back(result_table(i));
  }
  return out;
}

Result<ViewReport> SelectionJoin::join_view(std::size_t index,
                                            const std::string& spine_table,
                                            const Options& options) {
  const SelectedView& selected = selection_.views[index];
  std::vector<std::size_t> features;
  for (const SelectedFeature& feature : selection_.features) {
    if (feature.view == index) features.push_back(place(feature));
  }
  std::ranges::sort(features);
  features.erase(std::ranges::unique(features).begin(), features.end());

  const std::string staging = fmt::format("source_{}", index);
  SourceReader reader(connection_, files_, definitions_);
  PROVENDER_ASSIGN(const OpenedSource source, reader.open(view(index), features, staging));
  for (const Statement& statement :
       compile_view_join({.view = view(index),
                          .relation = source.relation,
                          .name = selected.view,
                          .spine_table = spine_table,
                          .result_table = result_table(index),
                          .features = features,
                          .strictly_before = options.strictly_before,
                          .known_by_created = options.known_by_created})) {
    auto done = connection_.execute(statement.sql);
    if (done) continue;
    return explain_unreadable(connection_, files_, source.relation, std::move(done).error())
        .within(fmt::format("feature view '{}'", selected.view));
  }
  PROVENDER_TRY(connection_.execute(fmt::format("DROP TABLE IF EXISTS {}", staging)));

  PROVENDER_ASSIGN(const Rows late,
                   connection_.query(compile_created_after(spine_table, result_table(index))));
  return ViewReport{
      .view = selected.alias.empty() ? selected.view : selected.alias,
      .source_rows = source.rows,
      .skipped_rows = source.skipped_rows,
      .created_after = static_cast<std::uint64_t>(std::get<std::int64_t>(late[0][0].storage))};
}

Result<std::vector<RequestKey>> typed_keys(const Definitions& definitions,
                                           const Selection& selection) {
  std::vector<RequestKey> out = selection.keys;
  for (const SelectedView& selected : selection.views) {
    const FeatureView* view = definitions.feature_view(selected.view);
    if (view == nullptr) {
      return Error(ErrorCode::NotFound, fmt::format("no feature view '{}'", selected.view));
    }
    const auto keys = join_keys(definitions, *view);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto key = std::ranges::find(out, selected.request_keys[i], &RequestKey::name);
      if (key != out.end() && !key->type) key->type = keys[i].type;
    }
  }
  for (const RequestKey& key : out) {
    if (!key.type) {
      return Error(ErrorCode::FailedPrecondition,
                   fmt::format("join key '{}' has no type yet: apply the definitions", key.name));
    }
  }
  return out;
}

}  // namespace provender::offline
