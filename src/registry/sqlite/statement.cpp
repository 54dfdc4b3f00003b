#include "registry/sqlite/statement.hpp"

#include <utility>

#include <sqlite3.h>

#include "base/try.hpp"
#include "registry/sqlite/database.hpp"

namespace provender::registry::sqlite {

Result<Statement> Statement::prepare(Database& database, std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int result = sqlite3_prepare_v2(
      database.handle(), sql.data(), static_cast<int>(sql.size()), &handle, nullptr);
  if (result != SQLITE_OK) return database.error();
  return Statement(database, handle);
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      handle_(std::exchange(other.handle_, nullptr)),
      bind_result_(other.bind_result_) {}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

void Statement::rewind() {
  sqlite3_reset(handle_);
  bind_result_ = SQLITE_OK;
}

Result<bool> Statement::next() {
  if (bind_result_ != SQLITE_OK) return database_->error(bind_result_);
  switch (sqlite3_step(handle_)) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      break;
  }
  auto error = database_->error();
  sqlite3_reset(handle_);
  return error;
}

Result<> Statement::finish() {
  bool has_row = true;
  while (has_row) {
    PROVENDER_ASSIGN(has_row, next());
  }
  rewind();
  return {};
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}

std::string Statement::text(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
  return data == nullptr ? std::string() : std::string(data, size);
}

std::optional<Timestamp> Statement::optional_timestamp(int column) const {
  if (sqlite3_column_type(handle_, column) == SQLITE_NULL) return std::nullopt;
  return timestamp(column);
}

void Statement::bind_integer(int index, std::int64_t value) {
  if (const int result = sqlite3_bind_int64(handle_, index, value); result != SQLITE_OK) {
    bind_result_ = result;
  }
}

void Statement::bind_null(int index) {
  if (const int result = sqlite3_bind_null(handle_, index); result != SQLITE_OK) {
    bind_result_ = result;
  }
}

void Statement::bind_value(int index, std::string_view value) {
  // An empty view may have no address, and SQLite takes that for NULL.
  const char* data = value.empty() ? "" : value.data();
  const int result =
      sqlite3_bind_text64(handle_, index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (result != SQLITE_OK) bind_result_ = result;
}

}  // namespace provender::registry::sqlite
