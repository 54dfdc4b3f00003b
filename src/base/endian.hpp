#pragma once

#include <bit>
#include <concepts>
#include <cstring>
#include <string>

namespace provender {

static_assert(std::endian::native == std::endian::little,
              "stored formats are read in place on little-endian machines");

/// Reads a little-endian number at any address.
template <class T>
T load_le(const void* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class T>
void store_le(void* to, T value) noexcept {
  std::memcpy(to, &value, sizeof value);
}

template <class T>
void append_le(std::string& out, T value) {
  const std::size_t at = out.size();
  out.resize(at + sizeof value);
  store_le(out.data() + at, value);
}

template <std::unsigned_integral T>
constexpr T byte_swap(T value) noexcept {
  if constexpr (sizeof(T) == 1) return value;
  if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
  if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
  if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
}

template <std::unsigned_integral T>
T load_be(const void* from) noexcept {
  return byte_swap(load_le<T>(from));
}

template <std::unsigned_integral T>
void store_be(void* to, T value) noexcept {
  store_le(to, byte_swap(value));
}

}  // namespace provender
