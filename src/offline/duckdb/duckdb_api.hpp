#pragma once

#include <duckdb.h>

#include "provender/result.hpp"

// The functions of DuckDB's C API that are called.
#define PROVENDER_DUCKDB_FUNCTIONS(X)            \
  X(duckdb_arrow_scan)                           \
  X(duckdb_bind_blob)                            \
  X(duckdb_bind_boolean)                         \
  X(duckdb_bind_int32)                           \
  X(duckdb_bind_int64)                           \
  X(duckdb_bind_null)                            \
  X(duckdb_bind_timestamp)                       \
  X(duckdb_bind_varchar_length)                  \
  X(duckdb_close)                                \
  X(duckdb_column_count)                         \
  X(duckdb_column_logical_type)                  \
  X(duckdb_column_name)                          \
  X(duckdb_connect)                              \
  X(duckdb_create_bool)                          \
  X(duckdb_create_config)                        \
  X(duckdb_create_list_type)                     \
  X(duckdb_create_logical_type)                  \
  X(duckdb_create_scalar_function)               \
  X(duckdb_data_chunk_get_column_count)          \
  X(duckdb_data_chunk_get_size)                  \
  X(duckdb_data_chunk_get_vector)                \
  X(duckdb_data_chunk_to_arrow)                  \
  X(duckdb_destroy_arrow_converted_schema)       \
  X(duckdb_destroy_arrow_options)                \
  X(duckdb_destroy_config)                       \
  X(duckdb_destroy_data_chunk)                   \
  X(duckdb_destroy_error_data)                   \
  X(duckdb_destroy_logical_type)                 \
  X(duckdb_destroy_pending)                      \
  X(duckdb_destroy_prepare)                      \
  X(duckdb_destroy_result)                       \
  X(duckdb_destroy_scalar_function)              \
  X(duckdb_destroy_value)                        \
  X(duckdb_disconnect)                           \
  X(duckdb_error_data_error_type)                \
  X(duckdb_error_data_has_error)                 \
  X(duckdb_error_data_message)                   \
  X(duckdb_execute_pending)                      \
  X(duckdb_fetch_chunk)                          \
  X(duckdb_free)                                 \
  X(duckdb_get_type_id)                          \
  X(duckdb_interrupt)                            \
  X(duckdb_list_type_child_type)                 \
  X(duckdb_list_vector_get_child)                \
  X(duckdb_list_vector_get_size)                 \
  X(duckdb_list_vector_reserve)                  \
  X(duckdb_list_vector_set_size)                 \
  X(duckdb_open_ext)                             \
  X(duckdb_pending_error)                        \
  X(duckdb_pending_prepared_streaming)           \
  X(duckdb_prepare)                              \
  X(duckdb_prepare_error)                        \
  X(duckdb_query)                                \
  X(duckdb_register_scalar_function)             \
  X(duckdb_result_error)                         \
  X(duckdb_result_error_type)                    \
  X(duckdb_result_get_arrow_options)             \
  X(duckdb_result_return_type)                   \
  X(duckdb_scalar_function_add_parameter)        \
  X(duckdb_scalar_function_get_extra_info)       \
  X(duckdb_scalar_function_set_error)            \
  X(duckdb_scalar_function_set_extra_info)       \
  X(duckdb_scalar_function_set_function)         \
  X(duckdb_scalar_function_set_name)             \
  X(duckdb_scalar_function_set_return_type)      \
  X(duckdb_scalar_function_set_special_handling) \
  X(duckdb_scalar_function_set_varargs)          \
  X(duckdb_scalar_function_set_volatile)         \
  X(duckdb_schema_from_arrow)                    \
  X(duckdb_set_config)                           \
  X(duckdb_to_arrow_schema)                      \
  X(duckdb_vector_ensure_validity_writable)      \
  X(duckdb_vector_get_data)                      \
  X(duckdb_vector_get_validity)                  \
  X(duckdb_vector_reference_value)

namespace provender::offline {

/// DuckDB's library, loaded when it is needed first: that takes ten milliseconds, in which other
/// threads can work.
struct DuckdbApi {
#define PROVENDER_DUCKDB_MEMBER(name) decltype(&::name) name = nullptr;
  PROVENDER_DUCKDB_FUNCTIONS(PROVENDER_DUCKDB_MEMBER)
#undef PROVENDER_DUCKDB_MEMBER
};

/// Loads the library, if it is not there yet. FailedPrecondition: it cannot be loaded, or lacks a
/// function; the next call tries again. Safe for concurrent use.
Result<> load_duckdb();

/// Only after load_duckdb(): who has a database has it.
const DuckdbApi& duckdb_api();

template <auto Function>
struct DuckdbFunction;

/// Called like the function of DuckDB's that it stands for.
template <class Out, class... In, Out (*DuckdbApi::*Function)(In...)>
struct DuckdbFunction<Function> {
  Out operator()(In... in) const { return (duckdb_api().*Function)(in...); }
};

// By the same names: what is called in this namespace is found here first.
// NOLINTBEGIN(readability-identifier-naming): they are DuckDB's
#define PROVENDER_DUCKDB_FUNCTION(name) inline constexpr DuckdbFunction<&DuckdbApi::name> name;
PROVENDER_DUCKDB_FUNCTIONS(PROVENDER_DUCKDB_FUNCTION)
#undef PROVENDER_DUCKDB_FUNCTION
// NOLINTEND(readability-identifier-naming)

}  // namespace provender::offline
