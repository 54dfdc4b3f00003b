#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "pit/arena.hpp"
#include "pit/large_vector.hpp"
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
  /// Lets keys that leave hardly a gap be found by calculation: their ids become their order, so
  /// that neighbours stay neighbours, and keys in the gaps get some too. The new id of each; empty:
  /// they keep theirs. Before `freeze`.
  std::vector<std::uint32_t> number_by_order();
  std::size_t size() const { return size_; }
  /// Whether any key is in [least, most]; once frozen. Of many keys it says yes without looking.
  bool may_have(std::int64_t least, std::int64_t most) const;

  std::uint32_t find(std::int64_t key) const {
    const std::uint64_t offset = static_cast<std::uint64_t>(key) - least_;
    if (is_gapless_) return offset < size_ ? static_cast<std::uint32_t>(offset) : kNoEntity;
    if (is_direct_) return offset < direct_.size() ? direct_[offset] : kNoEntity;
    return find_hashed(key);
  }
  /// Brings what find(key) reads into the cache.
  void prefetch(std::int64_t key) const {
    if (!is_direct_) __builtin_prefetch(&slots_[place_of(key)]);
  }
  /// The first of keys whose ids are their distances from it; nullopt: they are not.
  std::optional<std::int64_t> gapless_from() const {
    return is_gapless_ ? std::optional(static_cast<std::int64_t>(least_)) : std::nullopt;
  }

 private:
  struct Slot {
    std::int64_t key;
    std::uint32_t id;  ///< kNoEntity: free
  };

  std::size_t place_of(std::int64_t key) const;
  std::uint32_t find_hashed(std::int64_t key) const;
  void grow();

  struct Range {
    std::int64_t least;
    std::int64_t most;
    /// How many are in it, less one.
    std::uint64_t span() const {
      return static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least);
    }
  };
  Range range() const;

  LargeVector<Slot> slots_;  ///< a power of two, linear probing
  int shift_ = 0;            ///< 64 - log2 of their number
  std::uint32_t size_ = 0;
  bool is_gapless_ = false;  ///< and direct
  bool is_direct_ = false;
  std::uint64_t least_ = 0;
  LargeVector<std::uint32_t> direct_;  ///< id by key - least_
  std::vector<std::int64_t> sorted_;   ///< once frozen, if they are few
};

/// Ids of texts and bytes, by their bytes. A lookup has three steps, each of which brings into the
/// cache what the next one reads, so that those of some keys can take them together: `prefetch`,
/// `prefetch_likely`, `find`. Threads as IntegerIds.
class TextIds {
 public:
  TextIds();

  std::uint32_t add(std::string_view key, std::uint32_t hash);
  void freeze();
  std::size_t size() const { return keys_.size(); }
  bool may_have(std::string_view least, std::string_view most) const;

  static std::uint32_t hash(std::string_view key);
  void prefetch(std::uint32_t hash) const { __builtin_prefetch(&entries_[hash & mask_]); }
  /// The only id that a key of this hash has, but in one of thousands; kNoEntity: it has none.
  std::uint32_t prefetch_likely(std::uint32_t hash) const;
  /// `likely` is the key's, from prefetch_likely().
  std::uint32_t find(std::string_view key, std::uint32_t hash, std::uint32_t likely) const {
    if (likely == kNoEntity || keys_[likely].is(key)) return likely;
    return find(key, hash);
  }

 private:
  static constexpr std::size_t kInline = 24;
  struct Entry {
    std::uint32_t hash = 0;
    std::uint32_t id = kNoEntity;  ///< kNoEntity: free
  };
  /// Half a cache line: most keys are compared with one access.
  struct Key {
    std::uint64_t length;
    union {
      char bytes[kInline];  // NOLINT(modernize-avoid-c-arrays): a key of up to kInline bytes
      const char* text;     ///< of a longer one
    };
    std::string_view view() const { return {length <= kInline ? bytes : text, length}; }
    bool is(std::string_view key) const;
  };

  std::uint32_t find(std::string_view key, std::uint32_t hash) const;
  void put(const Entry& entry);
  void grow();

  LargeVector<Entry> entries_;  ///< a power of two, linear probing
  std::size_t mask_ = 0;
  LargeVector<Key> keys_;  ///< by id
  Arena long_keys_;
  std::vector<std::string_view> sorted_;  ///< once frozen, if they are few; in keys_ and long_keys_
};

}  // namespace provender::pit
