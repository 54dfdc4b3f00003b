#include "offline/duckdb/staged_sources.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/duckdb/source_reader.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

/// Whether two sources have the same rows, whatever columns of them are read.
bool are_same_rows(const Source& a, const Source& b) {
  return a.kind == b.kind && a.text == b.text && a.hive == b.hive;
}

}  // namespace

std::vector<std::size_t> asked_features(const FeatureView& view,
                                        const Selection& selection,
                                        std::size_t index) {
  std::vector<std::size_t> out;
  for (const SelectedFeature& feature : selection.features) {
    if (feature.view == index) out.push_back(place_in(view, feature));
  }
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

const FeatureView& StagedSources::view(std::size_t index) const {
  return *definitions_.feature_view(selection_.views[index].view);
}

std::vector<std::size_t> StagedSources::readers_of(const Source& source) const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < selection_.views.size(); ++i) {
    if (are_same_rows(view(i).source, source)) out.push_back(i);
  }
  return out;
}

/// What is wrong with a view is said when it is its turn.
std::vector<std::string> StagedSources::columns_of(const std::vector<std::size_t>& views,
                                                   const SourceShape& shape) const {
  std::set<std::string> out;
  for (const std::size_t i : views) {
    const std::vector<JoinKey> keys = join_keys(definitions_, view(i));
    const std::vector<std::size_t> features = asked_features(view(i), selection_, i);
    const auto relation =
        plan_relation({.view = view(i), .keys = keys, .features = features}, shape);
    if (relation) out.merge(columns_to_stage(*relation));
  }
  return {out.begin(), out.end()};
}

Result<std::string> StagedSources::table(Connection& connection,
                                         const Source& source,
                                         const SourceShape& shape) {
  const auto same = std::ranges::find_if(
      staged_, [&](const Staged& staged) { return are_same_rows(*staged.source, source); });
  if (same != staged_.end()) return same->table;
  const auto views = readers_of(source);
  std::string table = fmt::format("staged_{}", staged_.size());
  counter_.progress().begin("reads " + source.text);
  PROVENDER_TRY(connection.execute(fmt::format("CREATE TEMP TABLE {} AS SELECT {} FROM {} WHERE {}",
                                               table,
                                               sql::join(columns_of(views, shape), ", "),
                                               shape.parts.front().from,
                                               RowCounter::kCondition)));
  counter_.progress().begin("checks the values of " + source.text);
  staged_.push_back({.source = &source, .table = table, .views = views.size()});
  return table;
}

Result<> StagedSources::leave(Connection& connection, const Source& source) {
  for (Staged& staged : staged_) {
    if (!are_same_rows(*staged.source, source) || --staged.views > 0) continue;
    PROVENDER_TRY(connection.execute("DROP TABLE " + staged.table));
  }
  return {};
}

}  // namespace provender::offline
