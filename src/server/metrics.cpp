#include "server/metrics.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "provender/types.hpp"

namespace provender::server {
namespace {

constexpr std::array<double, 13> kBounds{
    50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 0.5, 1.0};
constexpr std::array<const char*, kRoutes> kRouteNames{
    "/get-online-features", "/health", "/ready", "/metrics", "other"};

/// Adds to a counter that only this thread writes.
void add(std::atomic<std::uint64_t>& counter, std::uint64_t n) {
  counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

}  // namespace

void LoopMetrics::count_request(Route route, int status, std::chrono::nanoseconds took) {
  static_assert(kBounds.size() == kBuckets);
  const auto r = static_cast<std::size_t>(route);
  add(requests_[r][static_cast<std::size_t>(std::clamp(status / 100, 0, 5))], 1);
  const double seconds = std::chrono::duration<double>(took).count();
  const auto bucket = std::ranges::lower_bound(kBounds, seconds) - kBounds.begin();
  add(durations_[r][static_cast<std::size_t>(bucket)], 1);
  add(nanoseconds_[r], static_cast<std::uint64_t>(took.count()));
}

void LoopMetrics::count_values(const std::uint64_t (&counts)[5]) {
  for (std::size_t i = 0; i < values_.size(); ++i) {
    add(values_[i], counts[i]);
  }
}

std::string Metrics::render_requests() const {
  std::string out =
      "# HELP provender_http_requests_total Requests answered, by route and class of status.\n"
      "# TYPE provender_http_requests_total counter\n";
  for (std::size_t route = 0; route < kRoutes; ++route) {
    for (std::size_t status = 2; status < LoopMetrics::kStatusClasses; ++status) {
      std::uint64_t sum = 0;
      for (const LoopMetrics& loop : loops_) {
        sum += loop.requests_[route][status];
      }
      out += fmt::format("provender_http_requests_total{{route=\"{}\",status=\"{}xx\"}} {}\n",
                         kRouteNames[route],
                         status,
                         sum);
    }
  }
  return out;
}

std::string Metrics::render_durations() const {
  std::string out =
      "# HELP provender_http_request_duration_seconds Time from a whole request to its answer, by "
      "route.\n"
      "# TYPE provender_http_request_duration_seconds histogram\n";
  for (std::size_t route = 0; route < kRoutes; ++route) {
    std::uint64_t count = 0;
    std::uint64_t nanoseconds = 0;
    for (const LoopMetrics& loop : loops_) {
      nanoseconds += loop.nanoseconds_[route];
    }
    for (std::size_t bucket = 0; bucket <= kBounds.size(); ++bucket) {
      for (const LoopMetrics& loop : loops_) {
        count += loop.durations_[route][bucket];
      }
      const std::string bound =
          bucket < kBounds.size() ? fmt::format("{}", kBounds[bucket]) : "+Inf";
      out += fmt::format(
          "provender_http_request_duration_seconds_bucket{{route=\"{}\",le=\"{}\"}} {}\n",
          kRouteNames[route],
          bound,
          count);
    }
    out += fmt::format("provender_http_request_duration_seconds_sum{{route=\"{}\"}} {}\n",
                       kRouteNames[route],
                       static_cast<double>(nanoseconds) * 1e-9);
    out += fmt::format("provender_http_request_duration_seconds_count{{route=\"{}\"}} {}\n",
                       kRouteNames[route],
                       count);
  }
  return out;
}

std::string Metrics::render_values() const {
  std::string out =
      "# HELP provender_feature_values_total Feature values answered, by status.\n"
      "# TYPE provender_feature_values_total counter\n";
  for (std::size_t status = 0; status < 5; ++status) {
    std::uint64_t sum = 0;
    for (const LoopMetrics& loop : loops_) {
      sum += loop.values_[status];
    }
    out += fmt::format("provender_feature_values_total{{status=\"{}\"}} {}\n",
                       to_string(static_cast<Status>(status)),
                       sum);
  }
  return out;
}

std::string Metrics::render() const {
  return render_requests() + render_durations() + render_values() +
         fmt::format(
             "# HELP provender_registry_version The applied version that is served.\n"
             "# TYPE provender_registry_version gauge\n"
             "provender_registry_version {}\n",
             registry_version_.load());
}

}  // namespace provender::server
