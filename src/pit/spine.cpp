#include "pit/spine.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "pit/parts.hpp"
#include "pit/radix_sort.hpp"

namespace provender::pit {

namespace {

constexpr std::size_t kSamplesPerPart = 256;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

/// Times that cut those of all rows into about `parts` equal parts: from one to the next. No row
/// has the first, kNoTime.
std::vector<std::int64_t> cuts(std::span<const std::int64_t> times, std::size_t parts) {
  std::vector<std::int64_t> out = {kNoTime};
  std::vector<std::int64_t> sample;
  for (std::size_t i = 0; parts > 1 && i < parts * kSamplesPerPart; ++i) {
    sample.push_back(times[i * times.size() / (parts * kSamplesPerPart)]);
  }
  std::ranges::sort(sample);
  for (std::size_t part = 1; part < parts; ++part) {
    out.push_back(sample[part * kSamplesPerPart]);
  }
  return out;
}

/// The rows whose times are in (`from`, `to`], sorted by them. Nothing: a stop was requested.
LargeVector<Keyed> sorted_between(std::span<const std::int64_t> times,
                                  std::int64_t from,
                                  std::int64_t to,
                                  std::size_t expected,
                                  const std::stop_token& stop) {
  LargeVector<Keyed> out;
  out.reserve(expected);
  for_each(times.size(), stop, [&](std::size_t row) {
    if (times[row] <= from || times[row] > to) return;
    out.push_back({.key = order_bits(times[row]), .value = static_cast<std::uint32_t>(row)});
  });
  if (!radix_sort(out, stop)) out.clear();
  return out;
}

}  // namespace

TimeOrder::TimeOrder(std::span<const std::int64_t> times,
                     const std::stop_token& stop,
                     const Parallel& parallel)
    : spine_rows_(times.size()) {
  const std::size_t parts = parallel.parts_of(times.size());
  const std::vector<std::int64_t> from = cuts(times, parts);
  std::vector<LargeVector<Keyed>> sorted(parts);
  parallel.for_parts_of(times.size(), [&](std::size_t part, std::size_t, std::size_t) {
    const bool is_last = part + 1 == parts;
    const std::int64_t to = is_last ? kMost : from[part + 1];
    const std::size_t expected = is_last && part == 0 ? times.size() : times.size() / parts / 8 * 9;
    sorted[part] = sorted_between(times, from[part], to, expected, stop);
  });
  std::vector<std::size_t> begin = {0};
  for (const LargeVector<Keyed>& part : sorted) {
    begin.push_back(begin.back() + part.size());
  }
  times_.resize(begin.back());
  rows_.resize(begin.back());
  parallel.for_parts_of(times.size(), [&](std::size_t part, std::size_t, std::size_t) {
    for_each(sorted[part].size(), stop, [&](std::size_t i) {
      times_[begin[part] + i] = number_of(sorted[part][i].key);
      rows_[begin[part] + i] = sorted[part][i].value;
    });
  });
}

RoleSpine::RoleSpine(const TimeOrder& order,
                     std::span<const std::uint32_t> entity_of_row,
                     std::size_t entities,
                     const std::stop_token& stop,
                     const Parallel& parallel)
    : order_(&order), entities_(order.size()), entity_count_(entities + 1) {
  const auto of_nulls = static_cast<std::uint32_t>(entities);
  parallel.for_parts_of(order.size(), [&](std::size_t, std::size_t first, std::size_t end) {
    for_each(end - first, stop, [&](std::size_t i) {
      const std::uint32_t entity = entity_of_row[order.rows()[first + i]];
      entities_[first + i] = entity == kNoEntity ? of_nulls : entity;
    });
  });
}

}  // namespace provender::pit
