#include "materialize/status.hpp"

#include "base/try.hpp"

namespace provender::materialize {
namespace {

constexpr std::size_t kLastRuns = 5;

bool is_scheduled(const Cadence& cadence) {
  return cadence.kind == Cadence::Kind::Every || cadence.kind == Cadence::Kind::Cron;
}

ViewStatus::Freshness freshness(const ViewStatus& status, const Cadence& cadence, Timestamp now) {
  if (!status.last_end) return ViewStatus::Freshness::Never;
  if (!is_scheduled(cadence)) return ViewStatus::Freshness::Manual;
  const bool is_late = status.next_due && *status.next_due <= now;
  return is_late ? ViewStatus::Freshness::Late : ViewStatus::Freshness::Fresh;
}

}  // namespace

Result<ViewStatus> view_status(registry::RunLog& log,
                               const registry::Snapshot& snapshot,
                               const FeatureView& view,
                               Timestamp now) {
  const registry::ViewStorage& storage = snapshot.storage.at(view.name);
  ViewStatus status;
  status.view = view.name;
  status.cadence = format_cadence(view.cadence);
  status.rebuilding = storage.building.has_value();
  PROVENDER_ASSIGN(const auto success, log.last_success(view.name, storage.serving.store_id));
  if (success) {
    status.last_end = success->end;
    status.watermark = success->watermark;
    status.rows = success->rows_read;
  }
  if (is_scheduled(view.cadence)) {
    if (success) status.next_due = next_due(view.cadence, success->end);
    status.due = !success || status.rebuilding || (status.next_due && *status.next_due <= now);
  }
  status.freshness = freshness(status, view.cadence, now);
  PROVENDER_ASSIGN(status.last_runs, log.runs(view.name, kLastRuns));
  return status;
}

Result<std::vector<ViewStatus>> status(registry::Registry& registry, Timestamp now) {
  PROVENDER_ASSIGN(const auto snapshot, registry.snapshot());
  std::vector<ViewStatus> result;
  for (const FeatureView& view : snapshot->definitions.feature_views) {
    PROVENDER_ASSIGN(auto one, view_status(registry.runs(), *snapshot, view, now));
    result.push_back(std::move(one));
  }
  return result;
}

}  // namespace provender::materialize
