#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/column.hpp"
#include "parquet/chunk_bounds.hpp"
#include "parquet/chunk_reader.hpp"
#include "parquet/compressor.hpp"
#include "parquet/footer.hpp"
#include "parquet/level_writer.hpp"
#include "parquet/places.hpp"
#include "parquet/value_dictionary.hpp"

namespace provender::parquet {

/// The pages of a column in one row group, and what a footer says of them.
struct WrittenChunk {
  std::string dictionary;           ///< its page, which comes first; empty: there is none
  std::string pages;                ///< of the values
  std::int64_t unpacked_bytes = 0;  ///< of all pages, with their headers
  std::int64_t rows = 0;
  bool has_plain_values = false;
  Statistics statistics;

  std::size_t bytes() const { return dictionary.size() + pages.size(); }
};

/// Writes one column of one row group in pages that `ChunkReader`, and any other reader, can read:
/// of the first version, packed by zstd; by a dictionary where that helps, and plain. Texts that
/// are given by a dictionary are written by one. Its buffers are used again for the next. Confined
/// to one thread.
class ChunkWriter {
 public:
  /// `most_dictionary_bytes`: of a dictionary's values, which it holds, and at the end as a page,
  /// packed, and in what it has written: kBuffers.
  explicit ChunkWriter(std::size_t most_dictionary_bytes);
  static constexpr std::size_t kBuffers = 4;

  /// Of a column whose rows have levels, nullable or not.
  void begin(const Column& column);
  /// The next rows, of the column's type. ResourceExhausted: a text is too long for a page.
  Result<> add(const ColumnView& rows);
  /// What rows by places are, from now on: texts, each once or not. They must outlive the last of
  /// these rows.
  void set_entries(const ColumnView& entries);
  /// The next rows, of texts: places among the entries, or kNull. Errors as `add`.
  Result<> add_places(Places places);
  static constexpr std::uint32_t kNull = ChunkReader::kNull;
  WrittenChunk finish();

 private:
  template <class T>
  void add_numbers(const ColumnView& rows);
  void add_bools(const ColumnView& rows);
  Result<> add_texts(const ColumnView& rows);
  Result<> add_text(std::string_view text);
  Result<> add_plain(std::string_view text);
  void add_number(std::uint32_t number);
  std::optional<std::uint32_t> look_up(std::string_view value);
  std::optional<std::uint32_t> number_of_place(std::uint32_t place);
  bool helps() const;
  bool is_in_vain() const;
  void unpack_numbers();
  void end_page();
  void write_numbers();
  void write_page(std::int64_t encoding, std::string_view values);
  void write_dictionary();
  void append(std::string& to, std::string_view header, std::string_view packed);

  Compressor compressor_;
  Column column_;
  WrittenChunk out_;
  std::size_t nulls_ = 0;
  ChunkBounds bounds_;

  // Of the page, which is plain or by the dictionary:
  LevelWriter levels_;
  std::string values_;
  std::vector<std::uint32_t> numbers_;  ///< in the dictionary
  std::vector<std::uint64_t> bits_;     ///< of bools
  std::size_t bools_ = 0;

  ValueDictionary dictionary_;
  bool looks_up_ = false;  ///< values that do not come by places
  /// Of those, as long as they are looked up:
  struct LookedUp {
    std::size_t values = 0;
    std::size_t plain_bytes = 0;  ///< that they would take otherwise
    std::size_t entries = 0;      ///< that are new by them
    std::size_t entry_bytes = 0;
  } looked_up_;

  ColumnView entries_;
  std::vector<std::uint32_t> numbers_of_entries_;  ///< in the dictionary; kNull: not known

  std::string page_;         ///< levels and values
  std::vector<char> dense_;  ///< numbers that are not null
};

}  // namespace provender::parquet
