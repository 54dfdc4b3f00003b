#pragma once

#include <cstdint>
#include <span>

namespace provender::parquet {

/// Places among some rows or values, which ascend.
using Places = std::span<const std::uint32_t>;

}  // namespace provender::parquet
