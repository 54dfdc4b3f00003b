#include "parquet/testing_file.hpp"

#include <stdexcept>

#include "base/endian.hpp"
#include "parquet/footer_writer.hpp"
#include "parquet/testing_pages.hpp"

namespace provender::parquet {
namespace {

using Wire = CompactReader::Type;

constexpr std::string_view kFileMagic = "PAR1";

std::int64_t number_of(Codec codec) {
  return codec == Codec::Zstd ? 6 : codec == Codec::Snappy ? 1 : 0;
}

void write_column(CompactWriter& out, const Column& column) {
  out.begin_element();
  out.integer(1, number_of(column.physical));
  out.integer(3, column.nullable ? 1 : 0);
  out.binary(4, column.name);
  if (column.type.kind == Kind::String) out.integer(6, 0);
  if (column.type.kind == Kind::Timestamp) out.integer(6, 10);
  out.end();
}

void write_chunk(CompactWriter& out,
                 const Column& column,
                 const TestFile::Chunk& chunk,
                 std::int64_t rows,
                 std::int64_t begin) {
  const auto bytes = static_cast<std::int64_t>(chunk.pages.size());
  out.begin_element();
  out.integer(2, begin, Wire::I64);
  out.begin_struct(3);
  out.integer(1, number_of(column.physical));
  out.begin_list(2, Wire::I32, 3);
  for (const std::int64_t encoding : {0, 3, 8}) {
    out.element(encoding);
  }
  out.begin_list(3, Wire::Binary, 1);
  out.element(column.name);
  out.integer(4, number_of(chunk.codec));
  out.integer(5, rows, Wire::I64);
  out.integer(6, chunk.unpacked_bytes.value_or(bytes), Wire::I64);
  out.integer(7, bytes, Wire::I64);
  // As Arrow's writer says where there are no pages.
  out.integer(9, bytes == 0 ? 0 : begin + chunk.dictionary_bytes, Wire::I64);
  if (chunk.dictionary_bytes > 0) out.integer(11, begin, Wire::I64);
  if (chunk.statistics) write_statistics(out, *chunk.statistics);
  out.end();
  out.end();
}

std::string with_footer(std::string pages, const std::string& footer) {
  return std::move(pages) + footer + little_endian(footer.size(), 4) + std::string(kFileMagic);
}

}  // namespace

std::string TestFile::write() const {
  CompactWriter footer;
  std::string bytes(kFileMagic);
  std::int64_t rows = 0;
  footer.integer(1, 1);
  footer.begin_list(2, Wire::Struct, columns.size() + 1);
  footer.begin_element();
  footer.binary(4, "root");
  footer.integer(5, static_cast<std::int64_t>(columns.size()));
  footer.end();
  for (const Column& column : columns) {
    write_column(footer, column);
  }
  for (const RowGroup& group : row_groups) {
    rows += group.rows;
  }
  footer.integer(3, rows, Wire::I64);
  footer.begin_list(4, Wire::Struct, row_groups.size());
  for (const RowGroup& group : row_groups) {
    const std::size_t begin = bytes.size();
    footer.begin_element();
    footer.begin_list(1, Wire::Struct, columns.size());
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto at = static_cast<std::int64_t>(bytes.size());
      write_chunk(footer, columns[c], group.chunks.at(c), group.rows, at);
      bytes += group.chunks[c].pages;
    }
    footer.integer(2, static_cast<std::int64_t>(bytes.size() - begin), Wire::I64);
    footer.integer(3, group.rows, Wire::I64);
    footer.end();
  }
  footer.binary(6, "a test");
  return with_footer(std::move(bytes), footer.finish());
}

std::string with_field_twice(const std::string& file, int id) {
  const std::size_t size = load_le<std::uint32_t>(file.data() + file.size() - 8);
  const std::size_t begin = file.size() - 8 - size;
  std::string footer = file.substr(begin, size);
  std::size_t value = 0;
  std::size_t end = 0;
  CompactReader in(footer);
  in.read_struct(Wire::Struct, [&](std::int64_t field, Wire /*type*/) {
    if (value != 0 && end == 0) end = in.position() - 1;  // the next field has a byte in front
    if (field == id) value = in.position();
    return false;
  });
  if (in.failed() || end == 0) throw std::invalid_argument("the footer has no such field");
  // A field that does not come behind the last says its number apart from its type.
  const std::string again = static_cast<char>(footer[value - 1] & 0x0F) + zigzag(id);
  footer.insert(end, again + footer.substr(value, end - value));
  return with_footer(file.substr(0, begin), footer);
}

}  // namespace provender::parquet
