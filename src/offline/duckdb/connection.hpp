#pragma once

#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "provender/result.hpp"
#include "provender/value.hpp"

#include "offline/duckdb/column_reader.hpp"
#include "offline/duckdb/database.hpp"
#include "offline/duckdb/handle.hpp"

namespace provender::offline {

/// All rows of a small result.
using Rows = std::vector<std::vector<Value>>;

/// A result that is read while it is made. Confined to one thread.
class ResultStream {
 public:
  /// The next rows; an empty handle at the end.
  Result<ChunkHandle> next();
  std::span<const Type> types() const { return types_; }
  duckdb_result& get() { return result_.get(); }

 private:
  friend class Connection;
  struct Interrupt {
    duckdb_connection connection;
    void operator()() const { duckdb_interrupt(connection); }
  };
  using StopCallback = std::stop_callback<Interrupt>;

  PreparedHandle prepared_;
  ResultHandle result_;
  std::stop_token stop_;
  std::unique_ptr<StopCallback> on_stop_;
  std::vector<Type> types_;
};

/// A connection with temporary tables of its own, gone with it. Every call ends soon with Cancelled
/// once a stop is requested. Confined to one thread.
class Connection {
 public:
  static Result<Connection> open(std::shared_ptr<Database> database, std::stop_token stop);
  /// Of a database that may not be there yet: what needs it first waits for it, or fails with it.
  static Connection open_later(Database::Coming database, std::stop_token stop);
  /// Why its database cannot be opened, if that is known by now.
  Result<> check_opening() const;

  /// Runs a statement for its effect; `parameters` are its $1, $2, …
  Result<> execute(const std::string& sql, std::span<const Value> parameters = {});
  Result<Rows> query(const std::string& sql, std::span<const Value> parameters = {});
  Result<ResultStream> stream(const std::string& sql, std::span<const Value> parameters = {});
  /// The same, of columns that need not have types of ours: the stream tells none.
  Result<ResultStream> stream_of_any_type(const std::string& sql,
                                          std::span<const Value> parameters = {});

  /// The stop that its calls obey.
  const std::stop_token& stop() const { return stop_; }
  Result<duckdb_connection> get();
  Result<std::shared_ptr<Database>> database() const { return database_.get(); }
  /// For further connections to its database.
  const Database::Coming& coming_database() const { return database_; }

 private:
  Connection() = default;

  Database::Coming database_;  ///< must outlive handle_
  ConnectionHandle handle_;    ///< null: not opened yet
  std::stop_token stop_;
};

}  // namespace provender::offline
