#include "base/crc32c.hpp"

#include <array>
#include <utility>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

#include "base/endian.hpp"

namespace provender {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  constexpr std::uint32_t kReversedPolynomial = 0x82F63B78;
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? kReversedPolynomial : 0);
    }
    table[byte] = crc;
  }
  return table;
}

constexpr auto kTable = make_table();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(std::string_view bytes,
                                                             std::uint32_t crc) noexcept {
  std::uint64_t state = ~crc;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    state = _mm_crc32_u64(state, load_le<std::uint64_t>(bytes.data()));
  }
  auto tail = static_cast<std::uint32_t>(state);
  const char* at = bytes.data();
  if ((bytes.size() & 4U) != 0) {
    tail = _mm_crc32_u32(tail, load_le<std::uint32_t>(std::exchange(at, at + 4)));
  }
  if ((bytes.size() & 2U) != 0) {
    tail = _mm_crc32_u16(tail, load_le<std::uint16_t>(std::exchange(at, at + 2)));
  }
  if ((bytes.size() & 1U) != 0) tail = _mm_crc32_u8(tail, static_cast<std::uint8_t>(*at));
  return ~tail;
}
#endif

}  // namespace

std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t crc) noexcept {
  crc = ~crc;
  for (const char byte : bytes) {
    crc = (crc >> 8) ^ kTable[(crc ^ static_cast<std::uint8_t>(byte)) & 0xFF];
  }
  return ~crc;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc) noexcept {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return crc32c_sse42(bytes, crc);
#endif
  return crc32c_portable(bytes, crc);
}

}  // namespace provender
