#include "registry/sqlite/database.hpp"

#include <cerrno>
#include <utility>

#include <fmt/format.h>
#include <fmt/std.h>
#include <sqlite3.h>

#include "base/fs.hpp"
#include "base/try.hpp"

namespace provender::registry::sqlite {
namespace {

bool is_full(int error_number) {
  return error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
}

/// The code and the advice that fit an extended result code of SQLite.
std::pair<ErrorCode, std::string_view> meaning(int result, int error_number) {
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::Unavailable, "another process is writing it: try again"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      if (result == SQLITE_READONLY_ROLLBACK || result == SQLITE_READONLY_RECOVERY) {
        return {ErrorCode::PermissionDenied,
                "a writer died in the middle of a change: run a command once as a user who may "
                "write the file and its "
                "folder, which undoes that change"};
      }
      return {ErrorCode::PermissionDenied,
              "the file or its folder may only be read: check their owner and mode"};
    case SQLITE_CANTOPEN:
      if (error_number == ENOENT) {
        return {ErrorCode::NotFound, "the file or its folder does not exist"};
      }
      if (error_number == EACCES || error_number == EPERM || error_number == EROFS) {
        return {ErrorCode::PermissionDenied, "check the owner and mode of the file and its folder"};
      }
      return {is_full(error_number) ? ErrorCode::ResourceExhausted : ErrorCode::Io,
              "the file, or its journal beside it, cannot be opened"};
    case SQLITE_FULL:
      return {ErrorCode::ResourceExhausted, "the disk is full: make room; nothing was changed"};
    case SQLITE_IOERR:
      if (is_full(error_number)) {
        return {ErrorCode::ResourceExhausted,
                "the disk or a limit on file sizes is full; nothing was changed"};
      }
      return {ErrorCode::Io, "nothing was changed"};
    case SQLITE_NOMEM:
      return {ErrorCode::ResourceExhausted, "out of memory"};
    case SQLITE_NOTADB:
      return {ErrorCode::Corruption,
              "expected a registry: correct the path, or move the file away; it was left as it is"};
    case SQLITE_CORRUPT:
      return {ErrorCode::Corruption,
              "stored bytes are not what was written: restore the file from a copy"};
    default:
      return {ErrorCode::Internal, "unexpected"};
  }
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}

Database::Database(Handle handle, std::filesystem::path path)
    : path_(std::move(path)), handle_(std::move(handle)) {}

Result<std::unique_ptr<Database>> Database::open(const Options& options) {
  std::error_code failure;
  // An absolute path cannot be mistaken for a URI or for ":memory:".
  auto path = std::filesystem::absolute(options.path, failure);
  if (failure) return system_error("resolve", options.path, failure.value());
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (options.create ? SQLITE_OPEN_CREATE : 0);
  const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(Handle(handle), std::move(path)));
  if (handle == nullptr) return Error(ErrorCode::ResourceExhausted, "registry: out of memory");
  if (result != SQLITE_OK) return database->error();
  sqlite3_busy_timeout(handle, static_cast<int>(options.busy_timeout.count()));
  return database;
}

Result<> Database::run_script(const char* sql) const {
  if (sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error();
  return {};
}

std::int64_t Database::last_id() const {
  return sqlite3_last_insert_rowid(handle());
}

std::int64_t Database::changed_rows() const {
  return sqlite3_changes64(handle());
}

Error Database::error() const {
  return error(sqlite3_extended_errcode(handle()));
}

Error Database::error(int result) const {
  // SQLite does not note the system's reason for every failed write, which leaves errno as it was.
  const int last = errno;
  const int noted = sqlite3_system_errno(handle());
  const auto [code, advice] = meaning(result, noted != 0 ? noted : last);
  return {code,
          fmt::format("registry {}: {} ({})", path_.native(), sqlite3_errmsg(handle()), advice)};
}

Result<Transaction> Transaction::write(Database& database) {
  PROVENDER_TRY(database.run("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Result<Transaction> Transaction::read(Database& database) {
  PROVENDER_TRY(database.run("BEGIN"));
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  // SQLite has rolled back by itself after some failures: then there is nothing to do, and nobody
  // to tell otherwise.
  if (database_ == nullptr) return;
  sqlite3_exec(database_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<> Transaction::commit() {
  PROVENDER_TRY(database_->run("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace provender::registry::sqlite
