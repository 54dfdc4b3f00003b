#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <lmdb.h>

#include "online/online_store.hpp"

namespace provender::online::lmdb {

/// Walks down LMDB's tree for many lookups at once and asks the processor for what LMDB will look
/// at, so that it need not wait for one piece of memory after another
/// (docs/design/online_reads.md). Only LMDB says what is stored: what goes wrong here costs time
/// alone. Confined to one thread.
class ReadAhead {
 public:
  static constexpr std::size_t kAtOnce = 32;

  /// LMDB's file as it is mapped, and the tree in it that one transaction sees.
  struct File {
    const char* begin;
    std::uint64_t last_page;
    std::uint64_t root;
    std::uint16_t depth;
  };
  /// Walks the tree that `transaction` sees, in the file that begins at `mapped`. Where that is
  /// not known (nullptr) the walks do nothing.
  void begin(MDB_txn* transaction, const char* mapped) noexcept;
  void begin(const File& file) noexcept { file_ = file; }
  bool has_begun() const noexcept { return file_.has_value(); }
  void end() noexcept { file_.reset(); }

  /// For at most kAtOnce lookups of storable keys. Returns for how many the walk came to their
  /// first row.
  template <class Lookups>
  std::size_t walk(Lookups&& lookups) {
    std::size_t count = 0;
    for (const Lookup& lookup : lookups) {
      start(walks_[count++], lookup);
    }
    return run(std::span(walks_).first(count));
  }

 private:
  /// One lookup's way down: a binary search in each page.
  struct Walk {
    std::string key;  ///< of the first row
    std::size_t rows = 0;
    const char* page = nullptr;  ///< nullptr: it has ended
    std::uint16_t depth = 0;     ///< of the page: 1 is a leaf
    std::size_t low = 0;
    std::size_t end = 0;
    bool has_entered = false;  ///< the page's header was read
    bool is_found = false;
  };

  void start(Walk& walk, const Lookup& lookup) const;
  std::size_t run(std::span<Walk> walks) const;
  void visit(Walk& walk, std::uint64_t page) const;
  void step(Walk& walk) const;
  static bool enter(Walk& walk);
  static bool halve(Walk& walk);
  static std::size_t middle_of(const Walk& walk) { return (walk.low + walk.end - 1) / 2; }
  void leave(Walk& walk) const;
  static void fetch_rows(Walk& walk);

  std::optional<File> file_;
  std::array<Walk, kAtOnce> walks_;
};

}  // namespace provender::online::lmdb
