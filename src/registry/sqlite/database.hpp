#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "registry/sqlite/statement.hpp"

struct sqlite3;

namespace provender::registry::sqlite {

/// One connection to a SQLite file. Its failures name the file and say what to do. Confined to one
/// thread at a time.
class Database {
 public:
  struct Options {
    std::filesystem::path path;
    bool create = false;
    std::chrono::milliseconds busy_timeout{};
  };
  /// A file that may only be read is opened for reading. Reads nothing yet: whether it is a
  /// database shows later.
  static Result<std::unique_ptr<Database>> open(const Options& options);

  /// Runs statements without parameters, one after the other.
  Result<> run_script(const char* sql) const;

  /// Runs one statement to its end.
  template <class... Values>
  Result<> run(std::string_view sql, const Values&... values) {
    auto statement = Statement::prepare(*this, sql);
    if (!statement) return std::move(statement).error();
    return statement->execute(values...);
  }

  /// Binds one statement whose rows are then read with next().
  template <class... Values>
  Result<Statement> query(std::string_view sql, const Values&... values) {
    auto statement = Statement::prepare(*this, sql);
    if (statement) statement->bind(values...);
    return statement;
  }

  /// The id of the row inserted last.
  std::int64_t last_id() const;
  /// How many rows the last statement changed.
  std::int64_t changed_rows() const;

  const std::filesystem::path& path() const noexcept { return path_; }
  sqlite3* handle() const noexcept { return handle_.get(); }

  /// What went wrong in the last call on this connection.
  Error error() const;
  /// The same for a result code at hand.
  Error error(int result) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  using Handle = std::unique_ptr<sqlite3, Close>;
  Database(Handle handle, std::filesystem::path path);

  std::filesystem::path path_;
  Handle handle_;
};

/// All or nothing: rolled back unless committed.
class Transaction {
 public:
  /// For writing: waits for other writers first, so that what is read in it is still so when it
  /// commits.
  static Result<Transaction> write(Database& database);
  /// For several reads of one state.
  static Result<Transaction> read(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  Result<> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;  ///< null once it is over
};

}  // namespace provender::registry::sqlite
