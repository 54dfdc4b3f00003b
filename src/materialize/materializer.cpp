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
  Run run;
  std::unique_ptr<HeldLease> lease;
  std::shared_ptr<const registry::Snapshot> snapshot;  ///< as it is under the lease
  std::unique_ptr<ViewCursor> cursor;
};

class Materialization {
 public:
  Materialization(const Stores& stores, Timestamp end, bool full, const Control& control)
      : stores_(stores), end_(end), full_(full), control_(control) {}

  /// Runs the views, which share an entity set, in one pass.
  std::vector<Run> run(std::span<const std::string> views) {
    const std::string phase = views.size() == 1 ? "materialize " + views.front()
                                                : fmt::format("materialize {} views", views.size());
    if (control_.progress != nullptr) control_.progress->update(phase, 0, 0);
    std::vector<Job> jobs;
    for (const std::string& view : views) {
      jobs.push_back(begin(view));
    }
    auto pass = write(jobs, phase);
    std::vector<Run> runs;
    for (Job& job : jobs) {
      if (!pass && job.run.error.empty()) job.run.error = text_of(pass.error());
      runs.push_back(finish(std::move(job)));
    }
    return runs;
  }

 private:
  Job begin(const std::string& view) {
    Job job{.run = {}, .lease = nullptr, .snapshot = nullptr, .cursor = nullptr};
    job.run.view = view;
    job.run.end = end_;
    job.run.started = stores_.clock.now();
    if (auto opened = open(job); !opened) job.run.error = text_of(opened.error());
    return job;
  }

  /// The lease first: until it is ours, others may change what is to be filled, and nothing that
  /// they fill is replaced.
  Result<> open(Job& job) {
    const std::string name = job.run.view;
    registry::Registry& registry = stores_.registry;
    auto lease = HeldLease::acquire(registry.runs(), stores_.clock, lease_of_view(name));
    job.run.skipped = !lease && lease.error().code() == ErrorCode::Conflict;
    PROVENDER_ASSIGN(job.lease, std::move(lease));
    PROVENDER_ASSIGN(job.snapshot, full_ ? registry.rebuild(name) : registry.snapshot());
    const Definitions& definitions = job.snapshot->definitions;
    const FeatureView* view = definitions.feature_view(name);
    if (view == nullptr) {
      return Error(ErrorCode::Conflict, "the feature view was removed just now: see `plan`");
    }
    const registry::Generation& target = job.snapshot->storage.at(name).target();
    job.run.version = job.snapshot->version;
    job.run.store_id = target.store_id;
    PROVENDER_ASSIGN(job.run, registry.runs().begin_run(job.run));
    PROVENDER_ASSIGN(auto reader, stores_.offline.latest(definitions, *view, end_, control_));
    PROVENDER_ASSIGN(job.cursor,
                     ViewCursor::open({.definitions = definitions,
                                       .view = *view,
                                       .generation = target,
                                       .schema = job.snapshot->schemas.at(target.schema_id),
                                       .reader = std::move(reader)}));
    return {};
  }

  Result<> write(std::vector<Job>& jobs, std::string_view phase) {
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
    const std::stop_token is_lost = lost.get_token();
    PROVENDER_ASSIGN(
        auto results,
        write_pass(
            cursors, stores_.online, {.control = control_, .lost = is_lost, .phase = phase}));
    for (std::size_t i = 0; i < writing.size(); ++i) {
      Run& run = writing[i]->run;
      run.rows_read = cursors[i]->rows_read();
      run.rows_skipped = cursors[i]->rows_skipped();
      run.rows_written = results[i].written;
      run.rows_kept = results[i].kept;
      run.watermark = cursors[i]->watermark();
      if (results[i].error) run.error = text_of(*results[i].error);
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
    const bool failed = !job.run.error.empty() && job.run.error != kRunStopped;
    const LogLevel bad = job.run.skipped ? LogLevel::Warning : LogLevel::Error;
    stores_.logger.log(failed ? bad : LogLevel::Info,
                       job.run.error.empty()
                           ? fmt::format("materialized {}: {} entities, {} written",
                                         job.run.view,
                                         job.run.rows_read,
                                         job.run.rows_written)
                           : fmt::format("materialize {}: {}", job.run.view, job.run.error));
    return std::move(job.run);
  }

  /// What a run record says of an error: that it was stopped has one word, whoever noticed it.
  static std::string text_of(const Error& error) {
    if (error.code() == ErrorCode::Cancelled) return std::string(kRunStopped);
    return std::string(error.message());
  }

  const Stores& stores_;
  Timestamp end_;
  bool full_;
  const Control& control_;
};

/// The views asked for, in order of name; all if none is named.
Result<std::vector<std::string>> views_of(const Definitions& definitions,
                                          const std::vector<std::string>& names) {
  std::vector<std::string> views;
  std::vector<std::string> known;
  for (const FeatureView& view : definitions.feature_views) {
    known.push_back(view.name);
    if (names.empty() || std::ranges::find(names, view.name) != names.end()) {
      views.push_back(view.name);
    }
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
std::vector<std::vector<std::string>> passes_of(const registry::Snapshot& snapshot,
                                                std::span<const std::string> views,
                                                bool share) {
  std::map<std::uint64_t, std::vector<std::string>> passes;
  std::uint64_t alone = std::uint64_t{1} << 32;
  for (const std::string& view : views) {
    passes[share ? snapshot.storage.at(view).target().entity_set : alone++].push_back(view);
  }
  std::vector<std::vector<std::string>> result;
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
  PROVENDER_ASSIGN(const auto snapshot, stores.registry.snapshot());
  if (snapshot->version == 0) {
    return Error(ErrorCode::FailedPrecondition,
                 "nothing is applied yet in this project: run `provender apply` first");
  }
  PROVENDER_ASSIGN(const auto views, views_of(snapshot->definitions, options.views));
  std::vector<Run> runs;
  Materialization materialization(stores, end, options.full, control);
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
