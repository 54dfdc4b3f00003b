#include "parquet/testing_footer.hpp"

namespace provender::parquet {
namespace {

using Wire = CompactReader::Type;

void write_element(CompactWriter& out, const TestElement& element) {
  if (element.physical) out.integer(1, *element.physical);
  out.integer(3, element.repetition);
  out.binary(4, element.name);
  if (element.children != 0) out.integer(5, element.children);
  if (element.converted) out.integer(6, *element.converted);
  if (element.logical) {
    out.begin_struct(10);
    element.logical(out);
    out.end();
  }
}

}  // namespace

void write_chunk(CompactWriter& out, const TestChunk& chunk) {
  if (chunk.other_field == 1) out.binary(1, "other.parquet");
  out.integer(2, 0, Wire::I64);
  if (chunk.has_metadata) {
    out.begin_struct(3);
    out.integer(1, 2);
    out.begin_list(2, Wire::I32, chunk.encodings.size());
    for (const std::int64_t encoding : chunk.encodings) {
      out.element(encoding);
    }
    out.begin_list(3, Wire::Binary, 1);
    out.element("k");
    out.integer(4, chunk.codec);
    out.integer(5, chunk.values, Wire::I64);
    out.integer(6, chunk.bytes + 1, Wire::I64);
    out.integer(7, chunk.bytes, Wire::I64);
    out.integer(9, chunk.data_page, Wire::I64);
    if (chunk.dictionary_page) out.integer(11, *chunk.dictionary_page, Wire::I64);
    if (chunk.statistics) {
      out.begin_struct(12);
      chunk.statistics(out);
      out.end();
    }
    out.end();
  }
  if (chunk.other_field > 3) {
    out.begin_struct(chunk.other_field);
    out.end();
  }
}

std::string write_footer(const std::vector<TestElement>& schema,
                         const std::vector<TestGroup>& groups) {
  CompactWriter out;
  out.integer(1, 2);
  out.begin_list(2, Wire::Struct, schema.size());
  for (const TestElement& element : schema) {
    out.begin_element();
    write_element(out, element);
    out.end();
  }
  out.integer(3, 10, Wire::I64);
  out.begin_list(4, Wire::Struct, groups.size());
  for (const TestGroup& group : groups) {
    out.begin_element();
    out.begin_list(1, Wire::Struct, group.chunks.size());
    for (const TestChunk& chunk : group.chunks) {
      out.begin_element();
      write_chunk(out, chunk);
      out.end();
    }
    out.integer(2, 1000, Wire::I64);
    out.integer(3, group.rows, Wire::I64);
    out.end();
  }
  out.binary(6, "a test");
  return out.finish();
}

}  // namespace provender::parquet
