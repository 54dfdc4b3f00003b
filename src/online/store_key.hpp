#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "provender/result.hpp"

#include "base/endian.hpp"
#include "model/key_size.hpp"
#include "online/online_store.hpp"

/// The key that a row has in a store that keeps all of them in one ordered map: u32 BE entity set,
/// the entity key, u32 BE store id, so that an entity's views are neighbours.
namespace provender::online {

inline constexpr std::size_t kStoreIdSize = sizeof(std::uint32_t);
inline constexpr std::size_t kStoreKeyOverhead = sizeof(std::uint32_t) + kStoreIdSize;

struct RowName {
  std::uint32_t entity_set;
  std::string_view key;
  std::uint32_t store_id;
};

inline constexpr std::size_t kMaxStoreKeySize = kMaxKeySize + kStoreKeyOverhead;

/// Writes the key to `out`, where there is room for it, and returns its size.
inline std::size_t write_store_key(char* out, const RowName& name) noexcept {
  store_be(out, name.entity_set);
  name.key.copy(out + sizeof(std::uint32_t), name.key.size());
  store_be(out + sizeof(std::uint32_t) + name.key.size(), name.store_id);
  return name.key.size() + kStoreKeyOverhead;
}

/// Replaces `out` by the key; its memory is used again.
inline void assign_store_key(std::string& out, const RowName& name) {
  out.resize(name.key.size() + kStoreKeyOverhead);
  write_store_key(out.data(), name);
}

/// The store id at the end of a key that assign_store_key made.
inline std::uint32_t store_id_of(std::string_view store_key) noexcept {
  return load_be<std::uint32_t>(store_key.data() + store_key.size() - kStoreIdSize);
}

/// Whether a row can have this entity key: 1 to 480 bytes.
bool is_storable_key(std::string_view key) noexcept;

/// Whether a store can hold these rows: each has order bytes, and a key of 1 to 480 bytes.
Result<> check_rows(std::span<const WriteRow> rows);

}  // namespace provender::online
