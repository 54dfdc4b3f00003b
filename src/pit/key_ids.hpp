#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "pit/arena.hpp"
#include "pit/source_row.hpp"

/// Dictionaries from one part of a key to a small number: what the spine has is added once, what
/// the history has is looked up millions of times.
namespace provender::pit {

/// Ids of integers. `add` is confined to one thread, `find` is safe for concurrent use once frozen.
class IntegerIds {
 public:
  IntegerIds();

  std::uint32_t add(std::int64_t key);
  /// Lets dense keys be found by address. No key may be added afterwards.
  void freeze();
  std::size_t size() const { return size_; }
  /// Whether any key is in [least, most]; once frozen. Of many keys it says yes without looking.
  bool may_have(std::int64_t least, std::int64_t most) const;

  std::uint32_t find(std::int64_t key) const {
    const std::uint64_t offset = static_cast<std::uint64_t>(key) - least_;
    if (is_direct_) return offset < direct_.size() ? direct_[offset] : kNoEntity;
    return find_hashed(key);
  }
  /// Brings what find(key) reads into the cache.
  void prefetch(std::int64_t key) const {
    if (!is_direct_) __builtin_prefetch(&slots_[place_of(key)]);
  }

 private:
  struct Slot {
    std::int64_t key;
    std::uint32_t id;  ///< kNoEntity: free
  };

  std::size_t place_of(std::int64_t key) const;
  std::uint32_t find_hashed(std::int64_t key) const;
  void grow();

  std::vector<Slot> slots_;  ///< a power of two, linear probing
  int shift_ = 0;            ///< 64 - log2 of their number
  std::uint32_t size_ = 0;
  bool is_direct_ = false;
  std::uint64_t least_ = 0;
  std::vector<std::uint32_t> direct_;  ///< id by key - least_
  std::vector<std::int64_t> sorted_;   ///< once frozen, if they are few
};

/// Ids of texts and bytes, by their bytes. Threads as IntegerIds.
class TextIds {
 public:
  TextIds();

  std::uint32_t add(std::string_view key);
  void freeze();
  std::size_t size() const { return size_; }
  bool may_have(std::string_view least, std::string_view most) const;

  std::uint32_t find(std::string_view key) const { return find_hashed(key, hash(key)); }
  std::uint32_t find_hashed(std::string_view key, std::uint64_t hash) const;
  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&slots_[hash & mask_]); }
  static std::uint64_t hash(std::string_view key);

 private:
  static constexpr std::size_t kInline = 24;
  /// Half a cache line: most keys are found with one access.
  struct Slot {
    std::uint32_t id;  ///< kNoEntity: free
    std::uint32_t length;
    union {
      char bytes[kInline];  // NOLINT(modernize-avoid-c-arrays): a key of up to kInline bytes
      const char* text;     ///< of a longer one
    };
    std::string_view key() const { return {length <= kInline ? bytes : text, length}; }
  };

  void put(const Slot& slot);
  void grow();

  std::vector<Slot> slots_;  ///< a power of two, linear probing
  std::size_t mask_ = 0;
  std::uint32_t size_ = 0;
  Arena long_keys_;
  std::vector<std::string_view>
      sorted_;  ///< once frozen, if they are few; in slots_ and long_keys_
};

}  // namespace provender::pit
