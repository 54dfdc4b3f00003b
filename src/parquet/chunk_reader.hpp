#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "model/column.hpp"
#include "parquet/chunk_input.hpp"
#include "parquet/decompressor.hpp"
#include "parquet/page_header.hpp"
#include "parquet/page_levels.hpp"
#include "parquet/page_values.hpp"
#include "parquet/places.hpp"

namespace provender::parquet {

/// Whether pages of a chunk take no more than `most_page_bytes`, as far as its footer tells: it
/// says how large all of them are, and a dictionary has no more entries than there are rows.
bool fits(const Column& column, const ColumnChunk& chunk, std::size_t most_page_bytes);

/// Reads one column of one row group, page by page and from the first row to the last: pages of
/// both versions, plain or by a dictionary. Its buffers are used again for the next. What a file
/// says is checked; an error names the column and what is wrong, and ends the reading. Confined to
/// one thread.
class ChunkReader {
 public:
  /// A page, or a dictionary, that takes more is ResourceExhausted: as it lies in the file, or
  /// unpacked, with what says which rows are null, and where the entries are that are texts. It
  /// holds one of each at once, kBuffers.
  explicit ChunkReader(std::size_t most_page_bytes) : most_page_bytes_(most_page_bytes) {}

  static constexpr std::size_t kBuffers = 3;

  /// `file` must outlive it, until the next call.
  Result<> open(const File& file, const Column& column, const ColumnChunk& chunk);

  /// Goes on behind the next `rows` rows, which there are. Pages that nobody asks about are not
  /// unpacked.
  void skip(std::size_t rows) { to_skip_ += rows; }
  /// How many of the next rows lie in one page: at least 1. InvalidArgument: there are none, the
  /// file is damaged; ResourceExhausted; Conflict, Io.
  Result<std::size_t> ready();

  /// The values of the next `rows` rows, at most as many as are ready, or of those among them at
  /// the places `some`. Valid until the next call of any.
  Result<ColumnView> read(std::size_t rows);
  Result<ColumnView> read(std::size_t rows, Places some);

  /// Whether the rows that are ready are given by a dictionary.
  bool has_dictionary() const { return values_.has_places() && dictionary_.is_there(); }
  /// Its entries, each once or not; valid until the next `open`.
  const ColumnView& dictionary() const { return dictionary_.entries(); }
  /// Of the next `rows` rows, at most as many as are ready, the places in the dictionary; kNull.
  Result<Places> read_places(std::size_t rows);
  static constexpr std::uint32_t kNull = ~std::uint32_t{0};

 private:
  struct Buffer {
    std::unique_ptr<char[]> bytes;  // NOLINT(modernize-avoid-c-arrays): not filled first
    std::size_t capacity = 0;
  };

  Result<std::size_t> find_ready();
  Result<> load_page();
  Result<PageHeader> peek_header();
  Result<> load_dictionary(const PageHeader& header);
  Result<> load_data(const PageHeader& header);
  Result<std::string_view> unpack(const PageHeader& header, std::uint64_t more, Buffer& to);
  Result<std::string_view> read_levels(const PageHeader& header, std::string_view page);
  Places all(std::size_t rows);
  void pass(std::size_t rows);
  Result<> take(std::size_t rows, Places some);
  Result<> take_places(std::size_t rows);
  Error named(Error error) const;

  std::size_t most_page_bytes_;
  Column column_;
  Codec codec_ = Codec::None;
  ChunkInput input_;
  Decompressor decompressor_;
  std::size_t rows_left_ = 0;  ///< behind the page
  std::size_t to_skip_ = 0;

  Buffer dictionary_page_;
  Dictionary dictionary_;

  // The page:
  Buffer page_;
  std::size_t page_rows_ = 0;  ///< that come yet
  std::size_t page_row_ = 0;   ///< how many came
  PageLevels levels_;
  PageValues values_;

  std::vector<std::uint32_t> all_;  ///< 0, 1, …
};

}  // namespace provender::parquet
