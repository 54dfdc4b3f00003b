#include "wire/read_reply_arrow.hpp"

#include <algorithm>

#include "arrow/batch_builder.hpp"
#include "arrow/ipc_writer.hpp"

#include "base/try.hpp"

namespace provender::wire {
namespace {

/// About what a value takes with its status and time, and what the batch says of a column.
constexpr std::size_t kBytesPerCell = 32;
constexpr std::size_t kBytesPerColumn = 320;

void append_keys(arrow::BatchBuilder& batch, const ArrowSource& source) {
  const std::size_t keys = source.prepared.keys().size();
  const std::size_t rows = source.features.rows();
  for (std::size_t i = 0; i < keys; ++i) {
    arrow::ColumnBuilder& column = batch.column(i);
    column.reserve(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      column.append(source.keys[row * keys + i]);
    }
  }
}

/// Makes the cell one that its column can carry. In place: a copy of what was just written is slow.
void make_representable(Cell& cell, Type type) {
  if (cell.value.is_null() || cell.value.type() == type) return;
  cell.status = Status::Invalid;
  cell.value = ValueView::null(type);
}

void append_feature(arrow::BatchBuilder& batch,
                    const ArrowSource& source,
                    std::size_t feature,
                    StatusCounts& counts) {
  const std::size_t keys = source.prepared.keys().size();
  const std::size_t told = keys + source.prepared.features().size();
  const std::size_t rows = source.features.rows();
  const Type type = source.prepared.features()[feature].type;
  arrow::ColumnBuilder& values = batch.column(keys + feature);
  arrow::ColumnBuilder& statuses = batch.column(told + 2 * feature);
  arrow::ColumnBuilder& times = batch.column(told + 2 * feature + 1);
  const std::size_t first = source.columns.first_of_row(feature);
  values.reserve(rows);
  statuses.reserve(rows);
  if (first == feature) times.reserve(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    Cell cell = source.features.cell(row, feature);
    make_representable(cell, type);
    ++counts.counts[static_cast<std::size_t>(cell.status)];
    values.append(cell.value);
    statuses.append_text(to_string(cell.status));
    if (first != feature) continue;
    cell.event_timestamp ? times.append_timestamp(*cell.event_timestamp) : times.append_null();
  }
  if (first != feature) times.copy(batch.column(told + 2 * first + 1));
}

}  // namespace

Result<ArrowColumns> ArrowColumns::of(const PreparedRead& prepared) {
  ArrowColumns out;
  for (const PreparedRead::Key& key : prepared.keys()) {
    out.fields_.push_back({.name = key.name, .type = key.type});
  }
  for (const PreparedRead::Feature& feature : prepared.features()) {
    out.fields_.push_back({.name = feature.name, .type = feature.type});
  }
  for (const PreparedRead::Feature& feature : prepared.features()) {
    out.fields_.push_back({.name = feature.name + "__status", .type = {.kind = Kind::String}});
    out.fields_.push_back(
        {.name = feature.name + "__event_timestamp", .type = {.kind = Kind::Timestamp}});
  }
  for (const PreparedRead::Feature& feature : prepared.features()) {
    const auto first =
        std::ranges::find(prepared.features(), feature.row, &PreparedRead::Feature::row);
    out.first_of_row_.push_back(static_cast<std::size_t>(first - prepared.features().begin()));
  }
  PROVENDER_ASSIGN(out.schema_, arrow::make_schema(out.fields_));
  PROVENDER_TRY(arrow::IpcWriter::append_to(out.head_, out.schema()));
  return out;
}

Result<StatusCounts> write_arrow_reply(std::string& out, const ArrowSource& source) {
  const ArrowSchema& schema = source.columns.schema();
  const auto fields = source.columns.fields();
  const std::size_t features = source.prepared.features().size();
  out.reserve(out.size() + source.columns.head().size() + fields.size() * kBytesPerColumn +
              features * source.features.rows() * kBytesPerCell);
  StatusCounts counts;
  PROVENDER_ASSIGN(arrow::BatchBuilder batch, arrow::BatchBuilder::create(schema, fields));
  append_keys(batch, source);
  for (std::size_t i = 0; i < features; ++i) {
    append_feature(batch, source, i, counts);
  }
  PROVENDER_ASSIGN(const arrow::Array array, batch.finish());
  out += source.columns.head();
  PROVENDER_ASSIGN(arrow::IpcWriter writer, arrow::IpcWriter::resume(out, schema));
  PROVENDER_TRY(writer.write(array.get()));
  PROVENDER_TRY(writer.finish());
  return counts;
}

}  // namespace provender::wire
