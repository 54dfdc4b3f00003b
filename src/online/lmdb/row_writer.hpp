#pragma once

#include <string>
#include <string_view>

#include "provender/result.hpp"

#include "online/lmdb/environment.hpp"
#include "online/online_store.hpp"

namespace provender::online::lmdb {

/// Puts rows in one write transaction. Rows in the order of their keys are found and stored without
/// a search from the root; behind the last key they are appended.
class RowWriter {
 public:
  static Result<RowWriter> begin(const Environment& environment);

  /// Stores the row unless the stored one is newer. Returns whether it stands there now.
  Result<bool> put(const WriteRow& row);

  /// Removes the row with this key, if there is one.
  Result<bool> remove(std::string_view store_key);

  Result<> commit() &&;

 private:
  RowWriter(const Environment& environment, Transaction transaction, Cursor cursor)
      : environment_(&environment),
        transaction_(std::move(transaction)),
        cursor_(std::move(cursor)) {}
  Result<bool> store(std::string_view row, unsigned flags);

  const Environment* environment_;
  Transaction transaction_;
  Cursor cursor_;
  std::string key_;
  bool is_appending_ = true;
};

}  // namespace provender::online::lmdb
