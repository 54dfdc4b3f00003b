#pragma once

#include <cstdint>
#include <string_view>

#include "provender/result.hpp"

namespace provender::definitions {

/// Reads a whole number of bytes with its unit: B, kB MB GB TB (thousands) or KiB MiB GiB TiB
/// (1024s).
Result<std::uint64_t> parse_byte_size(std::string_view text);

}  // namespace provender::definitions
