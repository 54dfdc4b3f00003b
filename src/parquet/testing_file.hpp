#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parquet/footer.hpp"

/// For tests only: whole files, of pages that are written already.
namespace provender::parquet {

/// A file of flat columns.
struct TestFile {
  struct Chunk {
    std::string pages;
    Codec codec = Codec::None;
    std::int64_t dictionary_bytes = 0;  ///< of a dictionary page in front, with its header
    /// What the footer says instead of the pages' size.
    std::optional<std::int64_t> unpacked_bytes;
    std::optional<Statistics> statistics;
  };
  struct RowGroup {
    std::int64_t rows = 0;
    std::vector<Chunk> chunks;  ///< by column
  };

  std::vector<Column> columns;
  std::vector<RowGroup> row_groups;

  std::string write() const;
};

/// The bytes of a file whose footer has its field `id`, which is there, twice; the field behind it
/// is there too.
std::string with_field_twice(const std::string& file, int id);

}  // namespace provender::parquet
