#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/column.hpp"
#include "parquet/chunk_bounds.hpp"
#include "parquet/compressor.hpp"
#include "parquet/footer.hpp"
#include "parquet/level_writer.hpp"
#include "parquet/value_dictionary.hpp"

namespace provender::parquet {

/// The pages of a column in one row group, and what a footer says of them.
struct WrittenChunk {
  std::string pages;                  ///< the dictionary's in front
  std::int64_t dictionary_bytes = 0;  ///< of its page; 0: there is none
  std::int64_t unpacked_bytes = 0;    ///< of all pages, with their headers
  std::int64_t rows = 0;
  bool has_plain_values = false;
  Statistics statistics;
};

/// Writes one column of one row group in pages that `ChunkReader`, and any other reader, can read:
/// of the first version, packed by zstd; by a dictionary where that helps, and plain. Its buffers
/// are used again for the next. Confined to one thread.
class ChunkWriter {
 public:
  ChunkWriter();

  /// Of a column whose rows have levels, nullable or not.
  void begin(const Column& column);
  /// The next rows, of the column's type. ResourceExhausted: a text is too long for a page.
  Result<> add(const ColumnView& rows);
  WrittenChunk finish();

 private:
  template <class T>
  void add_numbers(const ColumnView& rows);
  void add_bools(const ColumnView& rows);
  Result<> add_texts(const ColumnView& rows);
  bool add_by_dictionary(std::string_view text);
  void add_plain(std::string_view text);
  bool helps() const;
  bool is_in_vain() const;
  void give_up_dictionary();
  void write_dictionary();
  void end_page();
  void write_page(std::int64_t encoding, std::string_view values);
  void append(std::string_view header, std::string_view packed, std::size_t unpacked);

  Compressor compressor_;
  Column column_;
  WrittenChunk out_;
  std::size_t nulls_ = 0;
  ChunkBounds bounds_;

  // Of the page:
  LevelWriter levels_;
  std::string values_;
  std::vector<std::uint64_t> bits_;  ///< of bools
  std::size_t bools_ = 0;

  bool has_dictionary_ = false;  ///< the page is by a dictionary, and is the first
  ValueDictionary dictionary_;
  std::vector<std::uint32_t> numbers_;  ///< in the dictionary
  std::size_t plain_bytes_ = 0;         ///< that their values would take

  std::string page_;         ///< levels and values
  std::vector<char> dense_;  ///< numbers that are not null
};

}  // namespace provender::parquet
