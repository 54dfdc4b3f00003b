#include "online/lmdb/environment.hpp"

#include <fmt/format.h>

#include "base/try.hpp"
#include "online/lmdb/lmdb_error.hpp"

namespace provender::online::lmdb {

Result<> Environment::check_owner(const LmdbOptions& options) const {
  if (header_.project == options.project && header_.registry_id == options.registry_id) return {};
  return Error(
      ErrorCode::FailedPrecondition,
      fmt::format("{} holds the online store of project {} (registry {}), not of project {} "
                  "(registry {}): set another online.path, or delete the folder",
                  folder_.string(),
                  header_.project,
                  header_.registry_id,
                  options.project,
                  options.registry_id));
}

Result<> Environment::check_process() const {
  if (!is_in_child()) return {};
  return Error(ErrorCode::FailedPrecondition,
               fmt::format("the online store {} was opened before this process forked off: open it "
                           "after fork()",
                           folder_.string()));
}

Result<Transaction> Environment::begin_read() const {
  MDB_txn* transaction = nullptr;
  int code = mdb_txn_begin(handle(), nullptr, MDB_RDONLY, &transaction);
  if (code == MDB_READERS_FULL && free_dead_readers()) {
    code = mdb_txn_begin(handle(), nullptr, MDB_RDONLY, &transaction);
  }
  if (code != MDB_SUCCESS) return error("read", code);
  return Transaction(transaction);
}

Result<Transaction> Environment::begin_write() const {
  MDB_txn* transaction = nullptr;
  const int code = mdb_txn_begin(handle(), nullptr, 0, &transaction);
  if (code != MDB_SUCCESS) return error("write", code);
  return Transaction(transaction);
}

Result<> Environment::commit(Transaction transaction) const {
  const int code = mdb_txn_commit(transaction.release());
  if (code == MDB_SUCCESS) return {};
  return error("write", reason_of(code, data_));
}

Result<Cursor> Environment::open_cursor(const Transaction& transaction) const {
  MDB_cursor* cursor = nullptr;
  const int code = mdb_cursor_open(transaction.get(), kTable, &cursor);
  if (code != MDB_SUCCESS) return error("read", code);
  return Cursor(cursor);
}

bool Environment::free_dead_readers() const {
  int dead = 0;
  return mdb_reader_check(handle(), &dead) == MDB_SUCCESS && dead > 0;
}

Result<> Environment::fill_length() const {
  const auto missing = [&]() -> Result<std::uint64_t> {
    MDB_envinfo info{};
    MDB_stat stat{};
    mdb_env_info(handle(), &info);
    mdb_env_stat(handle(), &stat);
    const std::uint64_t length = (info.me_last_pgno + 1) * stat.ms_psize;
    PROVENDER_ASSIGN(const std::uint64_t size, data_.size());
    return size < length ? length : 0;
  };
  PROVENDER_ASSIGN(std::uint64_t length, missing());
  if (length == 0) return {};
  PROVENDER_ASSIGN(const auto no_writer_but_us, begin_write());
  PROVENDER_ASSIGN(length, missing());
  return length == 0 ? Result<>{} : data_.resize(length);
}

Error Environment::error(std::string_view action, int code) const {
  return lmdb_error(fmt::format("{} the online store", action), folder_, code);
}

}  // namespace provender::online::lmdb
