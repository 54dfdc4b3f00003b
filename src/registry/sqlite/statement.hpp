#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "provender/types.hpp"

struct sqlite3_stmt;

namespace provender::registry::sqlite {

class Database;

/// One prepared statement: bind parameters, then read rows. Its Database outlives it. Confined to
/// one thread.
class Statement {
 public:
  static Result<Statement> prepare(Database& database, std::string_view sql);
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  /// Starts anew with these parameters: integers, texts, timestamps, optionals of them (empty:
  /// NULL).
  template <class... Values>
  void bind(const Values&... values) {
    rewind();
    bind_all(std::index_sequence_for<Values...>(), values...);
  }

  /// Goes to the next row; false: there is none.
  Result<bool> next();

  /// Binds and runs to the end.
  template <class... Values>
  Result<> execute(const Values&... values) {
    bind(values...);
    return finish();
  }

  std::int64_t integer(int column) const;
  std::string text(int column) const;
  Timestamp timestamp(int column) const { return Timestamp(Duration(integer(column))); }
  std::optional<Timestamp> optional_timestamp(int column) const;
  /// An integer column that the schema keeps within T.
  template <std::integral T>
  T number(int column) const {
    return static_cast<T>(integer(column));
  }

 private:
  Statement(Database& database, sqlite3_stmt* handle) : database_(&database), handle_(handle) {}
  void rewind();
  Result<> finish();
  template <std::size_t... Index, class... Values>
  void bind_all(std::index_sequence<Index...> /*positions*/, const Values&... values) {
    (bind_value(static_cast<int>(Index) + 1, values), ...);
  }
  void bind_integer(int index, std::int64_t value);
  void bind_null(int index);
  template <std::integral T>
  void bind_value(int index, T value) {
    bind_integer(index, static_cast<std::int64_t>(value));
  }
  void bind_value(int index, Timestamp value) {
    bind_integer(index, value.time_since_epoch().count());
  }
  void bind_value(int index, Duration value) { bind_integer(index, value.count()); }
  void bind_value(int index, std::string_view value);
  template <class T>
  void bind_value(int index, const std::optional<T>& value) {
    if (value) return bind_value(index, *value);
    bind_null(index);
  }

  Database* database_;
  sqlite3_stmt* handle_;
  int bind_result_ = 0;
};

}  // namespace provender::registry::sqlite
