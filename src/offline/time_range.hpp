#pragma once

#include <cstdint>
#include <limits>

namespace provender::offline {

/// The times that DuckDB's TIMESTAMP has, in microseconds. Of other numbers two are its infinities,
/// and it cannot print the rest, which files may hold all the same.
inline constexpr std::int64_t kLeastTime = -9'223'372'022'400'000'000;
inline constexpr std::int64_t kMostTime = std::numeric_limits<std::int64_t>::max() - 1;

constexpr bool is_time(std::int64_t micros) {
  return micros >= kLeastTime && micros <= kMostTime;
}

}  // namespace provender::offline
