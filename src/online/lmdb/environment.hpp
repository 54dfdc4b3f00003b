#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "provender/result.hpp"

#include "online/lmdb/fork_guard.hpp"
#include "online/lmdb/handles.hpp"
#include "online/lmdb/lmdb_store.hpp"
#include "online/lmdb/store_header.hpp"
#include "online/lmdb/sync_file.hpp"

namespace provender::online::lmdb {

/// An open LMDB environment with the files beside it. Safe for concurrent use.
class Environment {
 public:
  /// Opens the folder after the checks that LMDB leaves out, and makes it if it is not there. After
  /// a loss of power it takes the store back to the last synced state.
  static Result<Environment> open(const LmdbOptions& options);

  /// FailedPrecondition if `options` ask for the store of another project or registry.
  Result<> check_owner(const LmdbOptions& options) const;
  /// FailedPrecondition in a process that forked off the one that opened.
  Result<> check_process() const;
  bool is_in_child() const noexcept { return guard_.is_in_child(); }

  bool is_read_only() const noexcept { return is_read_only_; }
  const File& data() const noexcept { return data_; }
  const SyncFile& sync_file() const noexcept { return sync_file_; }
  const Id& store() const noexcept { return header_.store; }
  MDB_env* handle() const noexcept { return handle_.get(); }
  /// Where the file begins in memory; nullptr where that is not known, or its pages are of another
  /// size than the system's.
  const char* mapped() const noexcept { return mapped_; }

  /// Begins a transaction; frees the places of readers that died, if all are taken.
  Result<Transaction> begin_read() const;
  Result<Transaction> begin_write() const;
  Result<> commit(Transaction transaction) const;
  Result<Cursor> open_cursor(const Transaction& transaction) const;

  /// Frees the places of readers whose process died, and with them the pages that they looked at;
  /// returns whether there were any.
  bool free_dead_readers() const;

  /// LMDB leaves out pages at the end of the file that it freed in the transaction that added them.
  /// Lengthens the file over them, so that its length tells whether something was cut off.
  Result<> fill_length() const;

  Error error(std::string_view action, int code) const;

 private:
  struct Parts;
  explicit Environment(Parts parts);

  ForkGuard guard_;
  std::filesystem::path folder_;
  bool is_read_only_;
  SyncFile sync_file_;
  File data_;
  StoreHeader header_;
  const char* mapped_;
  EnvironmentHandle handle_;
};

/// The one unnamed table of the file. LMDB gives it this number always.
inline constexpr MDB_dbi kTable = 1;

}  // namespace provender::online::lmdb
