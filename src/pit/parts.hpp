#pragma once

#include <algorithm>
#include <cstddef>
#include <stop_token>

namespace provender::pit {

/// Calls `work(begin, end)` for consecutive parts of [0, count), small enough that a stop which is
/// requested meanwhile is obeyed within milliseconds. Whether all was done.
template <class Work>
bool for_parts(std::size_t count, const std::stop_token& stop, Work work) {
  constexpr std::size_t kPart = std::size_t{1} << 16;
  for (std::size_t begin = 0; begin < count; begin += kPart) {
    if (stop.stop_requested()) return false;
    work(begin, std::min(begin + kPart, count));
  }
  return !stop.stop_requested();
}

/// The same one by one: `work(i)`.
template <class Work>
bool for_each(std::size_t count, const std::stop_token& stop, const Work& work) {
  return for_parts(count, stop, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      work(i);
    }
  });
}

}  // namespace provender::pit
