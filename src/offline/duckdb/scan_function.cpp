#include "offline/duckdb/scan_function.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/try.hpp"

namespace provender::offline {
namespace {

constexpr std::string_view kLost = "a value does not convert";

bool any_lost(duckdb_vector vector, std::size_t rows) {
  const auto* lost = static_cast<const std::uint8_t*>(duckdb_vector_get_data(vector));
  return std::find(lost, lost + rows, std::uint8_t{1}) != lost + rows;
}

/// Nothing may be thrown through DuckDB.
Result<> take(const ScanFunction::Entry& entry, duckdb_data_chunk input, std::size_t rows) {
  try {
    std::vector<duckdb_vector> columns;
    for (idx_t i = 0; i < duckdb_data_chunk_get_column_count(input); ++i) {
      columns.push_back(duckdb_data_chunk_get_vector(input, i));
    }
    if (entry.may_lose) {
      if (any_lost(columns.back(), rows)) return lost_value();
      columns.pop_back();
    }
    return entry.sink->take(columns, rows);
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::ResourceExhausted, "out of memory");
  }
}

Result<> choose(const ScanFunction::Entry& entry,
                duckdb_data_chunk input,
                std::size_t rows,
                std::uint8_t* wanted) {
  try {
    entry.sink->choose(duckdb_data_chunk_get_vector(input, 0), rows, wanted);
    return {};
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::ResourceExhausted, "out of memory");
  }
}

/// Ends the scan. What DuckDB makes of an error is not what it was.
void fail(duckdb_function_info info, ScanFunction::Entry& entry, Error error) {
  duckdb_scalar_function_set_error(info, std::string(error.message()).c_str());
  const std::scoped_lock lock(entry.mutex);
  if (!entry.error) entry.error = std::move(error);
}

ScanFunction::Entry& entry_of(duckdb_function_info info) {
  return *static_cast<ScanFunction::Entry*>(duckdb_scalar_function_get_extra_info(info));
}

/// Called by DuckDB.
void take_rows(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const std::size_t rows = duckdb_data_chunk_get_size(input);
  ScanFunction::Entry& entry = entry_of(info);
  // The same for all: who sums it up has to look at one.
  duckdb_vector_reference_value(output, entry.nothing.get());
  if (rows == 0) return;
  if (entry.sink == nullptr) return duckdb_scalar_function_set_error(info, "the scan is over");
  auto taken = take(entry, input, rows);
  if (!taken) return fail(info, entry, std::move(taken).error());
  if (entry.choice == ScanFunction::Choice::None) entry.function->count(rows);
}

/// Called by DuckDB. Says the same of a row whenever it is asked, so it may be pushed into the
/// scan.
void choose_rows(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const std::size_t rows = duckdb_data_chunk_get_size(input);
  auto* const wanted = static_cast<std::uint8_t*>(duckdb_vector_get_data(output));
  std::memset(wanted, 0, rows);
  if (rows == 0) return;
  ScanFunction::Entry& entry = entry_of(info);
  if (entry.sink == nullptr) return duckdb_scalar_function_set_error(info, "the scan is over");
  auto chosen = choose(entry, input, rows, wanted);
  if (!chosen) return fail(info, entry, std::move(chosen).error());
  if (entry.choice == ScanFunction::Choice::ByRow) entry.function->count(rows);
}

using FunctionHandle = Handle<duckdb_scalar_function, duckdb_destroy_scalar_function>;

Result<> register_function(Connection& connection,
                           const std::string& name,
                           duckdb_scalar_function_t call,
                           ScanFunction::Entry& entry) {
  PROVENDER_ASSIGN(const duckdb_connection raw, connection.get());
  const FunctionHandle function(duckdb_create_scalar_function());
  const LogicalTypeHandle any(duckdb_create_logical_type(DUCKDB_TYPE_ANY));
  const LogicalTypeHandle boolean(duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN));
  duckdb_scalar_function_set_name(function.get(), name.c_str());
  duckdb_scalar_function_set_return_type(function.get(), boolean.get());
  duckdb_scalar_function_set_extra_info(function.get(), &entry, nullptr);
  duckdb_scalar_function_set_function(function.get(), call);
  if (call == take_rows) {
    duckdb_scalar_function_set_varargs(function.get(), any.get());
    duckdb_scalar_function_set_special_handling(function.get());
    duckdb_scalar_function_set_volatile(function.get());
  } else {
    duckdb_scalar_function_add_parameter(function.get(), any.get());
  }
  if (duckdb_register_scalar_function(raw, function.get()) != DuckDBSuccess) {
    return Error(ErrorCode::Internal, "DuckDB takes no function");
  }
  return {};
}

}  // namespace

Error lost_value() {
  return {ErrorCode::InvalidArgument, std::string(kLost)};
}

bool is_lost_value(const Error& error) {
  return error.code() == ErrorCode::InvalidArgument && error.message() == kLost;
}

void RowSink::choose(duckdb_vector /*column*/, std::size_t rows, std::uint8_t* wanted) const {
  std::fill_n(wanted, rows, std::uint8_t{1});
}

std::pair<ScanFunction::Entry&, std::string> ScanFunction::add_entry() {
  const std::scoped_lock lock(mutex_);
  return {entries_.emplace_back(), fmt::format("{:08x}{:08x}", random_(), random_())};
}

Result<> ScanFunction::scan(Connection& connection, ScanQuery query, RowSink& sink, Choice choice) {
  auto [entry, suffix] = add_entry();
  entry.function = this;
  entry.sink = &sink;
  entry.choice = choice;
  entry.may_lose = may_lose(query);
  query.function = "provender_take_" + suffix;
  PROVENDER_TRY(register_function(connection, query.function, take_rows, entry));
  entry.nothing = ValueHandle(duckdb_create_bool(false));
  if (choice != Choice::None) {
    query.choice = "provender_choose_" + suffix;
    PROVENDER_TRY(register_function(connection, query.choice, choose_rows, entry));
  }
  auto done = connection.execute(compile_scan(query));
  entry.sink = nullptr;
  const std::scoped_lock lock(entry.mutex);
  if (!done && entry.error) done = *std::move(entry.error);
  return done;
}

}  // namespace provender::offline
