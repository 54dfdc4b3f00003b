#include "parquet/footer_writer.hpp"

#include <optional>

#include "parquet/format.hpp"

namespace provender::parquet {
namespace {

using Wire = CompactWriter::Type;
using format::ConvertedType;
using format::LogicalType;

/// Nothing: the physical type says it all.
std::optional<ConvertedType> converted_type(Kind kind) {
  switch (kind) {
    case Kind::Int32:
      return ConvertedType::Int32;
    case Kind::Int64:
      return ConvertedType::Int64;
    case Kind::String:
      return ConvertedType::Utf8;
    case Kind::Timestamp:
      return ConvertedType::TimestampMicros;
    default:
      return std::nullopt;
  }
}

void begin_logical(CompactWriter& out, LogicalType type) {
  out.begin_struct(10);
  out.begin_struct(static_cast<int>(type));
}

void end_logical(CompactWriter& out) {
  out.end();
  out.end();
}

void write_logical(CompactWriter& out, const Column& column) {
  switch (column.type.kind) {
    case Kind::Int32:
    case Kind::Int64:
      begin_logical(out, LogicalType::Integer);
      out.integer(1, column.type.kind == Kind::Int32 ? 32 : 64, Wire::Byte);
      out.boolean(2, /*value=*/true);
      return end_logical(out);
    case Kind::String:
      begin_logical(out, LogicalType::String);
      return end_logical(out);
    case Kind::Timestamp:
      begin_logical(out, LogicalType::Timestamp);
      out.boolean(1, column.is_utc);
      out.begin_struct(2);
      out.begin_struct(static_cast<int>(format::kMicros));
      out.end();
      out.end();
      return end_logical(out);
    default:
      return;
  }
}

void write_schema(CompactWriter& out, std::span<const Column> columns) {
  out.begin_list(2, Wire::Struct, columns.size() + 1);
  out.begin_element();
  out.binary(4, "schema");
  out.integer(5, static_cast<std::int64_t>(columns.size()));
  out.end();
  for (const Column& column : columns) {
    out.begin_element();
    out.integer(1, number_of(column.physical));
    out.integer(3, format::kOptional);
    out.binary(4, column.name);
    if (const auto converted = converted_type(column.type.kind)) {
      out.integer(6, static_cast<std::int64_t>(*converted));
    }
    write_logical(out, column);
    out.end();
  }
}

std::vector<std::int64_t> encodings_of(const ChunkEntry& chunk) {
  std::vector<std::int64_t> out = {format::kRuns};  // of the levels
  const bool has_dictionary = chunk.dictionary_bytes > 0;
  if (chunk.has_plain_values) out.push_back(format::kPlain);
  if (has_dictionary) out.push_back(format::kOldDictionary);
  return out;
}

void write_chunk(CompactWriter& out,
                 const Column& column,
                 const ChunkEntry& chunk,
                 std::int64_t rows) {
  out.begin_element();
  out.integer(2, 0, Wire::I64);  // what it says is here
  out.begin_struct(3);
  out.integer(1, number_of(column.physical));
  const auto encodings = encodings_of(chunk);
  out.begin_list(2, Wire::I32, encodings.size());
  for (const std::int64_t encoding : encodings) {
    out.element(encoding);
  }
  out.begin_list(3, Wire::Binary, 1);
  out.element(column.name);
  out.integer(4, format::kZstd);
  out.integer(5, rows, Wire::I64);
  out.integer(6, chunk.unpacked_bytes, Wire::I64);
  out.integer(7, chunk.bytes, Wire::I64);
  out.integer(9, chunk.begin + chunk.dictionary_bytes, Wire::I64);
  if (chunk.dictionary_bytes > 0) out.integer(11, chunk.begin, Wire::I64);
  write_statistics(out, chunk.statistics);
  out.end();
  out.end();
}

void write_row_group(CompactWriter& out,
                     std::span<const Column> columns,
                     const RowGroupEntry& group) {
  out.begin_element();
  out.begin_list(1, Wire::Struct, columns.size());
  std::int64_t bytes = 0;
  std::int64_t unpacked_bytes = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    write_chunk(out, columns[i], group.chunks[i], group.rows);
    bytes += group.chunks[i].bytes;
    unpacked_bytes += group.chunks[i].unpacked_bytes;
  }
  out.integer(2, unpacked_bytes, Wire::I64);
  out.integer(3, group.rows, Wire::I64);
  if (!group.chunks.empty()) out.integer(5, group.chunks.front().begin, Wire::I64);
  out.integer(6, bytes, Wire::I64);
  out.end();
}

}  // namespace

std::int64_t number_of(Physical physical) {
  switch (physical) {
    case Physical::Bool:
      return format::kBoolean;
    case Physical::Int32:
      return format::kInt32;
    case Physical::Int64:
      return format::kInt64;
    case Physical::Float:
      return format::kFloat;
    case Physical::Double:
      return format::kDouble;
    case Physical::Bytes:
      break;
  }
  return format::kByteArray;
}

void write_statistics(CompactWriter& out, const Statistics& statistics) {
  out.begin_struct(12);
  if (statistics.nulls) out.integer(3, *statistics.nulls, Wire::I64);
  if (statistics.most) out.binary(5, *statistics.most);
  if (statistics.least) out.binary(6, *statistics.least);
  out.end();
}

std::string format_footer(std::span<const Column> columns,
                          std::span<const RowGroupEntry> row_groups,
                          std::string_view created_by) {
  CompactWriter out;
  std::int64_t rows = 0;
  for (const RowGroupEntry& group : row_groups) {
    rows += group.rows;
  }
  out.integer(1, 1);
  write_schema(out, columns);
  out.integer(3, rows, Wire::I64);
  out.begin_list(4, Wire::Struct, row_groups.size());
  for (const RowGroupEntry& group : row_groups) {
    write_row_group(out, columns, group);
  }
  out.binary(6, created_by);
  // Bounds have the order that the type has.
  out.begin_list(7, Wire::Struct, columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    out.begin_element();
    out.begin_struct(1);
    out.end();
    out.end();
  }
  return out.finish();
}

}  // namespace provender::parquet
