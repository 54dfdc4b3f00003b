#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "parquet/testing_pages.hpp"

/// For tests only: footers alone, of anything that parquet.thrift allows.
namespace provender::parquet {

/// An element of a schema, and the chunk of a leaf, as parquet.thrift has them.
struct TestElement {
  std::string name = "a";
  std::optional<std::int64_t> physical = 2;  ///< int64
  std::int64_t repetition = 1;               ///< optional
  std::int64_t children = 0;
  std::optional<std::int64_t> converted;
  std::function<void(CompactWriter&)> logical;  ///< writes what is in it
};
struct TestChunk {
  std::vector<std::int64_t> encodings = {0, 3};
  std::int64_t codec = 0;
  std::int64_t values = 10;
  std::int64_t bytes = 100;
  std::int64_t data_page = 54;
  std::optional<std::int64_t> dictionary_page;
  bool has_metadata = true;
  std::function<void(CompactWriter&)> statistics;  ///< writes what is in them
  int other_field = 0;                             ///< a text of this id, where it is not 3
};
struct TestGroup {
  std::vector<TestChunk> chunks = {{}};
  std::int64_t rows = 10;
};

/// The fields of a chunk, in a struct that has been begun.
void write_chunk(CompactWriter& out, const TestChunk& chunk);

std::string write_footer(const std::vector<TestElement>& schema,
                         const std::vector<TestGroup>& groups);

/// The root of a schema.
inline TestElement root(std::int64_t children) {
  return {.name = "root", .physical = std::nullopt, .repetition = 0, .children = children};
}
inline TestElement group(std::int64_t children, std::string name = "g") {
  return {.name = std::move(name), .physical = std::nullopt, .children = children};
}

}  // namespace provender::parquet
