#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/try.hpp"
#include "parquet/chunk_reader.hpp"
#include "parquet/testing_pages.hpp"

/// For tests only: chunks of a column, made of pages, and what is read from them.
namespace provender::parquet {

inline Column flat_column(Kind kind, bool nullable = true) {
  Column out = column_of("c", {.kind = kind});
  out.nullable = nullable;
  return out;
}

/// A chunk in a file of its own, open for reading.
class TestChunkFile {
 public:
  struct Form {
    Column column = flat_column(Kind::Int64);
    Codec codec = Codec::None;
    std::int64_t rows = 0;
    std::size_t most_page_bytes = std::size_t{1} << 20;
  };
  TestChunkFile(std::string_view pages, const Form& form)
      : memory_(std::string(kBefore, 'x') + std::string(pages)),
        file_(*File::open(memory_.path())),
        reader_(form.most_page_bytes),
        opened_(reader_.open(file_,
                             form.column,
                             {.begin = kBefore,
                              .bytes = static_cast<std::int64_t>(pages.size()),
                              .rows = form.rows,
                              .codec = form.codec})) {}

  ChunkReader& reader() { return reader_; }
  const File& file() const { return file_; }
  const MemoryFile& memory() const { return memory_; }
  bool is_open() const { return opened_.has_value(); }

 private:
  static constexpr std::size_t kBefore = 7;  ///< bytes of the file, which belong to no chunk

  MemoryFile memory_;
  File file_;
  ChunkReader reader_;
  Result<> opened_;
};

inline std::vector<Value> cells(const ColumnView& column) {
  std::vector<Value> out;
  for (std::size_t i = 0; i < column.size; ++i) {
    out.push_back(value_at(column, i));
  }
  return out;
}

/// All that `rows` rows hold, read page by page.
inline Result<std::vector<Value>> read_rows(ChunkReader& reader, std::size_t rows) {
  std::vector<Value> out;
  while (out.size() < rows) {
    PROVENDER_ASSIGN(const std::size_t ready, reader.ready());
    PROVENDER_ASSIGN(const ColumnView column, reader.read(ready));
    for (std::size_t i = 0; i < column.size; ++i) {
      out.push_back(value_at(column, i));
    }
  }
  return out;
}

}  // namespace provender::parquet
