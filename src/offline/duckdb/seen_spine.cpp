#include "offline/duckdb/seen_spine.hpp"

#include <algorithm>
#include <deque>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/try.hpp"
#include "offline/conversion.hpp"
#include "offline/duckdb/source_reader.hpp"
#include "offline/duckdb/spine.hpp"
#include "offline/duckdb/unreadable.hpp"
#include "offline/seen_query.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

const std::string& name_of(const SelectedView& view) {
  return view.alias.empty() ? view.view : view.alias;
}

Result<> check_keys(const HistoricalRequest& request) {
  const SelectedView& first = request.selection.views.front();
  for (const SelectedView& view : request.selection.views) {
    if (std::ranges::is_permutation(view.request_keys, first.request_keys)) continue;
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("without a spine, all views must have the same keys: '{}' has ({}), "
                             "'{}' has ({}). Give a spine with the rows that are wanted",
                             name_of(first),
                             fmt::join(first.request_keys, ", "),
                             name_of(view),
                             fmt::join(view.request_keys, ", ")));
  }
  for (const std::string& key : first.request_keys) {
    if (sql::folded(key) != sql::folded(request.options.event_timestamp)) continue;
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("the key '{}' has the name of the time's column: give that another "
                             "one with --event-timestamp",
                             key));
  }
  return {};
}

}  // namespace

Result<> make_unseen_spine(Connection& connection,
                           const HistoricalRequest& request,
                           std::span<const RequestKey> keys) {
  PROVENDER_TRY(check_keys(request));
  std::string columns;
  for (const std::string& name : request.selection.views.front().request_keys) {
    const auto key = std::ranges::find(keys, name, &RequestKey::name);
    columns += fmt::format("{} {}, ", sql::identifier(name), column_type(*key->type));
  }
  return connection.execute(fmt::format("CREATE TEMP TABLE {} ({}{} TIMESTAMP)",
                                        Spine::kTable,
                                        columns,
                                        sql::identifier(request.options.event_timestamp)));
}

Result<> make_seen_spine(Connection& connection,
                         const ProjectFiles& files,
                         const HistoricalRequest& request,
                         StagedSources& staged) {
  PROVENDER_TRY(check_keys(request));
  const auto& selected = request.selection.views;
  std::deque<OpenedSource> sources;
  std::vector<SeenView> views;
  SourceReader reader(connection, files, request.definitions);
  for (const auto& asked : selected) {
    const FeatureView& view = *request.definitions.feature_view(asked.view);
    PROVENDER_ASSIGN(auto source, reader.open(view, {}, staged));
    sources.push_back(std::move(source));
    views.push_back({.relation = sources.back().relation, .request_keys = asked.request_keys});
  }
  const HistoricalOptions& options = request.options;
  staged.progress().begin("finds the rows");
  auto made =
      connection.execute(fmt::format("CREATE TEMP TABLE {} AS {}",
                                     Spine::kTable,
                                     compile_seen(views,
                                                  {.keys = selected.front().request_keys,
                                                   .event_timestamp = options.event_timestamp,
                                                   .range = options.range,
                                                   .at = options.at,
                                                   .strictly_before = options.strictly_before,
                                                   .known_by_created = options.known_by_created})));
  if (!made) {
    Error error = std::move(made).error();
    for (const OpenedSource& source : sources) {
      error = explain_unreadable(connection, files, source.relation, std::move(error));
    }
    return error;
  }
  return {};
}

}  // namespace provender::offline
