#include "pit/spine.hpp"

#include <algorithm>
#include <limits>
#include <thread>
#include <vector>

#include "pit/parts.hpp"
#include "pit/radix_sort.hpp"

namespace provender::pit {

namespace {

/// Fewer rows are sorted sooner than a thread is started.
constexpr std::size_t kRowsPerThread = 100'000;
constexpr std::size_t kSamplesPerThread = 256;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

/// Times that cut those of all rows into about `parts` equal parts: from one to the next. No row
/// has the first, kNoTime.
std::vector<std::int64_t> cuts(std::span<const std::int64_t> times, std::size_t parts) {
  std::vector<std::int64_t> out = {kNoTime};
  std::vector<std::int64_t> sample;
  for (std::size_t i = 0; parts > 1 && i < parts * kSamplesPerThread; ++i) {
    sample.push_back(times[i * times.size() / (parts * kSamplesPerThread)]);
  }
  std::ranges::sort(sample);
  for (std::size_t part = 1; part < parts; ++part) {
    out.push_back(sample[part * kSamplesPerThread]);
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

/// Calls `work(i)` for each i below `count`, in a thread of its own but for the last.
template <class Work>
void in_threads(std::size_t count, const Work& work) {
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    threads.emplace_back([&work, i] { work(i); });
  }
  work(count - 1);
}

}  // namespace

TimeOrder::TimeOrder(std::span<const std::int64_t> times,
                     const std::stop_token& stop,
                     std::size_t threads)
    : spine_rows_(times.size()) {
  const std::size_t parts = std::clamp<std::size_t>(times.size() / kRowsPerThread, 1, threads);
  const std::vector<std::int64_t> from = cuts(times, parts);
  std::vector<LargeVector<Keyed>> sorted(parts);
  in_threads(parts, [&](std::size_t part) {
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
  in_threads(parts, [&](std::size_t part) {
    for_each(sorted[part].size(), stop, [&](std::size_t i) {
      times_[begin[part] + i] = number_of(sorted[part][i].key);
      rows_[begin[part] + i] = sorted[part][i].value;
    });
  });
}

RoleSpine::RoleSpine(const TimeOrder& order,
                     std::span<const std::uint32_t> entity_of_row,
                     std::size_t entities,
                     const std::stop_token& stop)
    : order_(&order), entity_count_(entities + 1) {
  entities_.reserve(order.size());
  const auto of_nulls = static_cast<std::uint32_t>(entities);
  for_parts(order.size(), stop, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint32_t entity = entity_of_row[order.rows()[i]];
      entities_.push_back(entity == kNoEntity ? of_nulls : entity);
    }
  });
}

}  // namespace provender::pit
