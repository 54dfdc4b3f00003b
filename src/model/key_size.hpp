#pragma once

#include <cstddef>
#include <span>

#include "model/column.hpp"

/// How long an entity key is as bytes, for those who have no codec (docs/format/entity_key.md).
namespace provender {

/// The longest encoded key in every store.
inline constexpr std::size_t kMaxKeySize = 480;

/// Bytes that the key of row `row` takes encoded. `parts` are its columns, of key types; null parts
/// take nothing.
std::size_t encoded_key_size(std::span<const ColumnView> parts, std::size_t row);

}  // namespace provender
