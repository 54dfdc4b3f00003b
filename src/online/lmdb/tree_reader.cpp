#include "online/lmdb/tree_reader.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "online/lmdb/data_file.hpp"

namespace provender::online::lmdb {
namespace {

constexpr std::size_t kLine = 64;
/// Of a row with its key; what is longer is found by the processor itself.
constexpr std::size_t kFetchedOfRow = 160;
/// Of a key alone.
constexpr std::size_t kFetchedOfKey = 32;
/// So many lookups wait for each other; fewer look further ahead.
constexpr std::size_t kFewLookups = 8;
constexpr int kLevelsOfFew = 3;
/// Of the tree, from the leaves up: their pages are too many to be in the cache.
constexpr std::uint16_t kColdLevels = 2;

std::string_view whole(const char* page) noexcept {
  return {page, TreeReader::kPageSize};
}

void fetch(const char* page, std::size_t at, std::size_t size) noexcept {
  const std::size_t end = std::min(at + size, TreeReader::kPageSize);
  for (at -= at % kLine; at < end; at += kLine) {
    __builtin_prefetch(page + at);
  }
}

/// As std::string_view::compare: keys mostly begin alike, and are longer than a word.
int compare_keys(std::string_view a, std::string_view b) noexcept {
  using Word = std::uint64_t;
  const std::size_t common = std::min(a.size(), b.size());
  if (common < sizeof(Word)) return a.compare(b);
  const std::size_t last = common - sizeof(Word);
  for (std::size_t at = 0;; at = std::min(at + sizeof(Word), last)) {
    const auto x = load_be<Word>(a.data() + at);
    const auto y = load_be<Word>(b.data() + at);
    if (x != y) return x < y ? -1 : 1;
    if (at == last) break;
  }
  return a.size() < b.size() ? -1 : static_cast<int>(a.size() > b.size());
}

/// LMDB's own middle.
std::size_t middle_of(std::size_t low, std::size_t end) noexcept {
  return (low + end - 1) / 2;
}

/// Asks for the first nodes that a binary search of [low, end) may compare with.
void fetch_middles(const char* page, std::size_t low, std::size_t end, int levels) noexcept {
  if (low >= end || levels == 0) return;
  const std::size_t middle = middle_of(low, end);
  fetch(page, node_offset(whole(page), middle), kNodeHeaderSize + kFetchedOfKey);
  if (levels == 1) return;
  fetch_middles(page, low, middle, levels - 1);
  fetch_middles(page, middle + 1, end, levels - 1);
}

Meta meta_at(const char* mapped, std::uint64_t transaction) {
  return Meta({mapped + transaction % 2 * TreeReader::kPageSize + kPageHeaderSize, Meta::kSize});
}

}  // namespace

/// Each commit writes over the meta page of the one before the last. While the other page is of an
/// earlier commit, none that could write over ours has begun to. The transaction keeps the pages of
/// its tree as they are.
bool TreeReader::begin(MDB_txn* transaction, const char* mapped) noexcept {
  const std::uint64_t number = mdb_txn_id(transaction);
  const Meta meta = meta_at(mapped, number);
  std::atomic_thread_fence(std::memory_order_acquire);
  if (meta.transaction() != number || meta_at(mapped, number + 1).transaction() > number) {
    return false;
  }
  const Tree rows = meta.rows();
  file_ =
      File{.begin = mapped, .last_page = meta.last_page(), .root = rows.root, .depth = rows.depth};
  return true;
}

bool TreeReader::read(std::span<const Lookup> lookups, std::span<std::string_view> rows) {
  levels_ = lookups.size() < kFewLookups ? kLevelsOfFew : 1;
  std::size_t count = 0;
  for (const Lookup& lookup : lookups) {
    if (!lookup.store_ids.empty() && is_storable_key(lookup.key)) {
      start(walks_[count++], lookup, rows.data());
    }
    rows = rows.subspan(lookup.store_ids.size());
    if (count == kAtOnce && !run(std::exchange(count, 0))) return false;
  }
  return run(count);
}

/// All walk in step: the first look at a page waits for its address to be translated, and the
/// processor does that for several pages at once, if they are asked for one right after another.
bool TreeReader::run(std::size_t count) {
  std::ranges::transform(
      std::span(walks_).first(count), walking_.begin(), [](Walk& walk) { return &walk; });
  while (count > 0) {
    std::size_t left = 0;
    std::size_t arrivals = 0;
    for (std::size_t i = 0; i < count; ++i) {
      Walk* const walk = walking_[i];
      const Outcome outcome = take_turn(*walk);
      if (outcome == Outcome::Damaged) return false;
      if (outcome == Outcome::Ended) continue;
      walking_[left++] = walk;
      if (walk->task == Walk::Task::Enter) arrived_[arrivals++] = walk;
    }
    count = left;
    fetch_heads(std::span<const Walk* const>(arrived_).first(arrivals));
  }
  return true;
}

void TreeReader::fetch_heads(std::span<const Walk* const> walks) {
  for (const Walk* walk : walks) {
    __builtin_prefetch(walk->page);
  }
  for (const Walk* walk : walks) {
    fetch(walk->page, kLine, walk->depth == 1 ? kLine : 3 * kLine);
  }
}

/// Goes on until it would wait for memory. Pages near the root are in the cache.
TreeReader::Outcome TreeReader::take_turn(Walk& walk) const {
  Outcome outcome = step(walk);
  while (outcome == Outcome::Waits && walk.depth > kColdLevels) {
    outcome = step(walk);
  }
  return outcome;
}

void TreeReader::start(Walk& walk, const Lookup& lookup, std::string_view* rows) {
  walk.lookup = &lookup;
  walk.rows = rows;
  walk.row = 0;
  walk.task = Walk::Task::Descend;
  walk.key_size = write_store_key(
      walk.key_bytes.data(),
      {.entity_set = lookup.entity_set, .key = lookup.key, .store_id = lookup.store_ids.front()});
}

TreeReader::Outcome TreeReader::step(Walk& walk) const {
  switch (walk.task) {
    case Walk::Task::Descend:
      return descend(walk);
    case Walk::Task::Enter:
      return enter(walk);
    case Walk::Task::Search:
      return search(walk);
    case Walk::Task::Take:
      return take(walk);
  }
  return Outcome::Damaged;
}

/// Begins at the root, for the row that is sought. The root is where it was for the lookup before.
TreeReader::Outcome TreeReader::descend(Walk& walk) const {
  walk.depth = file_.depth;
  walk.is_own_page = true;
  return visit(walk, file_.root) ? enter(walk) : Outcome::Damaged;
}

bool TreeReader::visit(Walk& walk, std::uint64_t page) const {
  if (page > file_.last_page || walk.depth == 0) return false;
  walk.page = file_.begin + page * kPageSize;
  walk.task = Walk::Task::Enter;
  return true;
}

/// A branch's first node has no key: it is where all that is less goes.
TreeReader::Outcome TreeReader::enter(Walk& walk) const {
  const auto number = static_cast<std::uint64_t>(walk.page - file_.begin) / kPageSize;
  const auto nodes = node_count(whole(walk.page));
  if (!nodes || !is_page(walk.page, number, walk.depth == 1 ? kLeaf : kBranch)) {
    return Outcome::Damaged;
  }
  walk.nodes = *nodes;
  return search_from(walk, walk.depth == 1 ? 0 : 1);
}

TreeReader::Outcome TreeReader::search_from(Walk& walk, std::size_t low) const {
  walk.low = low;
  walk.end = walk.nodes;
  walk.task = Walk::Task::Search;
  fetch_middles(walk.page, walk.low, walk.end, levels_);
  return Outcome::Waits;
}

TreeReader::Outcome TreeReader::search(Walk& walk) const {
  for (int level = 0; level < levels_ && walk.low < walk.end; ++level) {
    const std::size_t middle = middle_of(walk.low, walk.end);
    const auto node = node_at(whole(walk.page), middle);
    if (!node) return Outcome::Damaged;
    const int order = compare_keys(node->key, walk.key());
    // In a branch what lies below a node begins with its key.
    const bool is_before = order > 0 || (order == 0 && walk.depth == 1);
    walk.end = is_before ? middle : walk.end;
    walk.low = is_before ? walk.low : middle + 1;
  }
  if (walk.low >= walk.end) return leave(walk);
  fetch_middles(walk.page, walk.low, walk.end, levels_);
  return Outcome::Waits;
}

/// Asks for the page below, or for the rows.
TreeReader::Outcome TreeReader::leave(Walk& walk) const {
  if (walk.depth > 1) {
    const auto node = node_at(whole(walk.page), walk.low - 1);
    --walk.depth;
    return node && visit(walk, node->child) ? Outcome::Waits : Outcome::Damaged;
  }
  const std::size_t sought = walk.lookup->store_ids.size() - walk.row;
  for (std::size_t i = walk.low; i < std::min(walk.low + sought, walk.nodes); ++i) {
    fetch(walk.page, node_offset(whole(walk.page), i), kFetchedOfRow);
  }
  walk.task = Walk::Task::Take;
  return Outcome::Waits;
}

/// Takes the row that is sought, and those of the next store ids: the views of an entity are
/// neighbours.
TreeReader::Outcome TreeReader::take(Walk& walk) const {
  do {
    if (walk.low >= walk.nodes) {
      if (walk.is_own_page) continue;
      walk.task = Walk::Task::Descend;  // it may be the first of the next page
      return Outcome::Waits;
    }
    const auto node = node_at(whole(walk.page), walk.low);
    if (!node) return Outcome::Damaged;
    const int order = compare_keys(node->key, walk.key());
    if (order < 0) return search_from(walk, walk.low + 1);
    if (order > 0) continue;
    const auto row = row_of(*node);
    if (!row) return Outcome::Damaged;
    walk.rows[walk.row] = *row;
    ++walk.low;
  } while (seek_next_row(walk));
  return Outcome::Ended;
}

/// False: the row before was the lookup's last.
bool TreeReader::seek_next_row(Walk& walk) {
  const auto ids = walk.lookup->store_ids;
  if (++walk.row == ids.size()) return false;
  store_be(walk.key_bytes.data() + walk.key_size - kStoreIdSize, ids[walk.row]);
  walk.is_own_page = false;
  if (ids[walk.row] <= ids[walk.row - 1]) walk.low = walk.nodes;  // it is not ahead
  return true;
}

std::optional<std::string_view> TreeReader::row_of(const Node& node) const {
  if (node.flags == kDataIsElsewhere) return overflow_of(node);
  if (node.flags != 0 || node.data_size > node.data.size()) return std::nullopt;
  return node.data.substr(0, node.data_size);
}

std::optional<std::string_view> TreeReader::overflow_of(const Node& node) const {
  if (node.data.size() < sizeof(std::uint64_t)) return std::nullopt;
  const auto number = load_le<std::uint64_t>(node.data.data());
  if (number > file_.last_page) return std::nullopt;
  const char* const page = file_.begin + number * kPageSize;
  const std::uint64_t pages = overflow_pages(page);
  if (!is_page(page, number, kOverflow) || pages > file_.last_page - number + 1 ||
      kPageHeaderSize + node.data_size > pages * kPageSize) {
    return std::nullopt;
  }
  return std::string_view(page + kPageHeaderSize, node.data_size);
}

}  // namespace provender::online::lmdb
