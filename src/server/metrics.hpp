#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "provender/error.hpp"
#include "provender/online_read.hpp"
#include "provender/types.hpp"

#include "server/routes.hpp"

namespace provender::server {

/// A number that one thread adds to and others read.
class Counter {
 public:
  void add(std::uint64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

/// How often a quantity was at most each of some bounds.
template <std::size_t Bounds>
struct Histogram {
  std::array<Counter, Bounds + 1> buckets;  ///< the last has no bound
  Counter sum;                              ///< in nanoseconds or microseconds: see the owner
};

inline constexpr std::size_t kDurationBounds = 13;
inline constexpr std::size_t kAgeBounds = 10;
inline constexpr std::size_t kUnreadableReasons = 3;

/// The requests of a route, or of a feature service.
struct RequestSeries {
  std::array<Counter, 6> by_status_class;
  Histogram<kDurationBounds> durations;  ///< nanoseconds

  void count(int status, std::chrono::nanoseconds took);
};

/// How old the rows of a view were when they were served.
struct AgeSeries {
  Histogram<kAgeBounds> ages;  ///< microseconds

  void count(Duration age);
};

/// What one event loop counts: written by its thread only, read by whoever renders. Rows of a
/// series stay where they are.
class LoopMetrics {
 public:
  RequestSeries& route(Route route) { return routes_[static_cast<std::size_t>(route)]; }
  /// The requests for the features of a service; "": for features by name.
  RequestSeries& service(std::string_view name);
  AgeSeries& view(std::string_view name);
  /// `counts` by Status.
  void count_values(const std::uint64_t (&counts)[5]);
  void count_store_error(ErrorCode code) { store_errors_[static_cast<std::size_t>(code)].add(1); }
  void count_unreadable(const UnreadableRows& rows);
  void count_refused(int status);
  void count_registry_error() { registry_errors_.add(1); }

 private:
  friend class Metrics;
  template <class Series>
  using ByName = std::map<std::string, Series, std::less<>>;

  template <class Series>
  Series& find(ByName<Series>& all, std::string_view name);

  std::array<RequestSeries, kRoutes> routes_;
  std::array<Counter, 5> values_;
  std::array<Counter, 16> store_errors_;
  std::array<Counter, kUnreadableReasons> unreadable_;
  std::array<Counter, 600> refused_;
  Counter registry_errors_;
  mutable std::mutex growing_;  ///< taken by the writer to add a series, and by readers
  ByName<RequestSeries> services_;
  ByName<AgeSeries> views_;
};

/// The counters of all loops, and their sum as Prometheus text (exposition format 0.0.4).
class Metrics {
 public:
  explicit Metrics(std::size_t loops) : loops_(loops) {}
  LoopMetrics& loop(std::size_t index) { return loops_[index]; }
  void set_registry_version(std::uint64_t version) { registry_version_ = version; }
  /// How many connections are open, from any thread. Set before anybody renders.
  void set_connections(std::function<std::size_t()> connections);
  /// The online store's connections, from any thread. Set before anybody renders.
  void set_store_activity(std::function<std::optional<StoreActivity>()> activity);

  std::string render() const;

 private:
  struct Sums;
  Sums sum() const;

  std::deque<LoopMetrics> loops_;
  std::atomic<std::uint64_t> registry_version_{0};
  mutable std::mutex mutex_;  ///< guards what follows
  std::function<std::size_t()> connections_;
  std::function<std::optional<StoreActivity>()> store_activity_;
};

}  // namespace provender::server
