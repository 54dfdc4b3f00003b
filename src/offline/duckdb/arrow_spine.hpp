#pragma once

#include <memory>

#include "arrow/batch_reader.hpp"

#include "offline/duckdb/connection.hpp"

namespace provender::offline {

/// Stages the rows of Arrow batches, in their order, as the table of the spine. InvalidArgument: a
/// column's type that is not read, a name that two columns have, and what the reader says.
Result<> stage_arrow_spine(Connection& connection, std::unique_ptr<arrow::BatchReader> batches);

}  // namespace provender::offline
