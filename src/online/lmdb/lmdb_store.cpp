#include "online/lmdb/lmdb_store.hpp"

#include <algorithm>
#include <thread>
#include <vector>

#include "base/try.hpp"
#include "online/lmdb/loop_reader.hpp"
#include "online/lmdb/row_writer.hpp"
#include "online/lmdb/shared_environment.hpp"
#include "online/store_key.hpp"

namespace provender::online {
namespace {

using Clock = std::chrono::steady_clock;
using lmdb::RowWriter;
using lmdb::SharedEnvironment;

// What one write transaction may do at most, so that others get their turn and its changed pages
// stay in memory.
constexpr std::size_t kMostRows = 10'000;
constexpr std::size_t kMostBytes = std::size_t{32} << 20U;
constexpr auto kMostTime = std::chrono::milliseconds(20);
constexpr std::size_t kRowsPerLookAtTheClock = 64;
/// Between two transactions of one call: locks are not fair, and whoever waits needs a moment to
/// wake up.
constexpr auto kPause = std::chrono::microseconds(100);

class LmdbStore final : public OnlineStore {
 public:
  LmdbStore(std::shared_ptr<SharedEnvironment> shared, bool is_read_only)
      : shared_(std::move(shared)), is_read_only_(is_read_only) {}

  void read(std::span<const Lookup> lookups, ReadDone done) override;
  std::unique_ptr<RowReader> reader_on(EventLoop& loop) override {
    return std::make_unique<lmdb::LoopReader>(*this, loop);
  }
  Result<WriteResult> write(std::span<const WriteRow> rows) override;
  Result<> flush() override;
  Result<std::uint64_t> sweep(std::span<const std::uint32_t> store_ids,
                              std::stop_token stop) override;
  Result<StoreStats> stats() override;
  bool prefers_ordered_writes() const override { return true; }

 private:
  struct Scan {
    std::vector<std::string> keys;  ///< of rows to remove
    std::string next;               ///< where to go on; empty: at the end
  };

  Result<> check_writable() const;
  Result<std::size_t> write_some(std::span<const WriteRow> rows,
                                 std::size_t begin,
                                 WriteResult& result);
  Result<Scan> scan(std::span<const std::uint32_t> store_ids, const std::string& from) const;
  Result<std::uint64_t> remove(std::span<const std::string> keys);
  const lmdb::Environment& environment() const { return shared_->environment; }

  std::shared_ptr<SharedEnvironment> shared_;
  bool is_read_only_;
};

Result<> LmdbStore::check_writable() const {
  if (is_read_only_) return opened_read_only();
  return environment().check_process();
}

void LmdbStore::read(std::span<const Lookup> lookups, ReadDone done) {
  if (auto usable = environment().check_process(); !usable) return done(std::move(usable).error());
  auto reader = shared_->readers.take();
  if (!reader) return done(std::move(reader).error());
  done((*reader)->read(lookups));
}

Result<WriteResult> LmdbStore::write(std::span<const WriteRow> rows) {
  PROVENDER_TRY(check_writable());
  PROVENDER_TRY(check_rows(rows));
  WriteResult result;
  std::size_t begin = 0;
  while (begin < rows.size()) {
    if (begin > 0) std::this_thread::sleep_for(kPause);
    PROVENDER_ASSIGN(begin, write_some(rows, begin, result));
  }
  return result;
}

/// Stores rows from `begin` on in one transaction and returns the place behind the last.
Result<std::size_t> LmdbStore::write_some(std::span<const WriteRow> rows,
                                          std::size_t begin,
                                          WriteResult& result) {
  PROVENDER_ASSIGN(auto turn, shared_->syncer.begin());
  PROVENDER_ASSIGN(auto writer, RowWriter::begin(environment()));
  const auto start = Clock::now();
  const std::size_t last = std::min(rows.size(), begin + kMostRows);
  std::size_t bytes = 0;
  std::size_t i = begin;
  for (; i < last && bytes < kMostBytes; ++i) {
    if (i % kRowsPerLookAtTheClock == 0 && Clock::now() - start > kMostTime) break;
    PROVENDER_ASSIGN(const bool stands, writer.put(rows[i]));
    if (stands) {
      ++result.written;
    } else {
      result.kept.push_back(i);
    }
    bytes += rows[i].row.size();
  }
  PROVENDER_TRY(std::move(writer).commit());
  turn.committed();
  PROVENDER_TRY(environment().fill_length());
  return i;
}

Result<> LmdbStore::flush() {
  if (is_read_only_) return {};
  PROVENDER_TRY(environment().check_process());
  return shared_->syncer.flush();
}

/// Collects the keys of rows to remove, as a reader, for a bounded time.
Result<LmdbStore::Scan> LmdbStore::scan(std::span<const std::uint32_t> store_ids,
                                        const std::string& from) const {
  PROVENDER_ASSIGN(const auto transaction, environment().begin_read());
  PROVENDER_ASSIGN(const auto cursor, environment().open_cursor(transaction));
  const auto start = Clock::now();
  Scan scan;
  MDB_val key = lmdb::to_val(from);
  MDB_val row{};
  int code = mdb_cursor_get(cursor.get(), &key, &row, MDB_SET_RANGE);
  for (std::size_t i = 1; code == MDB_SUCCESS; ++i) {
    const std::string_view found = lmdb::from_val(key);
    if (scan.keys.size() == kMostRows ||
        (i % kRowsPerLookAtTheClock == 0 && Clock::now() - start > kMostTime)) {
      scan.next = found;
      return scan;
    }
    if (found.size() > kStoreKeyOverhead &&  // the header's is shorter
        std::ranges::find(store_ids, store_id_of(found)) != store_ids.end()) {
      scan.keys.emplace_back(found);
    }
    code = mdb_cursor_get(cursor.get(), &key, &row, MDB_NEXT);
  }
  if (code != MDB_NOTFOUND) return environment().error("read", code);
  return scan;
}

Result<std::uint64_t> LmdbStore::remove(std::span<const std::string> keys) {
  PROVENDER_ASSIGN(auto turn, shared_->syncer.begin());
  PROVENDER_ASSIGN(auto writer, RowWriter::begin(environment()));
  std::uint64_t removed = 0;
  for (const std::string& key : keys) {
    PROVENDER_ASSIGN(const bool was_there, writer.remove(key));
    removed += was_there ? 1 : 0;
  }
  PROVENDER_TRY(std::move(writer).commit());
  turn.committed();
  PROVENDER_TRY(environment().fill_length());
  return removed;
}

Result<std::uint64_t> LmdbStore::sweep(std::span<const std::uint32_t> store_ids,
                                       std::stop_token stop) {
  PROVENDER_TRY(check_writable());
  std::uint64_t removed = 0;
  std::string from(lmdb::kHeaderKey);
  do {
    if (stop.stop_requested()) return Error(ErrorCode::Cancelled, "the sweep was stopped");
    PROVENDER_ASSIGN(Scan found, scan(store_ids, from));
    if (!found.keys.empty()) {
      PROVENDER_ASSIGN(const std::uint64_t count, remove(found.keys));
      removed += count;
      std::this_thread::sleep_for(kPause);
    }
    from = std::move(found.next);
  } while (!from.empty());
  return removed;
}

Result<StoreStats> LmdbStore::stats() {
  PROVENDER_TRY(environment().check_process());
  MDB_stat stat{};
  mdb_env_stat(environment().handle(), &stat);
  PROVENDER_ASSIGN(const std::uint64_t bytes, environment().data().disk_size());
  return StoreStats{.rows = stat.ms_entries - 1, .bytes = bytes};  // without the header
}

}  // namespace

Result<std::unique_ptr<OnlineStore>> open_lmdb_store(const LmdbOptions& options) {
  PROVENDER_ASSIGN(auto shared, lmdb::share_environment(options));
  return std::make_unique<LmdbStore>(std::move(shared), options.read_only);
}

}  // namespace provender::online
