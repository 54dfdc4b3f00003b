#pragma once

#include <string_view>

#include "provender/error.hpp"

#include "offline/duckdb/duckdb_api.hpp"

namespace provender::offline {

/// DuckDB's failure as ours: the code that fits, and of its message the part that is for people.
/// DUCKDB_ERROR_INVALID: the message's first words tell the type.
Error to_error(duckdb_error_type type, std::string_view message);

/// Cancelled, where our own work was stopped.
Error stopped();

}  // namespace provender::offline
