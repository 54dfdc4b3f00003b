// The counters as Prometheus reads them:
// https://prometheus.io/docs/instrumenting/exposition_formats/
#include <cstdio>
#include <fstream>

#include <sys/resource.h>

#include <fmt/format.h>
#include <unistd.h>

#include "server/metric_bounds.hpp"
#include "server/metrics.hpp"

namespace provender::server {
namespace {

template <std::size_t N>
struct HistogramSum {
  std::array<std::uint64_t, N + 1> buckets{};
  std::uint64_t sum = 0;

  void add(const Histogram<N>& histogram) {
    for (std::size_t i = 0; i <= N; ++i) {
      buckets[i] += histogram.buckets[i].value();
    }
    sum += histogram.sum.value();
  }
};

struct RequestSum {
  std::array<std::uint64_t, 6> by_status_class{};
  HistogramSum<kDurationBounds> durations;

  void add(const RequestSeries& series) {
    for (std::size_t i = 0; i < by_status_class.size(); ++i) {
      by_status_class[i] += series.by_status_class[i].value();
    }
    durations.add(series.durations);
  }
};

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void number(std::string& out, std::string_view name, auto value) {
  out += fmt::format("{} {}\n", name, value);
}

/// `labels` as in `route="/health"`.
template <std::size_t N>
void write(std::string& out,
           std::string_view name,
           std::string_view labels,
           const HistogramSum<N>& histogram,
           const std::array<double, N>& bounds,
           double unit) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i <= N; ++i) {
    count += histogram.buckets[i];
    const std::string bound = i < N ? fmt::format("{}", bounds[i]) : "+Inf";
    out += fmt::format("{}_bucket{{{},le=\"{}\"}} {}\n", name, labels, bound, count);
  }
  out += fmt::format("{}_sum{{{}}} {}\n", name, labels, static_cast<double>(histogram.sum) * unit);
  out += fmt::format("{}_count{{{}}} {}\n", name, labels, count);
}

void write_activity(std::string& out, const std::optional<StoreActivity>& activity) {
  if (!activity) return;
  head(out, "provender_online_store_connections", "gauge", "Connections to the online store.");
  number(out, "provender_online_store_connections", activity->connections);
  head(out,
       "provender_online_store_in_flight",
       "gauge",
       "Commands that the online store has not answered yet.");
  number(out, "provender_online_store_in_flight", activity->in_flight);
  head(out,
       "provender_online_store_reconnects_total",
       "counter",
       "Connections to the online store made in place of lost ones.");
  number(out, "provender_online_store_reconnects_total", activity->reconnects);
}

void write_process(std::string& out) {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  head(out, "process_cpu_seconds_total", "counter", "User and system CPU time.");
  number(out, "process_cpu_seconds_total", seconds(used.ru_utime) + seconds(used.ru_stime));
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  if (statm >> pages >> pages) {
    head(out, "process_resident_memory_bytes", "gauge", "Resident memory.");
    number(out,
           "process_resident_memory_bytes",
           pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  }
}

}  // namespace

struct Metrics::Sums {
  std::array<RequestSum, kRoutes> routes;
  std::map<std::string, RequestSum> services;
  std::map<std::string, HistogramSum<kAgeBounds>> ages;
  std::array<std::uint64_t, 5> values{};
  std::array<std::uint64_t, 16> store_errors{};
  std::array<std::uint64_t, kUnreadableReasons> unreadable{};
  std::map<std::size_t, std::uint64_t> refused;
  std::uint64_t registry_errors = 0;

  void add(const LoopMetrics& loop);
  void write_requests(std::string& out) const;
  void write_values(std::string& out) const;
  void write_errors(std::string& out) const;
};

void Metrics::Sums::add(const LoopMetrics& loop) {
  for (std::size_t i = 0; i < kRoutes; ++i) {
    routes[i].add(loop.routes_[i]);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] += loop.values_[i].value();
  }
  for (std::size_t i = 0; i < store_errors.size(); ++i) {
    store_errors[i] += loop.store_errors_[i].value();
  }
  for (std::size_t i = 0; i < unreadable.size(); ++i) {
    unreadable[i] += loop.unreadable_[i].value();
  }
  for (std::size_t i = 0; i < loop.refused_.size(); ++i) {
    if (const std::uint64_t count = loop.refused_[i].value()) refused[i] += count;
  }
  registry_errors += loop.registry_errors_.value();
  const std::scoped_lock lock(loop.growing_);
  for (const auto& [name, series] : loop.services_) {
    services[name].add(series);
  }
  for (const auto& [name, series] : loop.views_) {
    ages[name].add(series.ages);
  }
}

void Metrics::Sums::write_requests(std::string& out) const {
  std::vector<std::pair<std::string, const RequestSum*>> series;
  for (std::size_t i = 0; i < kRoutes; ++i) {
    const auto route = static_cast<Route>(i);
    const std::string labels = fmt::format("route=\"{}\"", name_of(route));
    series.emplace_back(labels + ",service=\"\"", &routes[i]);
    if (route != Route::GetOnlineFeatures) continue;
    for (const auto& [name, sum] : services) {
      series.emplace_back(fmt::format("{},service=\"{}\"", labels, name), &sum);
    }
  }
  head(out,
       "provender_http_requests_total",
       "counter",
       "Requests answered, by route, feature service and class of status.");
  for (const auto& [labels, sum] : series) {
    for (std::size_t status = 2; status < sum->by_status_class.size(); ++status) {
      out += fmt::format("provender_http_requests_total{{{},status=\"{}xx\"}} {}\n",
                         labels,
                         status,
                         sum->by_status_class[status]);
    }
  }
  head(out,
       "provender_http_request_duration_seconds",
       "histogram",
       "Time from a whole request to its answer, by route and feature service.");
  for (const auto& [labels, sum] : series) {
    write(out, "provender_http_request_duration_seconds", labels, sum->durations, kDurations, 1e-9);
  }
}

void Metrics::Sums::write_values(std::string& out) const {
  head(out, "provender_feature_values_total", "counter", "Feature values answered, by status.");
  for (std::size_t status = 0; status < values.size(); ++status) {
    out += fmt::format("provender_feature_values_total{{status=\"{}\"}} {}\n",
                       to_string(static_cast<Status>(status)),
                       values[status]);
  }
  head(out,
       "provender_feature_age_seconds",
       "histogram",
       "Age of the rows served, by feature view: of each request's first entity.");
  for (const auto& [view, sum] : ages) {
    write(out, "provender_feature_age_seconds", fmt::format("view=\"{}\"", view), sum, kAges, 1e-6);
  }
}

void Metrics::Sums::write_errors(std::string& out) const {
  head(out,
       "provender_online_store_errors_total",
       "counter",
       "Reads that the online store failed, by code of the error.");
  for (std::size_t code = 0; code < store_errors.size(); ++code) {
    if (store_errors[code] == 0 && static_cast<ErrorCode>(code) != ErrorCode::Unavailable) continue;
    out += fmt::format("provender_online_store_errors_total{{code=\"{}\"}} {}\n",
                       to_string(static_cast<ErrorCode>(code)),
                       store_errors[code]);
  }
  head(out,
       "provender_unreadable_rows_total",
       "counter",
       "Stored rows whose values were INVALID because they could not be read, by reason.");
  constexpr std::array<std::string_view, kUnreadableReasons> kReasons{
      "checksum", "format", "schema"};
  for (std::size_t i = 0; i < unreadable.size(); ++i) {
    out += fmt::format(
        "provender_unreadable_rows_total{{reason=\"{}\"}} {}\n", kReasons[i], unreadable[i]);
  }
  head(out,
       "provender_http_refused_total",
       "counter",
       "Requests that were refused before they had a meaning, by status.");
  for (const auto& [status, count] : refused) {
    out += fmt::format("provender_http_refused_total{{status=\"{}\"}} {}\n", status, count);
  }
  head(out,
       "provender_registry_errors_total",
       "counter",
       "How often, at each tick, the last look at the registry had failed.");
  number(out, "provender_registry_errors_total", registry_errors);
}

Metrics::Sums Metrics::sum() const {
  Sums sums;
  for (const LoopMetrics& loop : loops_) {
    sums.add(loop);
  }
  return sums;
}

std::string Metrics::render() const {
  const Sums sums = sum();
  std::string out;
  sums.write_requests(out);
  sums.write_values(out);
  sums.write_errors(out);
  head(out, "provender_registry_version", "gauge", "The applied version that is served.");
  number(out, "provender_registry_version", registry_version_.load());
  {
    const std::scoped_lock lock(mutex_);
    head(out, "provender_http_connections", "gauge", "Connections open now.");
    number(out, "provender_http_connections", connections_ ? connections_() : 0);
    write_activity(out, store_activity_ ? store_activity_() : std::nullopt);
  }
  write_process(out);
  return out;
}

}  // namespace provender::server
