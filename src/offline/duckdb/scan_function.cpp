#include "offline/duckdb/scan_function.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace provender::offline {
namespace {

/// Nothing may be thrown through DuckDB.
Result<> take(RowSink& sink, std::span<const duckdb_vector> columns, std::size_t rows) {
  try {
    return sink.take(columns, rows);
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::ResourceExhausted, "out of memory");
  }
}

/// Called by DuckDB.
void take_rows(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const std::size_t rows = duckdb_data_chunk_get_size(input);
  auto* const function = static_cast<ScanFunction*>(duckdb_scalar_function_get_extra_info(info));
  // The same for all: who sums it up has to look at one.
  duckdb_vector_reference_value(output, function->nothing());
  if (rows == 0) return;
  const auto token = *static_cast<const std::int64_t*>(
      duckdb_vector_get_data(duckdb_data_chunk_get_vector(input, 0)));
  ScanFunction::Entry* const entry = function->find(token);
  if (entry == nullptr) {
    return duckdb_scalar_function_set_error(info, "provender_take is not for SQL of users");
  }
  std::vector<duckdb_vector> columns;
  for (idx_t i = 1; i < duckdb_data_chunk_get_column_count(input); ++i) {
    columns.push_back(duckdb_data_chunk_get_vector(input, i));
  }
  auto taken = take(*entry->sink, columns, rows);
  if (taken) return function->count(entry->chosen ? 0 : rows);
  duckdb_scalar_function_set_error(info, std::string(taken.error().message()).c_str());
  const std::scoped_lock lock(entry->mutex);
  if (!entry->error) entry->error = std::move(taken).error();
}

/// Called by DuckDB. Says the same of a row whenever it is asked, so it may be pushed into the
/// scan.
void choose_rows(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const std::size_t rows = duckdb_data_chunk_get_size(input);
  auto* const wanted = static_cast<std::uint8_t*>(duckdb_vector_get_data(output));
  std::memset(wanted, 0, rows);
  if (rows == 0) return;
  auto* const function = static_cast<ScanFunction*>(duckdb_scalar_function_get_extra_info(info));
  const auto token = *static_cast<const std::int64_t*>(
      duckdb_vector_get_data(duckdb_data_chunk_get_vector(input, 0)));
  const ScanFunction::Entry* const entry = function->find(token);
  if (entry == nullptr) {
    return duckdb_scalar_function_set_error(info, "provender_choose is not for SQL of users");
  }
  entry->sink->choose(duckdb_data_chunk_get_vector(input, 1), rows, wanted);
  function->count(rows);
}

using FunctionHandle = Handle<duckdb_scalar_function, duckdb_destroy_scalar_function>;

}  // namespace

Result<> ScanFunction::register_in(Connection& connection) {
  const FunctionHandle take(duckdb_create_scalar_function());
  const FunctionHandle choose(duckdb_create_scalar_function());
  const LogicalTypeHandle bigint(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
  const LogicalTypeHandle any(duckdb_create_logical_type(DUCKDB_TYPE_ANY));
  const LogicalTypeHandle boolean(duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN));
  duckdb_scalar_function_set_name(take.get(), kName);
  duckdb_scalar_function_set_name(choose.get(), kChoice);
  for (duckdb_scalar_function function : {take.get(), choose.get()}) {
    duckdb_scalar_function_add_parameter(function, bigint.get());
    duckdb_scalar_function_set_return_type(function, boolean.get());
    duckdb_scalar_function_set_extra_info(function, this, nullptr);
  }
  duckdb_scalar_function_set_varargs(take.get(), any.get());
  duckdb_scalar_function_set_special_handling(take.get());
  duckdb_scalar_function_set_volatile(take.get());
  duckdb_scalar_function_set_function(take.get(), take_rows);
  duckdb_scalar_function_add_parameter(choose.get(), any.get());
  duckdb_scalar_function_set_function(choose.get(), choose_rows);
  for (duckdb_scalar_function function : {take.get(), choose.get()}) {
    if (duckdb_register_scalar_function(connection.get(), function) != DuckDBSuccess) {
      return Error(ErrorCode::Internal, "DuckDB takes no function");
    }
  }
  return {};
}

ScanFunction::Entry* ScanFunction::find(std::int64_t token) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(token);
  return found == entries_.end() ? nullptr : found->second.get();
}

void RowSink::choose(duckdb_vector /*column*/, std::size_t rows, std::uint8_t* wanted) const {
  std::fill_n(wanted, rows, std::uint8_t{1});
}

Result<> ScanFunction::scan(Connection& connection, ScanQuery query, RowSink& sink, bool chosen) {
  query.function = kName;
  if (chosen) query.choice = kChoice;
  Entry* entry = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    query.token = static_cast<std::int64_t>((std::uint64_t{random_()} << 31) ^ random_());
    auto owned = std::make_unique<Entry>();
    entry = owned.get();
    entry->sink = &sink;
    entry->chosen = chosen;
    entries_[query.token] = std::move(owned);
  }
  auto done = connection.execute(compile_scan(query));
  const std::scoped_lock lock(mutex_);
  if (!done && entry->error) done = *std::move(entry->error);
  entries_.erase(query.token);
  return done;
}

}  // namespace provender::offline
