#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace provender::server {

enum class Route : std::uint8_t { GetOnlineFeatures, Health, Ready, Metrics, Other };
inline constexpr std::size_t kRoutes = 5;

/// What one event loop counts: written by its thread only, read by whoever renders.
class LoopMetrics {
 public:
  void count_request(Route route, int status, std::chrono::nanoseconds took);
  /// `counts` by Status.
  void count_values(const std::uint64_t (&counts)[5]);

 private:
  friend class Metrics;
  static constexpr std::size_t kStatusClasses = 6;
  static constexpr std::size_t kBuckets = 13;
  using Counter = std::atomic<std::uint64_t>;

  std::array<std::array<Counter, kStatusClasses>, kRoutes> requests_{};
  std::array<std::array<Counter, kBuckets + 1>, kRoutes> durations_{};
  std::array<Counter, kRoutes> nanoseconds_{};
  std::array<Counter, 5> values_{};
};

/// The counters of all loops, and their sum as Prometheus text (exposition format 0.0.4).
class Metrics {
 public:
  explicit Metrics(std::size_t loops) : loops_(loops) {}
  LoopMetrics& loop(std::size_t index) { return loops_[index]; }
  void set_registry_version(std::uint64_t version) { registry_version_ = version; }

  std::string render() const;

 private:
  std::string render_requests() const;
  std::string render_durations() const;
  std::string render_values() const;

  std::vector<LoopMetrics> loops_;
  std::atomic<std::uint64_t> registry_version_{0};
};

}  // namespace provender::server
