#include "offline/duckdb/kernel_engine.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/try.hpp"

namespace provender::offline {
namespace {

std::string name_of(const SelectedView& view) {
  return view.alias.empty() ? view.view : view.alias;
}

}  // namespace

std::size_t KernelEngine::threads() const {
  return static_cast<std::size_t>(std::max(request_.options.threads, 1));
}

Result<HistoricalReport> KernelEngine::join(Connection& connection, const Spine& spine) {
  const Selection& selection = request_.historical.selection;
  const HistoricalOptions& options = request_.historical.options;
  SourceGroups found = group_views(request_.historical.definitions, selection);
  groups_ = std::move(found.groups);
  PROVENDER_TRY(function_.register_in(connection));
  PROVENDER_ASSIGN(const auto kernel_spine,
                   KernelSpine::read(connection, function_, spine, request_.keys, found.roles));
  PROVENDER_TRY(open_groups(connection));

  answers_.resize(selection.views.size());
  std::deque<GroupJoin> joins;
  for (const SourceGroup& group : groups_) {
    joins.emplace_back(GroupJoin::Request{.definitions = request_.historical.definitions,
                                          .selection = selection,
                                          .files = request_.files,
                                          .spine = *kernel_spine,
                                          .function = function_,
                                          .variant = {.strictly_before = options.strictly_before,
                                                      .known_by = options.known_by_created},
                                          .engine = request_.options.join_engine,
                                          .threads = threads(),
                                          .on_start = [this, &group] { tell(group); }},
                       group,
                       answers_);
  }
  PROVENDER_TRY(run_groups(connection, joins));
  return report(*kernel_spine, joins);
}

Result<> KernelEngine::open_groups(Connection& connection) {
  for (SourceGroup& group : groups_) {
    PROVENDER_TRY(open_group(connection,
                             request_.files,
                             request_.historical.definitions,
                             request_.historical.selection,
                             group));
  }
  return {};
}

/// In a database of one thread, so that each worker's scans keep the order of the rows.
Result<std::vector<Connection>> KernelEngine::open_workers(const std::stop_token& stop) const {
  const OfflineOptions& options = request_.options;
  PROVENDER_ASSIGN(const auto database,
                   Database::open({.memory_limit = options.memory_limit,
                                   .threads = 1,
                                   .temp_parent = request_.files.project() / ".provender" / "tmp",
                                   .allowed_directories = request_.files.allowed_directories(
                                       request_.historical.definitions),
                                   .allowed_files = {}}));
  std::vector<Connection> out;
  for (std::size_t i = 0; i < threads(); ++i) {
    PROVENDER_ASSIGN(auto connection, Connection::open(database, stop));
    out.push_back(std::move(connection));
  }
  return out;
}

Result<> KernelEngine::run_groups(Connection& connection, std::deque<GroupJoin>& joins) {
  TaskQueue queue;
  bool any = false;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    if (!groups_[g].is_staged()) {
      joins[g].start(queue);
      any = true;
      continue;
    }
    PROVENDER_TRY(joins[g].run_staged(connection));
    PROVENDER_TRY(connection.execute("DROP TABLE " + groups_[g].staging_table));
  }
  if (!any) return {};
  // An error of one worker stops the others; so does whoever stops the whole.
  std::stop_source stop;
  const std::stop_callback forward(request_.control.stop, [&stop] { stop.request_stop(); });
  PROVENDER_ASSIGN(auto workers, open_workers(stop.get_token()));
  PROVENDER_TRY(function_.register_in(workers.front()));
  return queue.run(workers, stop);
}

void KernelEngine::tell(const SourceGroup& group) {
  if (request_.control.progress == nullptr) return;
  const std::scoped_lock lock(progress_mutex_);
  for (const SourceGroup::View& view : group.views) {
    request_.control.progress->update(
        "joins " + name_of(request_.historical.selection.views[view.index]),
        told_++,
        request_.historical.selection.views.size() + 1);
  }
}

HistoricalReport KernelEngine::report(const KernelSpine& spine,
                                      const std::deque<GroupJoin>& joins) const {
  const Selection& selection = request_.historical.selection;
  HistoricalReport out{.rows = spine.rows(), .null_rows = spine.null_rows(), .views = {}};
  out.views.resize(selection.views.size());
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    for (const SourceGroup::View& view : groups_[g].views) {
      out.views[view.index] = {.view = name_of(selection.views[view.index]),
                               .source_rows = joins[g].rows(),
                               .skipped_rows = joins[g].skipped_rows(),
                               .created_after = answers_[view.index].answers.created_after};
    }
  }
  return out;
}

Result<Answer> KernelEngine::answer(Connection& connection, const Spine& spine) {
  const Selection& selection = request_.historical.selection;
  functions_ = std::make_unique<AnswerFunctions>(connection, 0);
  Answer out{.spine = spine.from(),
             .spine_columns = {},
             .columns = {},
             .result_tables = {},
             .with_status = request_.historical.options.with_status};
  for (const SelectedFeature& feature : selection.features) {
    const FeatureView& view =
        *request_.historical.definitions.feature_view(selection.views[feature.view].view);
    const auto place = static_cast<std::size_t>(
        std::ranges::find(view.features, feature.feature, &Feature::name) - view.features.begin());
    const ViewAnswers& answers = answers_[feature.view];
    const pit::ValueStore& store = *answers.stores.at(place);
    PROVENDER_ASSIGN(const auto value, functions_->add_value(answers.answers, store));
    AnswerColumn column{.value = fmt::format("{}({})", value, spine.row_number()),
                        .status = {},
                        .name = feature.name,
                        .type = view.features[place].type};
    if (out.with_status) {
      PROVENDER_ASSIGN(const auto status, functions_->add_status(answers.answers, store));
      column.status = fmt::format("{}({})", status, spine.row_number());
    }
    out.columns.push_back(std::move(column));
  }
  return out;
}

Result<bool> KernelEngine::has_negative_zero(Connection& /*connection*/) {
  for (const ViewAnswers& view : answers_) {
    for (const auto& [feature, store] : view.stores) {
      if (store->has_negative_zero()) return true;
    }
  }
  return false;
}

}  // namespace provender::offline
