#pragma once

#include <cstdint>
#include <string_view>

namespace provender::online::redis {

inline constexpr std::uint16_t kSlots = 16'384;

/// The hash slot of a key in a cluster: CRC-16/XMODEM of the key, or of what stands in its first
/// {…} that is not empty (Redis cluster specification, "Hash tags").
std::uint16_t slot_of(std::string_view key) noexcept;

}  // namespace provender::online::redis
