#include "online/lmdb/syncer.hpp"

#include <algorithm>

#include "base/try.hpp"

namespace provender::online::lmdb {

Syncer::Syncer(const Environment& environment, Limits limits)
    : environment_(environment), limits_(limits) {}

Syncer::~Syncer() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  static_cast<void>(flush());  // what fails now is taken back after a loss of power, and only then
}

void Syncer::Turn::committed() {
  const std::scoped_lock lock(syncer_.mutex_);
  syncer_.is_dirty_ = true;
  if (syncer_.is_urgent_ || !syncer_.has_grown()) return;
  syncer_.is_urgent_ = true;
  syncer_.changed_.notify_all();
}

/// Whether the file is longer than the pinned state by more than it may be. Under mutex_.
bool Syncer::has_grown() const {
  if (!pin_) return false;
  MDB_envinfo info{};
  mdb_env_info(environment_.handle(), &info);
  const std::uint64_t pages =
      info.me_last_pgno - std::min<std::uint64_t>(pin_->meta.last_page(), info.me_last_pgno);
  return pages * pin_->meta.page_size() > limits_.growth;
}

Result<Syncer::Turn> Syncer::begin() {
  std::unique_lock turn(turn_mutex_);
  bool is_pinned = false;
  {
    const std::scoped_lock lock(mutex_);
    is_pinned = pin_.has_value();
  }
  if (!is_pinned) {
    const std::scoped_lock syncing(sync_mutex_);
    PROVENDER_TRY(sync());
  }
  return Turn(*this, std::move(turn));
}

Result<> Syncer::flush() {
  const std::scoped_lock syncing(sync_mutex_);
  {
    const std::scoped_lock lock(mutex_);
    if (failed_) return *failed_;
    if (!is_dirty_) return {};
  }
  return sync();
}

/// The newest state, as a reader of it and by its meta page. Without the write lock a commit could
/// overwrite the page.
Result<Syncer::Pin> Syncer::pin_newest() const {
  environment_.free_dead_readers();  // a writer that was killed had pinned one, too
  PROVENDER_ASSIGN(const Transaction no_commits, environment_.begin_write());
  PROVENDER_ASSIGN(Transaction reading, environment_.begin_read());
  MDB_stat stat{};
  mdb_stat(reading.get(), kTable, &stat);
  PROVENDER_ASSIGN(const Meta meta,
                   meta_of(environment_.data(), mdb_txn_id(reading.get()), stat.ms_psize));
  return Pin{.transaction = std::move(reading), .meta = meta};
}

/// Writes to the file `synced`, unless another process recorded a later state of this run of the
/// machine.
Result<> Syncer::record(const Meta& meta) const {
  PROVENDER_ASSIGN(const Id boot, boot_id());
  const SyncFile& file = environment_.sync_file();
  PROVENDER_ASSIGN(const auto lock, FileLock::take(file.file(), FileLock::Mode::Exclusive));
  PROVENDER_ASSIGN(const SyncRecord last, file.read());
  if (last.boot == boot && last.meta.transaction() >= meta.transaction()) return {};
  return file.write({.store = environment_.store(), .boot = boot, .meta = meta});
}

/// Under sync_mutex_. Pins the newest state first, then syncs and records it: pages that are synced
/// stay as they are.
Result<> Syncer::sync() {
  {
    const std::scoped_lock lock(mutex_);
    if (failed_) return *failed_;
    is_dirty_ = is_urgent_ = false;
  }
  const auto fail = [this](Error error) {
    const std::scoped_lock lock(mutex_);
    is_dirty_ = true;
    return error;
  };
  auto newest = pin_newest();
  if (!newest) return fail(std::move(newest).error());
  if (auto synced = environment_.data().sync(); !synced) {
    const std::scoped_lock lock(mutex_);
    failed_ = synced.error();
    return std::move(synced).error();
  }
  if (auto recorded = record(newest->meta); !recorded) return fail(std::move(recorded).error());
  const std::scoped_lock lock(mutex_);
  pin_ = *std::move(newest);
  if (!thread_.joinable()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  changed_.notify_all();
  return {};
}

void Syncer::unpin_when_idle() {
  const std::scoped_lock turn(turn_mutex_);
  const std::scoped_lock lock(mutex_);
  if (!is_dirty_) pin_.reset();
}

void Syncer::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return pin_.has_value(); })) {
    changed_.wait_for(lock, stop, limits_.interval, [this] { return is_urgent_; });
    if (stop.stop_requested()) return;
    lock.unlock();
    static_cast<void>(flush());  // a failure is told by the next flush() of a caller
    unpin_when_idle();
    lock.lock();
  }
}

}  // namespace provender::online::lmdb
