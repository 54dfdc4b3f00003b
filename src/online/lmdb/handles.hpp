#pragma once

#include <memory>
#include <string_view>

#include <lmdb.h>

/// LMDB's handles as owners, and its byte ranges as string views.
namespace provender::online::lmdb {

struct EnvironmentCloser {
  void operator()(MDB_env* env) const noexcept { mdb_env_close(env); }
};
using EnvironmentHandle = std::unique_ptr<MDB_env, EnvironmentCloser>;

/// Aborted unless committed. A cursor of a write transaction must go before it.
struct TransactionAborter {
  void operator()(MDB_txn* transaction) const noexcept { mdb_txn_abort(transaction); }
};
using Transaction = std::unique_ptr<MDB_txn, TransactionAborter>;

struct CursorCloser {
  void operator()(MDB_cursor* cursor) const noexcept { mdb_cursor_close(cursor); }
};
using Cursor = std::unique_ptr<MDB_cursor, CursorCloser>;

inline MDB_val to_val(std::string_view bytes) noexcept {
  // LMDB does not write through what it is given.
  return {bytes.size(),
          const_cast<char*>(bytes.data())};  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

inline std::string_view from_val(const MDB_val& value) noexcept {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

}  // namespace provender::online::lmdb
