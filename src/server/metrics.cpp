#include "server/metrics.hpp"

#include <algorithm>

#include "server/metric_bounds.hpp"

namespace provender::server {
namespace {

template <std::size_t N>
std::size_t bucket_of(const std::array<double, N>& bounds, double value) {
  return static_cast<std::size_t>(std::ranges::lower_bound(bounds, value) - bounds.begin());
}

}  // namespace

void RequestSeries::count(int status, std::chrono::nanoseconds took) {
  by_status_class[static_cast<std::size_t>(std::clamp(status / 100, 0, 5))].add(1);
  const double seconds = std::chrono::duration<double>(took).count();
  durations.buckets[bucket_of(kDurations, seconds)].add(1);
  durations.sum.add(static_cast<std::uint64_t>(took.count()));
}

void AgeSeries::count(Duration age) {
  const Duration shown = std::max(age, Duration(0));
  ages.buckets[bucket_of(kAges, std::chrono::duration<double>(shown).count())].add(1);
  ages.sum.add(static_cast<std::uint64_t>(shown.count()));
}

template <class Series>
Series& LoopMetrics::find(ByName<Series>& all, std::string_view name) {
  if (const auto found = all.find(name); found != all.end()) return found->second;
  const std::scoped_lock lock(growing_);
  return all[std::string(name)];
}

RequestSeries& LoopMetrics::service(std::string_view name) {
  return find(services_, name);
}

AgeSeries& LoopMetrics::view(std::string_view name) {
  return find(views_, name);
}

void LoopMetrics::count_values(const std::uint64_t (&counts)[5]) {
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (counts[i] != 0) values_[i].add(counts[i]);
  }
}

void LoopMetrics::count_unreadable(const UnreadableRows& rows) {
  if (rows.checksum != 0) unreadable_[0].add(rows.checksum);
  if (rows.format != 0) unreadable_[1].add(rows.format);
  if (rows.schema != 0) unreadable_[2].add(rows.schema);
}

void LoopMetrics::count_refused(int status) {
  refused_[static_cast<std::size_t>(std::clamp(status, 0, 599))].add(1);
}

void Metrics::set_store_activity(std::function<std::optional<StoreActivity>()> activity) {
  const std::scoped_lock lock(mutex_);
  store_activity_ = std::move(activity);
}

void Metrics::set_connections(std::function<std::size_t()> connections) {
  const std::scoped_lock lock(mutex_);
  connections_ = std::move(connections);
}

}  // namespace provender::server
