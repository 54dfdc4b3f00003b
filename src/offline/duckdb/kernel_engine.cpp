#include "offline/duckdb/kernel_engine.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/duckdb/bloom_filters.hpp"
#include "offline/duckdb/group_opening.hpp"
#include "offline/duckdb/plan_report.hpp"
#include "offline/duckdb/value_sizes.hpp"

namespace provender::offline {
namespace {

/// Of so few rows even large values are small.
constexpr std::uint64_t kFewRows = 10'000;

/// Up to so many rows of the spine, all threads scan a file together: in no order, so that each
/// holds all that it has passed, but without a filter that tells their shares apart, and in the
/// database that is there already.
constexpr std::uint64_t kRowsToShareScans = 100'000;

/// DuckDB makes no smaller row groups.
constexpr std::size_t kLeastRowGroupRows = 2048;

std::string name_of(const SelectedView& view) {
  return view.alias.empty() ? view.view : view.alias;
}

}  // namespace

KernelEngine::KernelEngine(const EngineRequest& request)
    : request_(request),
      function_(request.progress),
      forward_stop_(request.stop, ForwardStop{.to = stop_}) {
  const Definitions& definitions = request.historical.definitions;
  SourceGroups found = group_views(definitions, request.historical.selection);
  groups_ = std::move(found.groups);
  roles_ = std::move(found.roles);
  readers_.plan(offline::most_page_bytes({.definitions = definitions,
                                          .selection = request.historical.selection,
                                          .groups = groups_,
                                          .spine_keys = request.keys.size(),
                                          .threads = threads(),
                                          .limit = request.options.memory_limit}));
}

std::size_t KernelEngine::threads() const {
  return static_cast<std::size_t>(std::max(request_.options.threads, 1));
}

std::optional<std::size_t> KernelEngine::most_page_bytes() const {
  if (request_.options.join_engine == JoinEngine::KernelScan) return std::nullopt;
  return readers_.most_page_bytes();
}

Result<> KernelEngine::open(Connection& connection, const Spine& spine) {
  const Definitions& definitions = request_.historical.definitions;
  const Selection& selection = request_.historical.selection;
  PROVENDER_ASSIGN(report_.rows, spine.count_rows(connection));
  const auto is_of_files = [&](const SourceGroup& group) {
    return definitions.feature_view(selection.views[group.views.front().index].view)->source.kind ==
           Source::Kind::Parquet;
  };
  const bool explains = request_.historical.options.explain;
  const OpenRequest request{.connection = connection,
                            .files = request_.files,
                            .definitions = definitions,
                            .selection = selection,
                            .staged = request_.staged,
                            .most_page_bytes = most_page_bytes(),
                            .stop = request_.stop};
  for (SourceGroup& group : groups_) {
    const bool is_file = is_of_files(group);
    if (explains && !is_file) continue;  // staging would read it
    PROVENDER_TRY(open_group(request, group));
    const bool is_scanned = is_file && !group.reads_pages();
    if (is_scanned && !explains && !shares_scans() && !scans_.valid()) {
      scans_ = Database::open_later(request_.scans);
      opening_ = Database::open_beside(scans_);
    }
  }
  if (is_unseen(request_.historical.options)) return plan_unseen(connection);
  PROVENDER_TRY(plan_passes(connection, spine));
  PROVENDER_TRY(read_spine(connection, spine, 0));
  return plan_read(connection, spine);
}

/// Of the rows of the spine that are read.
Result<> KernelEngine::plan_read(Connection& connection, const Spine& spine) {
  plan_groups();
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    PROVENDER_ASSIGN(plans_[g],
                     without_filtered(connection,
                                      {.spine = spine,
                                       .rows = *spine_,
                                       .range = rows_,
                                       .keys = request_.keys,
                                       .roles = roles_,
                                       .group = groups_[g]},
                                      std::move(plans_[g])));
  }
  return {};
}

Result<> KernelEngine::plan_unseen(Connection& connection) {
  const HistoricalOptions& options = request_.historical.options;
  sample_values(connection);
  plan_groups();
  most_rows_ = most_rows_seen(groups_, options);
  bytes_ = bytes_needed();
  entities_ = most_rows_.value_or(0);
  passes_ = 0;
  if (!most_rows_) return {};
  PROVENDER_ASSIGN(passes_,
                   passes_within(bytes_, entities_, entities_, request_.options.memory_limit));
  return {};
}

KernelBytes KernelEngine::bytes_needed() const {
  return kernel_bytes({.definitions = request_.historical.definitions,
                       .selection = request_.historical.selection,
                       .groups = groups_,
                       .roles = roles_.size(),
                       .threads = threads(),
                       .shares_scans = shares_scans()});
}

Result<> KernelEngine::plan_passes(Connection& connection, const Spine& spine) {
  if (request_.options.join_engine == JoinEngine::KernelPasses) {
    passes_ = 3;
    return {};
  }
  // Values are looked at, and keys counted, only where it may matter.
  if (report_.rows > kFewRows) sample_values(connection);
  bytes_ = bytes_needed();
  entities_ = report_.rows;
  const std::uint64_t limit = request_.options.memory_limit;
  row_group_rows_ = row_group_rows(bytes_, spine.page_bytes_per_row(), limit, threads());
  const auto at_worst = passes_within(bytes_, report_.rows, report_.rows, limit);
  if (at_worst && *at_worst == 1) return {};
  PROVENDER_ASSIGN(const Spine::Counts counts, spine.count(connection));
  entities_ = counts.distinct_keys;
  PROVENDER_ASSIGN(passes_, passes_within(bytes_, report_.rows, entities_, limit));
  return {};
}

void KernelEngine::sample_values(Connection& connection) {
  for (SourceGroup& group : groups_) {
    for (SourceGroup::View& view : group.views) {
      const FeatureView& definition = *request_.historical.definitions.feature_view(
          request_.historical.selection.views[view.index].view);
      view.value_bytes.clear();
      if (view.relation.parts.empty()) continue;  // not staged, as only the plan is asked
      const SourceRelation::Part& part = view.relation.parts.back();
      for (const std::size_t feature : view.features) {
        view.value_bytes.push_back(sampled_value_bytes(
            connection,
            group.pages,
            readers_,
            part,
            *std::ranges::find(
                part.columns, fmt::format("f{}", feature), &SourceRelation::Column::name),
            definition.features[feature].type));
      }
    }
  }
}

RowsOfSpine KernelEngine::rows_of(std::size_t pass) const {
  return {.begin = report_.rows * pass / passes_, .end = report_.rows * (pass + 1) / passes_};
}

Result<> KernelEngine::read_spine(Connection& connection, const Spine& spine, std::size_t pass) {
  answers_.clear();
  spine_.reset();
  rows_ = rows_of(pass);
  request_.progress.begin("reads the spine", rows_.count());
  PROVENDER_ASSIGN(spine_,
                   KernelSpine::read(connection,
                                     function_,
                                     {.spine = spine,
                                      .rows = rows_,
                                      .keys = request_.keys,
                                      .roles = roles_,
                                      .threads = request_.threads,
                                      .readers = readers_,
                                      .progress = request_.progress}));
  report_.null_rows += spine_->null_rows();
  return {};
}

void KernelEngine::plan_groups() {
  const HistoricalOptions& options = request_.historical.options;
  plans_.clear();
  for (const SourceGroup& group : groups_) {
    const bool has_created = group.views.front().relation.has_created;
    plans_.push_back(plan_group({.group = group,
                                 .spine = spine_.get(),
                                 .times = spine_ ? times_of(*spine_) : times_asked(options),
                                 .variant = {.strictly_before = options.strictly_before,
                                             .known_by = options.known_by_created && has_created},
                                 .engine = request_.options.join_engine,
                                 .with_status = options.with_status}));
  }
}

Result<HistoricalPlan> KernelEngine::plan(Connection& connection, const Spine& /*spine*/) {
  const bool is_seen = spine_ != nullptr;
  return report_plan(connection,
                     {.selection = request_.historical.selection,
                      .groups = groups_,
                      .plans = plans_,
                      .rows = is_seen ? report_.rows : most_rows_,
                      .are_rows_counted = is_seen,
                      .passes = passes_,
                      .bytes = bytes_,
                      .entities = entities_,
                      .memory_limit = request_.options.memory_limit});
}

Result<> KernelEngine::join(Connection& connection, const Spine& spine, std::size_t pass) {
  if (pass > 0) {
    PROVENDER_TRY(read_spine(connection, spine, pass));
    PROVENDER_TRY(plan_read(connection, spine));
  }
  answers_.resize(request_.historical.selection.views.size());
  const std::vector<std::size_t> shares = shares_of(groups_, threads());
  std::deque<GroupJoin> joins;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const HistoricalOptions& options = request_.historical.options;
    joins.emplace_back(GroupJoin::Request{.definitions = request_.historical.definitions,
                                          .selection = request_.historical.selection,
                                          .files = request_.files,
                                          .spine = *spine_,
                                          .function = function_,
                                          .plan = plans_[g],
                                          .variant = {.strictly_before = options.strictly_before,
                                                      .known_by = options.known_by_created},
                                          .shares = shares[g],
                                          .shares_scans = shares_scans(),
                                          .readers = readers_,
                                          .stop = stop_.get_token(),
                                          .progress = request_.progress},
                       groups_[g],
                       answers_);
  }
  begin_joins(joins, pass);
  PROVENDER_TRY(run_groups(connection, joins));
  // Of a file that has become another one meanwhile, winners may have no values.
  PROVENDER_TRY(check_files());
  add_to_report(joins, pass == 0);
  if (pass + 1 == passes_) close_workers();
  readers_.free();
  spine_.reset();  // what is written needs its memory
  return {};
}

bool KernelEngine::shares_scans() const {
  const JoinEngine engine = request_.options.join_engine;
  return (engine == JoinEngine::Kernel || engine == JoinEngine::KernelScan) &&
         most_rows_.value_or(report_.rows) <= kRowsToShareScans;
}

/// Who reads pages only never waits for a database.
void KernelEngine::open_workers(const Connection& connection) {
  for (std::size_t i = 0; i < threads(); ++i) {
    workers_.push_back(Connection::open_later(
        scans_.valid() ? scans_ : connection.coming_database(), stop_.get_token()));
  }
}

/// With the database of the scans, whose memory takes some time to give back.
void KernelEngine::close_workers() {
  if (workers_.empty()) return;
  closing_ = std::async(std::launch::async | std::launch::deferred,
                        [workers = std::move(workers_), scans = std::move(scans_)]() mutable {
                          workers.clear();
                          scans = {};
                        });
}

Result<> KernelEngine::run_groups(Connection& connection, std::deque<GroupJoin>& joins) {
  TaskQueue queue;
  bool waiting = false;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    if (groups_[g].is_staged()) {
      PROVENDER_TRY(joins[g].run_staged(connection));
      continue;
    }
    if (workers_.empty()) open_workers(connection);
    joins[g].start(queue);
    waiting = true;
    if (!shares_scans() || groups_[g].reads_pages()) continue;
    // One after the other: the threads that scan are all at work, more of them would be in the way.
    PROVENDER_TRY(queue.run(request_.threads, workers_, stop_));
    waiting = false;
  }
  return waiting ? queue.run(request_.threads, workers_, stop_) : Result<>();
}

void KernelEngine::begin_joins(const std::deque<GroupJoin>& joins, std::size_t pass) {
  const auto& views = request_.historical.selection.views;
  std::string phase = views.size() == 1 ? "joins " + name_of(views.front())
                                        : fmt::format("joins {} views", views.size());
  if (passes_ > 1) phase += fmt::format(", pass {} of {}", pass + 1, passes_);
  std::uint64_t rows = 0;
  for (const GroupJoin& join : joins) {
    rows += join.rows_to_pass();
  }
  request_.progress.begin(std::move(phase), rows);
}

void KernelEngine::add_to_report(const std::deque<GroupJoin>& joins, bool first_pass) {
  const Selection& selection = request_.historical.selection;
  report_.views.resize(selection.views.size());
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    for (const SourceGroup::View& view : groups_[g].views) {
      ViewReport& report = report_.views[view.index];
      report.created_after += answers_[view.index].answers->created_after;
      if (!first_pass) continue;  // each pass reads the sources anew
      report.view = name_of(selection.views[view.index]);
      report.source_rows = joins[g].rows();
      report.skipped_rows = joins[g].skipped_rows();
    }
  }
}

Result<Answer> KernelEngine::answer(Connection& connection, const Spine& spine) {
  AnswerFunctions& functions = functions_.emplace_back(
      connection, static_cast<std::int64_t>(rows_.begin), request_.progress);
  request_.progress.begin("writes the rows", rows_.count());
  Answer out{.spine = spine.from(),
             .spine_columns = {},
             .columns = {},
             .result_tables = {},
             .with_status = request_.historical.options.with_status,
             .where = {}};
  out.row_group_rows = std::max(row_group_rows_, kLeastRowGroupRows);
  if (passes_ > 1) out.where = spine.is_row_of(rows_.begin, rows_.end);
  for (const AnsweredFeature& feature : features()) {
    PROVENDER_ASSIGN(const auto value, functions.add_value(*feature.answers, *feature.values));
    AnswerColumn column{.value = fmt::format("{}({})", value, spine.row_number()),
                        .status = {},
                        .name = feature.name,
                        .type = feature.type};
    if (out.with_status) {
      PROVENDER_ASSIGN(const auto status, functions.add_status(*feature.answers, *feature.values));
      column.status = fmt::format("{}({})", status, spine.row_number());
    }
    out.columns.push_back(std::move(column));
  }
  return out;
}

std::vector<AnsweredFeature> KernelEngine::features() const {
  const Selection& selection = request_.historical.selection;
  std::vector<AnsweredFeature> out;
  for (const SelectedFeature& feature : selection.features) {
    const FeatureView& view =
        *request_.historical.definitions.feature_view(selection.views[feature.view].view);
    const std::size_t place = place_in(view, feature);
    const ViewAnswers& answers = answers_[feature.view];
    out.push_back({.name = feature.name,
                   .type = view.features[place].type,
                   .answers = answers.answers.get(),
                   .values = answers.stores.at(place).get()});
  }
  return out;
}

std::optional<AnsweredRows> KernelEngine::answered() const {
  return AnsweredRows{.rows = rows_, .features = features(), .row_group_rows = row_group_rows_};
}

Result<bool> KernelEngine::has_negative_zero(Connection& /*connection*/) {
  for (const ViewAnswers& view : answers_) {
    for (const auto& [feature, store] : view.stores) {
      if (store->has_negative_zero()) return true;
    }
  }
  return false;
}

Result<> KernelEngine::check_files() const {
  for (const SourceGroup& group : groups_) {
    PROVENDER_TRY(group.states.check());
  }
  return {};
}

Result<HistoricalReport> KernelEngine::report() {
  PROVENDER_TRY(check_files());
  return report_;
}

}  // namespace provender::offline
