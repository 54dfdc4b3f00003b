#include "pit/radix_sort.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace provender::pit {
namespace {

constexpr int kDigitBits = 11;
constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
/// Below this, what a digit's counters cost is more than a comparison sort.
constexpr std::size_t kFewItems = 2048;

std::size_t digit_of(std::uint64_t key, int shift) {
  return (key >> shift) & (kDigits - 1);
}

void sort_by_digit(const std::vector<Keyed>& from, std::vector<Keyed>& to, int shift) {
  std::array<std::uint32_t, kDigits> starts{};
  for (const Keyed& item : from) {
    ++starts[digit_of(item.key, shift)];
  }
  std::uint32_t sum = 0;
  for (std::uint32_t& start : starts) {
    start = std::exchange(sum, sum + start);
  }
  for (const Keyed& item : from) {
    to[starts[digit_of(item.key, shift)]++] = item;
  }
}

}  // namespace

void radix_sort(std::vector<Keyed>& items) {
  if (items.size() < kFewItems) {
    std::ranges::stable_sort(items, {}, &Keyed::key);
    return;
  }
  std::uint64_t different = 0;
  bool sorted = true;
  for (std::size_t i = 1; i < items.size(); ++i) {
    different |= items[i].key ^ items[0].key;
    sorted = sorted && items[i - 1].key <= items[i].key;
  }
  if (sorted) return;
  std::vector<Keyed> other(items.size());
  for (int shift = 0; shift < 64; shift += kDigitBits) {
    if (digit_of(different, shift) == 0) continue;
    sort_by_digit(items, other, shift);
    items.swap(other);
  }
}

}  // namespace provender::pit
