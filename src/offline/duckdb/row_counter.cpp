#include "offline/duckdb/row_counter.hpp"

#include <cstring>
#include <string_view>

#include "base/try.hpp"

namespace provender::offline {
namespace {

/// Called by DuckDB.
void count_rows_passed(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const std::size_t rows = duckdb_data_chunk_get_size(input);
  std::memset(duckdb_vector_get_data(output), 1, rows);
  static_cast<RowCounter*>(duckdb_scalar_function_get_extra_info(info))->progress().add(rows);
}

}  // namespace

Result<> RowCounter::register_in(Connection& connection) {
  const Handle<duckdb_scalar_function, duckdb_destroy_scalar_function> function(
      duckdb_create_scalar_function());
  const LogicalTypeHandle boolean(duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN));
  constexpr std::string_view kCall = kCondition;
  const std::string name(kCall.substr(0, kCall.find('(')));
  duckdb_scalar_function_set_name(function.get(), name.c_str());
  duckdb_scalar_function_set_return_type(function.get(), boolean.get());
  duckdb_scalar_function_set_extra_info(function.get(), this, nullptr);
  duckdb_scalar_function_set_volatile(function.get());
  duckdb_scalar_function_set_function(function.get(), count_rows_passed);
  PROVENDER_ASSIGN(const duckdb_connection raw, connection.get());
  if (duckdb_register_scalar_function(raw, function.get()) == DuckDBSuccess) return {};
  return Error(ErrorCode::Internal, "DuckDB takes no function");
}

}  // namespace provender::offline
