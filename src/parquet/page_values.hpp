#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/column.hpp"
#include "parquet/footer.hpp"
#include "parquet/hybrid_decoder.hpp"
#include "parquet/page_header.hpp"
#include "parquet/places.hpp"

namespace provender::parquet {

/// The entries that the values of a column chunk may name in place of themselves.
class Dictionary {
 public:
  /// Of a chunk that has none yet.
  void clear() {
    is_there_ = false;
    entries_ = {};
  }
  /// `bytes`: of its page, which outlive it. InvalidArgument: they are damaged, or not of texts
  /// where these are text.
  Result<> read(const Column& column, std::string_view bytes, std::size_t count);

  /// What entries take beside the bytes of their page, at most; `rows`: as many there may be.
  static std::uint64_t more_bytes(const Column& column, std::uint64_t bytes, std::uint64_t rows) {
    constexpr std::uint64_t kLength = 4;  // stands before each
    if (column.physical != Physical::Bytes) return 0;
    return std::min(rows, bytes / kLength) * sizeof(std::string_view);
  }

  bool is_there() const { return is_there_; }
  const ColumnView& entries() const { return entries_; }

 private:
  bool is_there_ = false;
  ColumnView entries_;
  std::vector<std::string_view> texts_;
};

/// Decodes the values of a page, those of rows that are not null, from the first to the last.
/// Errors are InvalidArgument. Confined to one thread.
class PageValues {
 public:
  /// `bytes`: of `count` values; they outlive it, and kReadableBehind are behind them. `dictionary`
  /// outlives it too.
  Result<> begin(const Column& column,
                 PageHeader::Encoding encoding,
                 std::string_view bytes,
                 std::size_t count,
                 const Dictionary& dictionary);

  /// Whether values are places in the dictionary.
  bool has_places() const { return form_ == Form::Dictionary; }

  /// The next `count` values go by; those at the places `some` come to the front of data(), where
  /// there must be room.
  Result<> take(std::size_t count, Places some);
  /// The same of the places in the dictionary that they are, to the front of numbers().
  Result<> take_places(std::size_t count, Places some);

  void make_room(std::size_t rows);
  /// Values as ColumnView has them; to be moved there by `move`, `clear`.
  const void* data() const;
  void move(std::size_t to, std::size_t from);
  void clear(std::size_t at);
  std::vector<std::uint32_t>& numbers() { return numbers_; }

 private:
  enum class Form : std::uint8_t { Plain, Dictionary, BoolRuns };

  Result<> begin_places(std::string_view bytes, std::size_t count);
  Result<> take_numbers(std::size_t count, Places some);
  template <std::size_t Width>
  void take_plain(std::size_t count, Places some);
  Result<> take_texts(std::size_t count, Places some);
  void take_bits(std::size_t count, Places some);
  template <std::size_t Width>
  void look_up(std::size_t count);
  void look_up(std::size_t count);
  char* cells() { return reinterpret_cast<char*>(words_.data()); }

  Physical physical_ = Physical::Int64;
  bool is_text_ = false;
  const Dictionary* dictionary_ = nullptr;
  Form form_ = Form::Plain;
  HybridDecoder runs_;        ///< places, or bools
  std::string_view plain_;    ///< values that come yet
  std::size_t next_bit_ = 0;  ///< bools: of `plain_`

  // What is handed out:
  std::vector<std::uint32_t> numbers_;
  std::vector<std::uint64_t> words_;  ///< cells of fixed width
  std::vector<std::string_view> texts_;
};

}  // namespace provender::parquet
