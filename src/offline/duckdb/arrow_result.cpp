#include "offline/duckdb/arrow_result.hpp"

#include "arrow/abi.hpp"

#include "base/try.hpp"
#include "offline/duckdb/errors.hpp"

namespace provender::offline {
namespace {

using OptionsHandle = Handle<duckdb_arrow_options, duckdb_destroy_arrow_options>;
using ErrorHandle = Handle<duckdb_error_data, duckdb_destroy_error_data>;

Result<> checked(duckdb_error_data raw) {
  const ErrorHandle error(raw);
  if (!error || !duckdb_error_data_has_error(error.get())) return {};
  return to_error(duckdb_error_data_error_type(error.get()),
                  duckdb_error_data_message(error.get()));
}

Result<arrow::Schema> schema_of(duckdb_result& result, duckdb_arrow_options options) {
  std::vector<LogicalTypeHandle> owners;
  std::vector<duckdb_logical_type> types;
  std::vector<const char*> names;
  for (idx_t i = 0; i < duckdb_column_count(&result); ++i) {
    owners.emplace_back(duckdb_column_logical_type(&result, i));
    types.push_back(owners.back().get());
    names.push_back(duckdb_column_name(&result, i));
  }
  arrow::Schema out;
  PROVENDER_TRY(checked(
      duckdb_to_arrow_schema(options, types.data(), names.data(), types.size(), out.out())));
  return out;
}

}  // namespace

Result<> ArrowResult::append(Connection& connection, const std::string& select) {
  PROVENDER_ASSIGN(ResultStream rows, connection.stream_of_any_type(select));
  const OptionsHandle options(duckdb_result_get_arrow_options(&rows.get()));
  if (!writer_) {
    PROVENDER_ASSIGN(const arrow::Schema schema, schema_of(rows.get(), options.get()));
    PROVENDER_ASSIGN(writer_, arrow::IpcWriter::write_file(path_, schema.get()));
  }
  while (true) {
    PROVENDER_ASSIGN(const ChunkHandle chunk, rows.next());
    if (!chunk) return {};
    arrow::Array batch;
    PROVENDER_TRY(checked(duckdb_data_chunk_to_arrow(options.get(), chunk.get(), batch.out())));
    PROVENDER_TRY(writer_->write(batch.get()));
  }
}

}  // namespace provender::offline
