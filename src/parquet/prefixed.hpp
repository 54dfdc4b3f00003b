#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/endian.hpp"

namespace provender::parquet {

/// Takes what stands at the front of `bytes` behind its length of four bytes, as Parquet writes
/// texts and runs; nullopt: it ends behind them.
inline std::optional<std::string_view> take_prefixed(std::string_view& bytes) {
  if (bytes.size() < 4) return std::nullopt;
  const std::size_t length = load_le<std::uint32_t>(bytes.data());
  if (length > bytes.size() - 4) return std::nullopt;
  const std::string_view out = bytes.substr(4, length);
  bytes.remove_prefix(4 + length);
  return out;
}

}  // namespace provender::parquet
