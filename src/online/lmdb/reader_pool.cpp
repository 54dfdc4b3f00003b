#include "online/lmdb/reader_pool.hpp"

#include <thread>

#include "base/try.hpp"
#include "online/store_key.hpp"

namespace provender::online::lmdb {
namespace {

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
  const int code = mdb_txn_renew(transaction_.get());
  if (code != MDB_SUCCESS) return environment_.error("read", code);
  return {};
}

void Reader::pause() noexcept {
  mdb_txn_reset(transaction_.get());
}

Result<std::span<const std::string_view>> Reader::read(std::span<const Lookup> lookups) {
  rows_.assign(row_count(lookups), {});
  const char* const mapped = environment_.mapped();
  if (mapped == nullptr || !tree_.begin(transaction_.get(), mapped)) {
    PROVENDER_TRY(read_by_cursor(lookups));
  } else if (!tree_.read(lookups, rows_)) {
    return environment_.error("read", MDB_CORRUPTED);
  }
  return std::span<const std::string_view>(rows_);
}

/// As LMDB reads, where its file cannot be read without it.
Result<> Reader::read_by_cursor(std::span<const Lookup> lookups) {
  std::span<std::string_view> rows = rows_;
  for (const Lookup& lookup : lookups) {
    if (is_storable_key(lookup.key)) PROVENDER_TRY(read_one(lookup, rows));
    rows = rows.subspan(lookup.store_ids.size());
  }
  return {};
}

Result<> Reader::read_one(const Lookup& lookup, std::span<std::string_view> rows) {
  const int renewed = mdb_cursor_renew(transaction_.get(), cursor_.get());
  if (renewed != MDB_SUCCESS) return environment_.error("read", renewed);
  for (std::size_t i = 0; i < lookup.store_ids.size(); ++i) {
    assign_store_key(
        key_,
        {.entity_set = lookup.entity_set, .key = lookup.key, .store_id = lookup.store_ids[i]});
    MDB_val key = to_val(key_);
    MDB_val row{};
    const int code = mdb_cursor_get(cursor_.get(), &key, &row, MDB_SET);
    if (code == MDB_NOTFOUND) continue;
    if (code != MDB_SUCCESS) return environment_.error("read", code);
    rows[i] = from_val(row);
  }
  return {};
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
