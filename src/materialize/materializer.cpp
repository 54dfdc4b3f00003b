#include "materialize/materializer.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/try.hpp"
#include "materialize/held_lease.hpp"
#include "materialize/sweep.hpp"
#include "materialize/write_pass.hpp"

namespace provender::materialize {
namespace {

/// One view on its way: leased and recorded as begun, or failed before that (`run.error`).
struct Job {
  const FeatureView* view;
  Run run;
  std::unique_ptr<HeldLease> lease;
  std::unique_ptr<ViewCursor> cursor;
};

class Materialization {
 public:
  Materialization(const Stores& stores,
                  std::shared_ptr<const registry::Snapshot> snapshot,
                  Timestamp end,
                  const Control& control)
      : stores_(stores), snapshot_(std::move(snapshot)), end_(end), control_(control) {}

  /// Runs the views, which share an entity set, in one pass.
  std::vector<Run> run(std::span<const FeatureView* const> views) {
    std::vector<Job> jobs;
    for (const FeatureView* view : views) {
      jobs.push_back(begin(*view));
    }
    auto pass = write(jobs);
    std::vector<Run> runs;
    for (Job& job : jobs) {
      if (!pass && job.run.error.empty()) job.run.error = std::string(pass.error().message());
      runs.push_back(finish(std::move(job)));
    }
    return runs;
  }

 private:
  Job begin(const FeatureView& view) {
    Job job{.view = &view, .run = {}, .lease = nullptr, .cursor = nullptr};
    job.run.view = view.name;
    job.run.version = snapshot_->version;
    job.run.store_id = snapshot_->storage.at(view.name).target().store_id;
    job.run.end = end_;
    job.run.started = stores_.clock.now();
    if (auto opened = open(job); !opened) job.run.error = std::string(opened.error().message());
    return job;
  }

  Result<> open(Job& job) {
    auto& log = stores_.registry.runs();
    PROVENDER_ASSIGN(job.lease,
                     HeldLease::acquire(log, stores_.clock, "materialize:" + job.view->name));
    PROVENDER_ASSIGN(job.run, log.begin_run(job.run));
    const registry::Generation& target = snapshot_->storage.at(job.view->name).target();
    PROVENDER_ASSIGN(auto reader,
                     stores_.offline.latest(snapshot_->definitions, *job.view, end_, control_));
    PROVENDER_ASSIGN(job.cursor,
                     ViewCursor::open({.definitions = snapshot_->definitions,
                                       .view = *job.view,
                                       .generation = target,
                                       .schema = snapshot_->schemas.at(target.schema_id),
                                       .reader = std::move(reader)}));
    return {};
  }

  Result<> write(std::vector<Job>& jobs) {
    std::vector<std::unique_ptr<ViewCursor>> cursors;
    std::vector<Job*> writing;
    std::stop_source lost;
    std::vector<std::unique_ptr<std::stop_callback<std::function<void()>>>> watches;
    for (Job& job : jobs) {
      if (!job.cursor) continue;
      cursors.push_back(std::move(job.cursor));
      writing.push_back(&job);
      watches.push_back(std::make_unique<std::stop_callback<std::function<void()>>>(
          job.lease->lost(), [&lost] { lost.request_stop(); }));
    }
    PROVENDER_ASSIGN(auto results, write_pass(cursors, stores_.online, control_, lost.get_token()));
    for (std::size_t i = 0; i < writing.size(); ++i) {
      Run& run = writing[i]->run;
      run.rows_read = cursors[i]->rows_read();
      run.rows_skipped = cursors[i]->rows_skipped();
      run.rows_written = results[i].written;
      run.rows_kept = results[i].kept;
      run.watermark = cursors[i]->watermark();
      if (results[i].error) run.error = std::string(results[i].error->message());
    }
    return stores_.online.flush();
  }

  /// Records how the run ended: only then do readers see a new generation.
  Run finish(Job job) {
    job.run.finished = stores_.clock.now();
    if (job.lease && job.run.id != 0) {
      auto recorded = stores_.registry.runs().finish_run(job.run, job.lease->lease());
      if (!recorded && job.run.error.empty()) {
        job.run.error =
            std::string(std::move(recorded).error().within("recording the run").message());
      }
    }
    const LogLevel level = job.run.error.empty() ? LogLevel::Info : LogLevel::Error;
    stores_.logger.log(level,
                       job.run.error.empty()
                           ? fmt::format("materialized {}: {} entities, {} written",
                                         job.run.view,
                                         job.run.rows_read,
                                         job.run.rows_written)
                           : fmt::format("materialize {}: {}", job.run.view, job.run.error));
    return std::move(job.run);
  }

  const Stores& stores_;
  std::shared_ptr<const registry::Snapshot> snapshot_;
  Timestamp end_;
  const Control& control_;
};

/// The views asked for, in order of name; all if none is named.
Result<std::vector<const FeatureView*>> views_of(const Definitions& definitions,
                                                 const std::vector<std::string>& names) {
  std::vector<const FeatureView*> views;
  std::vector<std::string> known;
  for (const FeatureView& view : definitions.feature_views) {
    known.push_back(view.name);
    if (names.empty() || std::ranges::find(names, view.name) != names.end()) views.push_back(&view);
  }
  for (const std::string& name : names) {
    if (definitions.feature_view(name) == nullptr) {
      return Error(ErrorCode::NotFound,
                   fmt::format("no feature view {} is applied{}", name, did_you_mean(name, known)));
    }
  }
  return views;
}

Result<Timestamp> end_of(const MaterializeOptions& options, Timestamp now) {
  if (!options.end) return now;
  if (*options.end > now) {
    return Error(
        ErrorCode::InvalidArgument,
        fmt::format("end {} is later than now, {}: a value is never served before its time",
                    format_timestamp(*options.end),
                    format_timestamp(now)));
  }
  return *options.end;
}

/// The views that can share a pass, together.
std::vector<std::vector<const FeatureView*>> passes_of(const registry::Snapshot& snapshot,
                                                       std::span<const FeatureView* const> views,
                                                       bool share) {
  std::map<std::uint64_t, std::vector<const FeatureView*>> passes;
  std::uint64_t alone = std::uint64_t{1} << 32;
  for (const FeatureView* view : views) {
    passes[share ? snapshot.storage.at(view->name).target().entity_set : alone++].push_back(view);
  }
  std::vector<std::vector<const FeatureView*>> result;
  for (auto& [key, members] : passes) {
    result.push_back(std::move(members));
  }
  return result;
}

}  // namespace

Result<std::vector<Run>> materialize(const Stores& stores,
                                     const MaterializeOptions& options,
                                     const Control& control) {
  PROVENDER_ASSIGN(const Timestamp end, end_of(options, stores.clock.now()));
  PROVENDER_ASSIGN(auto snapshot, stores.registry.snapshot());
  if (snapshot->version == 0) {
    return Error(ErrorCode::FailedPrecondition,
                 "nothing is applied yet in this project: run `provender apply` first");
  }
  PROVENDER_ASSIGN(auto views, views_of(snapshot->definitions, options.views));
  if (options.full) {
    for (const FeatureView* view : views) {
      PROVENDER_TRY(stores.registry.rebuild(view->name));
    }
    PROVENDER_ASSIGN(snapshot, stores.registry.snapshot());
    PROVENDER_ASSIGN(views, views_of(snapshot->definitions, options.views));
  }
  std::vector<Run> runs;
  Materialization materialization(stores, snapshot, end, control);
  for (const auto& pass : passes_of(*snapshot, views, stores.online.prefers_ordered_writes())) {
    for (Run& run : materialization.run(pass)) {
      runs.push_back(std::move(run));
    }
    if (control.stop.stop_requested()) {
      return Error(
          ErrorCode::Cancelled,
          "materialize was stopped: what is written is right, run it again to complete it");
    }
  }
  PROVENDER_TRY(sweep_dead_stores(stores, control.stop));
  std::ranges::sort(runs, {}, &Run::view);
  return runs;
}

}  // namespace provender::materialize
