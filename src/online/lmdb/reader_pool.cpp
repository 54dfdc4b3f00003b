#include "online/lmdb/reader_pool.hpp"

#include <algorithm>
#include <ranges>
#include <thread>
#include <tuple>

#include "base/try.hpp"
#include "online/store_key.hpp"

namespace provender::online::lmdb {
namespace {

constexpr std::size_t kWorthSorting = 16;
constexpr std::size_t kWorthReadingAhead = 4;

/// Where this thread looks first, so that threads keep out of each other's way.
std::size_t first_place() {
  return std::hash<std::thread::id>()(std::this_thread::get_id());
}

}  // namespace

Reader::Reader(const Environment& environment, Transaction transaction, Cursor cursor)
    : environment_(environment), transaction_(std::move(transaction)), cursor_(std::move(cursor)) {}

Result<std::unique_ptr<Reader>> Reader::make(const Environment& environment) {
  PROVENDER_ASSIGN(Transaction transaction, environment.begin_read());
  PROVENDER_ASSIGN(Cursor cursor, environment.open_cursor(transaction));
  return std::unique_ptr<Reader>(
      new Reader(environment, std::move(transaction), std::move(cursor)));
}

Result<> Reader::resume() {
  int code = mdb_txn_renew(transaction_.get());
  if (code == MDB_SUCCESS) code = mdb_cursor_renew(transaction_.get(), cursor_.get());
  if (code != MDB_SUCCESS) return environment_.error("read", code);
  return {};
}

void Reader::pause() noexcept {
  mdb_txn_reset(transaction_.get());
}

/// Lookups in the order of their keys: neighbours share pages.
void Reader::order(std::span<const Lookup> lookups) {
  order_.clear();
  std::size_t rows = 0;
  for (std::size_t i = 0; i < lookups.size(); ++i) {
    order_.push_back({.lookup = i, .first_row = rows});
    rows += lookups[i].store_ids.size();
  }
  rows_.assign(rows, {});
  if (lookups.size() < kWorthSorting) return;
  const auto by_key = [&](const Place& a, const Place& b) {
    return std::tie(lookups[a.lookup].entity_set, lookups[a.lookup].key) <
           std::tie(lookups[b.lookup].entity_set, lookups[b.lookup].key);
  };
  if (!std::ranges::is_sorted(order_, by_key)) std::ranges::sort(order_, by_key);
}

Result<> Reader::read_one(const Lookup& lookup, std::size_t first) {
  bool is_found = false;  // the row before, at which the cursor stands
  for (std::size_t i = 0; i < lookup.store_ids.size(); ++i) {
    assign_store_key(
        key_,
        {.entity_set = lookup.entity_set, .key = lookup.key, .store_id = lookup.store_ids[i]});
    MDB_val key = to_val(key_);
    MDB_val row{};
    // The views of an entity are neighbours: mostly the next row is the next one asked for, and
    // to look at it costs less than to search the page.
    if (is_found && mdb_cursor_get(cursor_.get(), &key, &row, MDB_NEXT) == MDB_SUCCESS &&
        from_val(key) == key_) {
      rows_[first + i] = from_val(row);
      continue;
    }
    key = to_val(key_);
    const int code = mdb_cursor_get(cursor_.get(), &key, &row, MDB_SET);
    is_found = code == MDB_SUCCESS;
    if (code == MDB_NOTFOUND) continue;
    if (code != MDB_SUCCESS) return environment_.error("read", code);
    rows_[first + i] = from_val(row);
  }
  return {};
}

/// For the lookups from `at` on in order, if they are worth it.
bool Reader::read_ahead(std::span<const Lookup> lookups, std::size_t at) {
  const auto places = std::span(order_).subspan(at);
  if (places.size() < kWorthReadingAhead) return false;
  if (!ahead_.has_begun()) ahead_.begin(transaction_.get(), environment_.mapped());
  if (!ahead_.has_begun()) return false;
  const auto lookup = [&](const Place& place) -> const Lookup& { return lookups[place.lookup]; };
  const auto is_storable = [](const Lookup& one) { return is_storable_key(one.key); };
  ahead_.walk(places.first(std::min(places.size(), ReadAhead::kAtOnce)) |
              std::views::transform(lookup) | std::views::filter(is_storable));
  return true;
}

Result<std::span<const std::string_view>> Reader::read(std::span<const Lookup> lookups) {
  order(lookups);
  ahead_.end();
  std::size_t next = 0;  // the first that was not read ahead
  for (std::size_t i = 0; i < order_.size(); ++i) {
    // A cursor that stands in another page first compares with that page's ends.
    if (i > 0) mdb_cursor_renew(transaction_.get(), cursor_.get());
    if (i >= next && read_ahead(lookups, i)) next = i + ReadAhead::kAtOnce;
    const Lookup& lookup = lookups[order_[i].lookup];
    if (is_storable_key(lookup.key)) PROVENDER_TRY(read_one(lookup, order_[i].first_row));
  }
  return std::span<const std::string_view>(rows_);
}

ReaderPool::~ReaderPool() {
  for (auto& place : places_) {
    delete place.load();
  }
}

Result<ReaderPool::Lease> ReaderPool::take() {
  const std::size_t first = first_place();
  for (std::size_t i = 0; i < kPlaces; ++i) {
    auto& place = places_[(first + i) % kPlaces];
    if (place.load(std::memory_order_relaxed) == nullptr) continue;
    std::unique_ptr<Reader> reader(place.exchange(nullptr));
    if (!reader) continue;
    PROVENDER_TRY(reader->resume());
    return Lease(*this, std::move(reader));
  }
  PROVENDER_ASSIGN(auto reader, Reader::make(environment_));
  return Lease(*this, std::move(reader));
}

void ReaderPool::put_back(std::unique_ptr<Reader> reader) noexcept {
  reader->pause();
  const std::size_t first = first_place();
  for (std::size_t i = 0; i < kPlaces; ++i) {
    Reader* empty = nullptr;
    if (places_[(first + i) % kPlaces].compare_exchange_strong(empty, reader.get())) {
      static_cast<void>(reader.release());
      return;
    }
  }
}

}  // namespace provender::online::lmdb
