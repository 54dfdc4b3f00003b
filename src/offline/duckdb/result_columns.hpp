#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "offline/duckdb/page_files.hpp"
#include "offline/duckdb/spine_pages.hpp"
#include "parquet/chunk_reader.hpp"
#include "parquet/chunk_writer.hpp"
#include "pit/answer_cells.hpp"

namespace provender::offline {

/// One feature as the kernel has answered it.
struct AnsweredFeature {
  std::string name;
  Type type;
  const pit::Answers* answers;
  const pit::ValueStore* values;
};

/// What the kernel has answered to some rows of the spine.
struct AnsweredRows {
  RowsOfSpine rows;
  std::vector<AnsweredFeature> features;  ///< those of the selection
  std::size_t row_group_rows = 0;         ///< of a file that they are written to
};

/// Makes pages of a result's columns. Confined to one thread.
class ResultColumns {
 public:
  /// `most_page_bytes`: of the spine, as ChunkReader has it, and of a dictionary, as ChunkWriter
  /// has it.
  ResultColumns(std::size_t most_page_bytes, std::stop_token stop)
      : reader_(most_page_bytes), writer_(most_page_bytes), stop_(std::move(stop)) {}

  /// A column of the spine, as its file has it. Errors as ChunkReader::ready.
  Result<parquet::WrittenChunk> copy_spine(const parquet::File& file,
                                           const PageFile& page_file,
                                           std::size_t column,
                                           RowsOfSpine rows);
  /// `rows` among `answered`'s.
  Result<parquet::WrittenChunk> write_values(const parquet::Column& column,
                                             const AnsweredRows& answered,
                                             const AnsweredFeature& feature,
                                             RowsOfSpine rows);
  Result<parquet::WrittenChunk> write_status(const parquet::Column& column,
                                             const AnsweredRows& answered,
                                             const AnsweredFeature& feature,
                                             RowsOfSpine rows);

 private:
  /// Of those that the reader is at.
  Result<> copy_rows(std::size_t rows, bool are_texts);
  /// Some thousand rows after the other, as `give(first, rows)` has them, where rows are counted
  /// from the first that was answered.
  template <class Give>
  Result<parquet::WrittenChunk> write(const parquet::Column& column,
                                      const AnsweredRows& answered,
                                      RowsOfSpine rows,
                                      Give give);
  ColumnView gather(const pit::AnswerCells& cells, Type type, std::size_t first, std::size_t rows);

  parquet::ChunkReader reader_;
  parquet::ChunkWriter writer_;
  std::stop_token stop_;

  // Of rows that are handed on together:
  std::vector<std::uint64_t> validity_;
  std::vector<char> cells_;
  std::vector<std::string_view> texts_;
};

}  // namespace provender::offline
