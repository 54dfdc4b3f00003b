#include "materialize/scheduler.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>

#include <fmt/format.h>

#include "base/try.hpp"
#include "materialize/held_lease.hpp"
#include "materialize/status.hpp"

namespace provender::materialize {
namespace {

constexpr auto kLook = std::chrono::seconds(1);
constexpr Duration kFirstRetry = std::chrono::seconds(10);
constexpr Duration kLastRetry = std::chrono::minutes(10);

void wait(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, time, [] { return false; });
}

/// Which views failed lately and when they may be tried again.
class Retries {
 public:
  bool may_run(const std::string& view, Timestamp now) const {
    auto found = failures_.find(view);
    return found == failures_.end() || found->second.again <= now;
  }
  void note(const Run& run, Timestamp now) {
    if (run.error.empty()) {
      failures_.erase(run.view);
      return;
    }
    Failure& failure = failures_[run.view];
    failure.wait =
        failure.wait == Duration{} ? kFirstRetry : std::min(failure.wait * 2, kLastRetry);
    failure.again = now + failure.wait;
  }

 private:
  struct Failure {
    Duration wait{};
    Timestamp again;
  };
  std::map<std::string, Failure> failures_;
};

Result<std::vector<std::string>> due_views(const Stores& stores, const Retries& retries) {
  const Timestamp now = stores.clock.now();
  PROVENDER_ASSIGN(const auto all, status(stores.registry, now));
  std::vector<std::string> due;
  for (const ViewStatus& view : all) {
    if (view.due && retries.may_run(view.view, now)) due.push_back(view.view);
  }
  return due;
}

/// Materializes what is due, and notes what failed.
Result<std::vector<Run>> run_due(const Stores& stores, Retries& retries, const Control& control) {
  PROVENDER_ASSIGN(auto due, due_views(stores, retries));
  if (due.empty()) return std::vector<Run>();
  PROVENDER_ASSIGN(auto runs,
                   materialize(stores, {.views = std::move(due), .end = std::nullopt}, control));
  for (const Run& run : runs) {
    retries.note(run, stores.clock.now());
  }
  return runs;
}

/// Leads until stopped or the lead is lost.
void lead(const Stores& stores, const HeldLease& lease, const Control& control) {
  std::stop_source stop;
  const std::stop_callback asked(control.stop, [&stop] { stop.request_stop(); });
  const std::stop_callback lost(lease.lost(), [&stop] { stop.request_stop(); });
  Retries retries;
  while (!stop.stop_requested()) {
    auto done = run_due(stores, retries, {.stop = stop.get_token(), .progress = control.progress});
    if (!done && done.error().code() != ErrorCode::Cancelled) {
      stores.logger.log(LogLevel::Error, fmt::format("scheduler: {}", done.error().message()));
    }
    wait(stop.get_token(), kLook);
  }
}

}  // namespace

Result<std::vector<Run>> run(const Stores& stores, bool once, const Control& control) {
  Retries none;
  if (once) return run_due(stores, none, control);
  bool waiting = false;
  while (!control.stop.stop_requested()) {
    auto lease = HeldLease::acquire(stores.registry.runs(), stores.clock, "scheduler");
    if (lease) {
      stores.logger.log(LogLevel::Info, "scheduler: leading");
      waiting = false;
      lead(stores, **lease, control);
      continue;
    }
    if (lease.error().code() != ErrorCode::Conflict &&
        lease.error().code() != ErrorCode::Unavailable) {
      return std::move(lease).error();
    }
    if (!waiting) {
      stores.logger.log(LogLevel::Info,
                        fmt::format("scheduler: waiting, {}", lease.error().message()));
    }
    waiting = true;
    wait(control.stop, kLook);
  }
  return std::vector<Run>();
}

}  // namespace provender::materialize
