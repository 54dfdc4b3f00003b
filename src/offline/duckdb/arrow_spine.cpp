#include "offline/duckdb/arrow_spine.hpp"

#include <cerrno>
#include <exception>
#include <optional>
#include <set>

#include "arrow/whole_microseconds.hpp"
#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/duckdb/errors.hpp"
#include "offline/duckdb/spine.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

constexpr const char* kView = "spine_stream";

/// Batches as the stream that DuckDB scans. It does not release the schema that it is given first:
/// it is lent ours.
class Lent {
 public:
  explicit Lent(arrow::BatchReader& reader) : reader_(reader) {}

  ArrowArrayStream stream() {
    return {.get_schema = get_schema,
            .get_next = get_next,
            .get_last_error = get_last_error,
            .release = [](ArrowArrayStream* self) { self->release = nullptr; },
            .private_data = this};
  }
  /// What the reader said, which DuckDB makes its own words of.
  std::optional<Error>& error() { return error_; }

 private:
  static Lent& of(ArrowArrayStream* stream) { return *static_cast<Lent*>(stream->private_data); }

  static int get_schema(ArrowArrayStream* self, ArrowSchema* out) {
    *out = of(self).reader_.schema();
    out->release = [](ArrowSchema* schema) { schema->release = nullptr; };
    return 0;
  }

  static int get_next(ArrowArrayStream* self, ArrowArray* out) {
    *out = {};
    try {
      auto batch = of(self).reader_.next();
      if (batch) {
        *out = batch->take();
        return 0;
      }
      of(self).error_ = std::move(batch).error();
    } catch (const std::exception& failed) {
      of(self).error_ = Error(ErrorCode::ResourceExhausted, failed.what());
    }
    return EINVAL;
  }

  static const char* get_last_error(ArrowArrayStream* self) {
    return of(self).error_ ? of(self).error_->message().data() : nullptr;
  }

  arrow::BatchReader& reader_;
  std::optional<Error> error_;
};

std::string name_of(const ArrowSchema& column) {
  return column.name == nullptr ? "" : column.name;
}

/// Whether DuckDB reads the column, which it can say of a whole schema only.
Result<> check_type(Connection& connection, ArrowSchema& column) {
  ArrowSchema* children = &column;
  ArrowSchema alone{.format = "+s",
                    .name = "",
                    .metadata = nullptr,
                    .flags = 0,
                    .n_children = 1,
                    .children = &children,
                    .dictionary = nullptr,
                    .release = nullptr,
                    .private_data = nullptr};
  Handle<duckdb_arrow_converted_schema, duckdb_destroy_arrow_converted_schema> converted;
  PROVENDER_ASSIGN(const duckdb_connection raw, connection.get());
  const Handle<duckdb_error_data, duckdb_destroy_error_data> failed(
      duckdb_schema_from_arrow(raw, &alone, converted.out()));
  if (!failed) return {};
  return Error(
      ErrorCode::InvalidArgument,
      fmt::format(
          "column '{}' has the Arrow type '{}', which is not read: {}",
          name_of(column),
          column.format,
          to_error(DUCKDB_ERROR_INVALID, duckdb_error_data_message(failed.get())).message()));
}

Result<> check_columns(Connection& connection, const ArrowSchema& schema) {
  if (schema.n_children == 0) return Error(ErrorCode::InvalidArgument, "it has no columns");
  std::set<std::string> names;
  for (std::int64_t i = 0; i < schema.n_children; ++i) {
    ArrowSchema& column = *schema.children[i];
    if (!names.insert(sql::folded(name_of(column))).second) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("it has the column '{}' twice", name_of(column)));
    }
    PROVENDER_TRY(check_type(connection, column));
  }
  return {};
}

Result<> copy(Connection& connection, ArrowArrayStream& stream) {
  auto* const handle = reinterpret_cast<duckdb_arrow_stream>(&stream);
  PROVENDER_ASSIGN(const duckdb_connection raw, connection.get());
  if (duckdb_arrow_scan(raw, kView, handle) != DuckDBSuccess) {
    return Error(ErrorCode::InvalidArgument, "its columns cannot be read");
  }
  PROVENDER_TRY(connection.execute(
      fmt::format("CREATE TEMP TABLE {} AS SELECT * FROM {}", Spine::kTable, kView)));
  return connection.execute(fmt::format("DROP VIEW {}", kView));
}

}  // namespace

Result<> stage_arrow_spine(Connection& connection, std::unique_ptr<arrow::BatchReader> batches) {
  const auto reader = arrow::in_whole_microseconds(std::move(batches));
  PROVENDER_TRY(check_columns(connection, reader->schema()));
  Lent lent(*reader);
  ArrowArrayStream stream = lent.stream();
  auto done = copy(connection, stream);
  if (!done && lent.error()) return *std::move(lent.error());
  return done;
}

}  // namespace provender::offline
