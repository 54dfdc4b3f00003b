#include "offline/duckdb/connection.hpp"

#include <chrono>
#include <future>
#include <type_traits>
#include <variant>

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/duckdb/errors.hpp"

namespace provender::offline {
namespace {

duckdb_state bind_value(duckdb_prepared_statement prepared, idx_t index, const Value& value) {
  return std::visit(
      [&](const auto& v) -> duckdb_state {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, bool>) {
          return duckdb_bind_boolean(prepared, index, v);
        } else if constexpr (std::is_same_v<T, std::int32_t>) {
          return duckdb_bind_int32(prepared, index, v);
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
          return duckdb_bind_int64(prepared, index, v);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return duckdb_bind_varchar_length(prepared, index, v.data(), v.size());
        } else if constexpr (std::is_same_v<T, Bytes>) {
          return duckdb_bind_blob(prepared, index, v.data.data(), v.data.size());
        } else if constexpr (std::is_same_v<T, Timestamp>) {
          return duckdb_bind_timestamp(prepared, index, {.micros = v.time_since_epoch().count()});
        } else if constexpr (std::is_same_v<T, std::monostate>) {
          return duckdb_bind_null(prepared, index);
        } else {
          return DuckDBError;  // no parameter of ours is a float or a list
        }
      },
      value.storage);
}

Result<PreparedHandle> prepare(duckdb_connection connection,
                               const std::string& sql,
                               std::span<const Value> parameters) {
  PreparedHandle prepared;
  if (duckdb_prepare(connection, sql.c_str(), prepared.out()) != DuckDBSuccess) {
    const char* message = duckdb_prepare_error(prepared.get());
    return to_error(DUCKDB_ERROR_INVALID, message == nullptr ? "" : message);
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (bind_value(prepared.get(), i + 1, parameters[i]) != DuckDBSuccess) {
      return Error(ErrorCode::Internal, fmt::format("parameter {} cannot be bound", i + 1));
    }
  }
  return prepared;
}

Result<std::vector<Type>> types_of(duckdb_result& result) {
  std::vector<Type> out;
  for (idx_t i = 0; i < duckdb_column_count(&result); ++i) {
    const LogicalTypeHandle logical(duckdb_column_logical_type(&result, i));
    const auto type = type_of(logical.get());
    if (!type) {
      return Error(ErrorCode::Internal,
                   fmt::format("result column {} has a type that is not read", i));
    }
    out.push_back(*type);
  }
  return out;
}

/// DuckDB says of some interrupts that something else failed by them.
Error error_of(duckdb_result& result, const std::stop_token& stop) {
  if (stop.stop_requested()) return stopped();
  const char* message = duckdb_result_error(&result);
  return to_error(duckdb_result_error_type(&result), message == nullptr ? "" : message);
}

}  // namespace

Result<ChunkHandle> ResultStream::next() {
  ChunkHandle chunk(duckdb_fetch_chunk(result_.get()));
  if (chunk) return chunk;
  if (duckdb_result_error(&result_.get()) != nullptr) return error_of(result_.get(), stop_);
  return ChunkHandle();
}

Result<Connection> Connection::open(std::shared_ptr<Database> database, std::stop_token stop) {
  std::promise<Result<std::shared_ptr<Database>>> ready;
  ready.set_value(std::move(database));
  Connection out = open_later(ready.get_future().share(), std::move(stop));
  PROVENDER_TRY(out.get());
  return out;
}

Connection Connection::open_later(Database::Coming database, std::stop_token stop) {
  Connection out;
  out.database_ = std::move(database);
  out.stop_ = std::move(stop);
  return out;
}

Result<> Connection::check_opening() const {
  if (database_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return {};
  const auto& opened = database_.get();
  if (!opened) return opened.error();
  return {};
}

Result<duckdb_connection> Connection::get() {
  if (!handle_) {
    const auto& opened = database_.get();
    if (!opened) return opened.error();
    if (duckdb_connect((*opened)->get(), handle_.out()) != DuckDBSuccess) {
      return Error(ErrorCode::Internal, "DuckDB gives no connection");
    }
  }
  return handle_.get();
}

Result<ResultStream> Connection::stream(const std::string& sql, std::span<const Value> parameters) {
  PROVENDER_ASSIGN(ResultStream out, stream_of_any_type(sql, parameters));
  if (duckdb_result_return_type(out.result_.get()) == DUCKDB_RESULT_TYPE_QUERY_RESULT) {
    PROVENDER_ASSIGN(out.types_, types_of(out.result_.get()));
  }
  return out;
}

Result<ResultStream> Connection::stream_of_any_type(const std::string& sql,
                                                    std::span<const Value> parameters) {
  ResultStream out;
  out.stop_ = stop_;
  PROVENDER_ASSIGN(const duckdb_connection connection, get());
  PROVENDER_ASSIGN(out.prepared_, prepare(connection, sql, parameters));
  PendingHandle pending;
  if (duckdb_pending_prepared_streaming(out.prepared_.get(), pending.out()) != DuckDBSuccess) {
    const char* message = duckdb_pending_error(pending.get());
    return to_error(DUCKDB_ERROR_INVALID, message == nullptr ? "" : message);
  }
  // Only now: the start of a query forgets an interrupt that came before it. Runs at once if the
  // stop was requested already.
  out.on_stop_ = std::make_unique<ResultStream::StopCallback>(
      stop_, ResultStream::Interrupt{.connection = connection});
  if (duckdb_execute_pending(pending.get(), &out.result_.get()) != DuckDBSuccess) {
    return error_of(out.result_.get(), stop_);
  }
  return out;
}

Result<Rows> Connection::query(const std::string& sql, std::span<const Value> parameters) {
  PROVENDER_ASSIGN(auto result, stream(sql, parameters));
  std::vector<ColumnReader> readers(result.types().begin(), result.types().end());
  Rows out;
  while (true) {
    PROVENDER_ASSIGN(const auto chunk, result.next());
    if (!chunk) return out;
    const std::size_t first = out.size();
    const std::size_t rows = duckdb_data_chunk_get_size(chunk.get());
    out.resize(first + rows);
    for (idx_t c = 0; c < readers.size(); ++c) {
      const ColumnView column = readers[c].read(duckdb_data_chunk_get_vector(chunk.get(), c), rows);
      for (std::size_t row = 0; row < rows; ++row) {
        out[first + row].push_back(value_at(column, row));
      }
    }
  }
}

Result<> Connection::execute(const std::string& sql, std::span<const Value> parameters) {
  PROVENDER_ASSIGN(auto result, stream(sql, parameters));
  while (true) {
    PROVENDER_ASSIGN(const auto chunk, result.next());
    if (!chunk) return {};
  }
}

}  // namespace provender::offline
