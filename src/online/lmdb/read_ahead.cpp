#include "online/lmdb/read_ahead.hpp"

#include <algorithm>

#include "online/lmdb/data_file.hpp"
#include "online/lmdb/environment.hpp"
#include "online/lmdb/page.hpp"
#include "online/store_key.hpp"

namespace provender::online::lmdb {
namespace {

/// Pages of another size need not begin where the system's do, so that no row tells where.
constexpr std::size_t kPageSize = 4096;
constexpr std::size_t kLine = 64;
/// Of a row with its key; what is longer is found by the processor itself.
constexpr std::size_t kFetchedOfRow = 160;

std::string_view whole(const char* page) noexcept {
  return {page, kPageSize};
}

void fetch(const char* page, std::size_t at, std::size_t size) noexcept {
  const std::size_t end = std::min(at + size, kPageSize);
  for (at -= at % kLine; at < end; at += kLine) {
    __builtin_prefetch(page + at);
  }
}

}  // namespace

/// The transaction keeps all pages that it can see from being written anew, those of later ones
/// too: whichever root is read, what hangs from it stays as it is.
void ReadAhead::begin(MDB_txn* transaction, const char* mapped) noexcept {
  MDB_stat stat{};
  if (mapped == nullptr || mdb_stat(transaction, kTable, &stat) != MDB_SUCCESS) return;
  if (stat.ms_psize != kPageSize) return;
  const std::size_t number = mdb_txn_id(transaction);
  const Meta meta({mapped + number % 2 * kPageSize + kPageHeaderSize, Meta::kSize});
  const Tree rows = meta.rows();
  if (meta.transaction() != number || rows.root > meta.last_page()) return;
  file_ =
      File{.begin = mapped, .last_page = meta.last_page(), .root = rows.root, .depth = rows.depth};
}

void ReadAhead::start(Walk& walk, const Lookup& lookup) const {
  walk.is_found = false;
  walk.rows = lookup.store_ids.size();
  walk.page = nullptr;
  if (!file_ || walk.rows == 0) return;
  assign_store_key(
      walk.key,
      {.entity_set = lookup.entity_set, .key = lookup.key, .store_id = lookup.store_ids.front()});
  walk.depth = file_->depth;
  visit(walk, file_->root);
}

void ReadAhead::visit(Walk& walk, std::uint64_t page) const {
  walk.page =
      page <= file_->last_page && walk.depth > 0 ? file_->begin + page * kPageSize : nullptr;
  walk.has_entered = false;
  if (walk.page != nullptr) fetch(walk.page, 0, 2 * kLine);
}

std::size_t ReadAhead::run(std::span<Walk> walks) const {
  const auto is_walking = [](const Walk& walk) { return walk.page != nullptr; };
  while (std::ranges::any_of(walks, is_walking)) {
    for (Walk& walk : walks) {
      if (is_walking(walk)) step(walk);
    }
  }
  return static_cast<std::size_t>(std::ranges::count(walks, true, &Walk::is_found));
}

/// Looks at what was asked for in the step before, and asks for what comes next.
void ReadAhead::step(Walk& walk) const {
  if (!(walk.has_entered ? halve(walk) : enter(walk))) {
    walk.page = nullptr;
  } else if (walk.low >= walk.end) {
    leave(walk);
  } else {
    fetch(walk.page,
          node_offset(whole(walk.page), middle_of(walk)),
          kNodeHeaderSize + walk.key.size());
  }
}

/// A branch's first node has no key: it is where all that is less goes.
bool ReadAhead::enter(Walk& walk) {
  const auto count = node_count(whole(walk.page));
  if (!count) return false;
  walk.has_entered = true;
  walk.low = walk.depth == 1 ? 0 : 1;
  walk.end = *count;
  return walk.low <= walk.end;
}

/// LMDB's own steps, so that it comes to the same nodes.
bool ReadAhead::halve(Walk& walk) {
  const std::size_t middle = middle_of(walk);
  const auto node = node_at(whole(walk.page), middle);
  if (!node) return false;
  const int order = node->key.compare(walk.key);
  if (order > 0) {
    walk.end = middle;
  } else if (order < 0) {
    walk.low = middle + 1;
  } else {
    // In a branch what lies below begins with the key.
    walk.is_found = walk.depth == 1;
    walk.low = walk.end = walk.depth == 1 ? middle : middle + 1;
  }
  return true;
}

void ReadAhead::leave(Walk& walk) const {
  if (walk.depth == 1) {
    fetch_rows(walk);
    walk.page = nullptr;
    return;
  }
  const auto node = node_at(whole(walk.page), walk.low - 1);
  --walk.depth;
  visit(walk, node ? node->child : file_->last_page + 1);
}

void ReadAhead::fetch_rows(Walk& walk) {
  const std::size_t count = node_count(whole(walk.page)).value_or(0);
  const std::size_t end = std::min(walk.low + walk.rows, count);
  for (std::size_t i = walk.low; i < end; ++i) {
    fetch(walk.page, node_offset(whole(walk.page), i), kFetchedOfRow);
  }
}

}  // namespace provender::online::lmdb
