#pragma once

#include <cstdint>
#include <stop_token>

#include "pit/large_vector.hpp"

namespace provender::pit {

struct Keyed {
  std::uint64_t key;
  std::uint32_t value;

  friend bool operator==(const Keyed&, const Keyed&) = default;
};

/// Sorts by key, keeping the order of equal keys. Linear: least significant digit first, digits
/// that all keys share are skipped. False if a stop was requested: the items are in no order then,
/// and some may be missing.
bool radix_sort(LargeVector<Keyed>& items, const std::stop_token& stop = {});

/// A signed number as one that orders alike unsigned.
constexpr std::uint64_t order_bits(std::int64_t value) {
  return static_cast<std::uint64_t>(value) ^ (std::uint64_t{1} << 63);
}

/// The number whose order_bits these are.
constexpr std::int64_t number_of(std::uint64_t order_bits) {
  return static_cast<std::int64_t>(order_bits ^ (std::uint64_t{1} << 63));
}

}  // namespace provender::pit
