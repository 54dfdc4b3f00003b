#pragma once

#include <array>

#include "server/metrics.hpp"

namespace provender::server {

/// Upper bounds of the buckets, in seconds.
inline constexpr std::array<double, kDurationBounds> kDurations{
    50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 0.5, 1.0};
/// A second, ten, a minute, five, fifteen, an hour, six, a day, a week, thirty days.
inline constexpr std::array<double, kAgeBounds> kAges{
    1, 10, 60, 300, 900, 3600, 21'600, 86'400, 604'800, 2'592'000};

}  // namespace provender::server
