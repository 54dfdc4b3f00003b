#include "online/lmdb/row_writer.hpp"

#include "base/try.hpp"
#include "codec/row_codec.hpp"
#include "online/store_key.hpp"

namespace provender::online::lmdb {

Result<RowWriter> RowWriter::begin(const Environment& environment) {
  PROVENDER_ASSIGN(Transaction transaction, environment.begin_write());
  PROVENDER_ASSIGN(Cursor cursor, environment.open_cursor(transaction));
  return RowWriter(environment, std::move(transaction), std::move(cursor));
}

/// Stores `row` under key_. False: MDB_APPEND was asked for and the key is not behind all others.
Result<bool> RowWriter::store(std::string_view row, unsigned flags) {
  MDB_val key = to_val(key_);
  MDB_val value = to_val(row);
  const int code = mdb_cursor_put(cursor_.get(), &key, &value, flags);
  if (code == MDB_KEYEXIST) return false;
  if (code != MDB_SUCCESS) return environment_->error("write", code);
  return true;
}

Result<bool> RowWriter::put(const WriteRow& row) {
  assign_store_key(key_, {.entity_set = row.entity_set, .key = row.key, .store_id = row.store_id});
  if (is_appending_) {
    PROVENDER_ASSIGN(is_appending_, store(row.row, MDB_APPEND));
    if (is_appending_) return true;
  }
  MDB_val found_key = to_val(key_);
  MDB_val found{};
  const int code = mdb_cursor_get(cursor_.get(), &found_key, &found, MDB_SET_RANGE);
  if (code == MDB_NOTFOUND) {
    is_appending_ = true;
    return store(row.row, MDB_APPEND);
  }
  if (code != MDB_SUCCESS) return environment_->error("write", code);
  if (from_val(found_key) != key_) return store(row.row, 0);
  const std::string_view stored = from_val(found);
  if (!codec::replaces(row.row, stored)) return false;
  if (row.row == stored) return true;  // a repeated write costs no page
  return store(row.row, MDB_CURRENT);
}

Result<bool> RowWriter::remove(std::string_view store_key) {
  MDB_val key = to_val(store_key);
  int code = mdb_cursor_get(cursor_.get(), &key, nullptr, MDB_SET);
  if (code == MDB_NOTFOUND) return false;
  if (code == MDB_SUCCESS) code = mdb_cursor_del(cursor_.get(), 0);
  if (code != MDB_SUCCESS) return environment_->error("write", code);
  return true;
}

Result<> RowWriter::commit() && {
  cursor_.reset();
  return environment_->commit(std::move(transaction_));
}

}  // namespace provender::online::lmdb
