#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <lmdb.h>

#include "online/lmdb/page.hpp"
#include "online/online_store.hpp"
#include "online/store_key.hpp"

namespace provender::online::lmdb {

/// Reads rows from LMDB's tree where it is mapped, many lookups in turns: each looks at what it
/// asked the processor for, asks for what it needs next and leaves the place to another, so that
/// none waits for memory alone (docs/design/online_reads.md). Every number that it finds is checked
/// before it is followed. Confined to one thread.
class TreeReader {
 public:
  /// Of the pages that it can read: others need not begin where the system's do.
  static constexpr std::size_t kPageSize = 4096;

  /// LMDB's file as it is mapped, and the tree in it that one transaction sees.
  struct File {
    const char* begin;
    std::uint64_t last_page;
    std::uint64_t root;
    std::uint16_t depth;
  };
  /// Looks for the tree that `transaction` sees, in the file that begins at `mapped`. False: it
  /// cannot be told, because another state is being written over it.
  bool begin(MDB_txn* transaction, const char* mapped) noexcept;
  void begin(const File& file) noexcept { file_ = file; }

  /// Puts what is stored into `rows`: one per lookup and store id, in order; the places of rows
  /// that are not stored stay as they are. False: the tree contradicts itself.
  bool read(std::span<const Lookup> lookups, std::span<std::string_view> rows);

 private:
  /// One lookup's way down: a binary search in each page, and then the rows side by side.
  struct Walk {
    enum class Task : std::uint8_t { Descend, Enter, Search, Take };

    const Lookup* lookup = nullptr;
    std::string_view* rows = nullptr;  ///< of the lookup
    std::size_t row = 0;               ///< which of them is sought
    const char* page = nullptr;
    std::uint16_t depth = 0;  ///< of the page: 1 is a leaf
    Task task = Task::Descend;
    bool is_own_page = false;  ///< the walk came here for the row that is sought
    std::size_t nodes = 0;     ///< of the page
    std::size_t low = 0;       ///< the sought one is not before it,
    std::size_t end = 0;       ///< nor behind this one
    std::size_t key_size = 0;
    std::array<char, kMaxStoreKeySize> key_bytes{};

    std::string_view key() const noexcept { return {key_bytes.data(), key_size}; }
  };
  enum class Outcome : std::uint8_t { Waits, Ended, Damaged };

  static void start(Walk& walk, const Lookup& lookup, std::string_view* rows);
  bool run(std::size_t count);
  static void fetch_heads(std::span<const Walk* const> walks);
  Outcome take_turn(Walk& walk) const;
  Outcome step(Walk& walk) const;
  Outcome descend(Walk& walk) const;
  bool visit(Walk& walk, std::uint64_t page) const;
  Outcome enter(Walk& walk) const;
  Outcome search(Walk& walk) const;
  Outcome search_from(Walk& walk, std::size_t low) const;
  Outcome leave(Walk& walk) const;
  Outcome take(Walk& walk) const;
  static bool seek_next_row(Walk& walk);
  std::optional<std::string_view> row_of(const Node& node) const;
  std::optional<std::string_view> overflow_of(const Node& node) const;

  static constexpr std::size_t kAtOnce = 64;
  File file_{};
  int levels_ = 1;  ///< of a binary search that are asked for at once
  std::array<Walk, kAtOnce> walks_;
  std::array<Walk*, kAtOnce> walking_{};
  std::array<const Walk*, kAtOnce> arrived_{};  ///< came to a page that none has looked at
};

}  // namespace provender::online::lmdb
