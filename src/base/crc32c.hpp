#pragma once

#include <cstdint>
#include <string_view>

namespace provender {

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `bytes`, continuing from `crc` of the bytes
/// before them. Uses the processor's instruction where there is one.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0) noexcept;

/// The same without the instruction: what other processors run.
std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t crc = 0) noexcept;

}  // namespace provender
