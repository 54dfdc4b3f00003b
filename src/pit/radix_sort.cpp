#include "pit/radix_sort.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "pit/parts.hpp"

namespace provender::pit {
namespace {

constexpr int kDigitBits = 11;
constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
/// Below this, what a digit's counters cost is more than a comparison sort.
constexpr std::size_t kFewItems = 2048;

std::size_t digit_of(std::uint64_t key, int shift) {
  return (key >> shift) & (kDigits - 1);
}

bool sort_by_digit(const LargeVector<Keyed>& from,
                   LargeVector<Keyed>& to,
                   int shift,
                   const std::stop_token& stop) {
  std::array<std::uint32_t, kDigits> starts{};
  const bool counted = for_parts(from.size(), stop, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      ++starts[digit_of(from[i].key, shift)];
    }
  });
  if (!counted) return false;
  std::uint32_t sum = 0;
  for (std::uint32_t& start : starts) {
    start = std::exchange(sum, sum + start);
  }
  return for_parts(from.size(), stop, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      to[starts[digit_of(from[i].key, shift)]++] = from[i];
    }
  });
}

}  // namespace

bool radix_sort(LargeVector<Keyed>& items, const std::stop_token& stop) {
  if (items.size() < kFewItems) {
    std::ranges::stable_sort(items, {}, &Keyed::key);
    return true;
  }
  std::uint64_t different = 0;
  bool sorted = true;
  for (std::size_t i = 1; i < items.size(); ++i) {
    different |= items[i].key ^ items[0].key;
    sorted = sorted && items[i - 1].key <= items[i].key;
  }
  if (sorted) return true;
  LargeVector<Keyed> other(items.size());
  for (int shift = 0; shift < 64; shift += kDigitBits) {
    if (digit_of(different, shift) == 0) continue;
    if (!sort_by_digit(items, other, shift, stop)) return false;
    items.swap(other);
  }
  return true;
}

}  // namespace provender::pit
