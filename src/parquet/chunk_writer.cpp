#include "parquet/chunk_writer.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "base/endian.hpp"
#include "base/try.hpp"
#include "parquet/bit_packing.hpp"
#include "parquet/compact_writer.hpp"
#include "parquet/format.hpp"

namespace provender::parquet {
namespace {

/// Unpacked, about: the usual size of other writers' pages.
constexpr std::size_t kPageBytes = std::size_t{1} << 20;
/// The page with it, whose size is a number of 32 bits with a sign, ends.
constexpr std::size_t kLongestValue = std::numeric_limits<std::int32_t>::max() - 2 * kPageBytes;
constexpr int kZstdLevel = 2;
/// After so many numbers it is seen whether hardly one comes twice, and after so many values
/// whether a dictionary helps.
constexpr std::size_t kFewNumbers = 2048;
constexpr std::size_t kManyValues = 16'384;
/// In a larger dictionary most values are looked up in memory that no cache holds.
constexpr std::size_t kMostLookedUp = 65'536;

std::string header_of(std::int64_t kind,
                      std::size_t unpacked,
                      std::size_t packed,
                      std::size_t values,
                      std::int64_t encoding) {
  CompactWriter out;
  out.integer(1, kind);
  out.integer(2, static_cast<std::int64_t>(unpacked));
  out.integer(3, static_cast<std::int64_t>(packed));
  out.begin_struct(kind == format::kDictionaryPage ? 7 : 5);
  out.integer(1, static_cast<std::int64_t>(values));
  out.integer(2, encoding);
  if (kind == format::kDataPage) {
    out.integer(3, format::kRuns);
    out.integer(4, format::kRuns);
  }
  out.end();
  return out.finish();
}

void append_plain(std::string& out, std::string_view text) {
  append_le(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

}  // namespace

ChunkWriter::ChunkWriter(std::size_t most_dictionary_bytes)
    : compressor_(kZstdLevel), dictionary_(most_dictionary_bytes) {}

void ChunkWriter::begin(const Column& column) {
  column_ = column;
  out_ = {};
  nulls_ = 0;
  bounds_ = {};
  levels_.clear();
  values_.clear();
  numbers_.clear();
  bits_.clear();
  bools_ = 0;
  dictionary_.clear();
  looks_up_ = column.physical != Physical::Bool;
  looked_up_ = {};
  entries_ = {};
}

Result<> ChunkWriter::add(const ColumnView& rows) {
  switch (column_.physical) {
    case Physical::Bool:
      add_bools(rows);
      break;
    case Physical::Int32:
      add_numbers<std::int32_t>(rows);
      break;
    case Physical::Int64:
      add_numbers<std::int64_t>(rows);
      break;
    case Physical::Float:
      add_numbers<float>(rows);
      break;
    case Physical::Double:
      add_numbers<double>(rows);
      break;
    case Physical::Bytes:
      return add_texts(rows);
  }
  if (values_.size() >= kPageBytes) end_page();
  return {};
}

template <class T>
void ChunkWriter::add_numbers(const ColumnView& rows) {
  levels_.add(rows);
  const T* values = static_cast<const T*>(rows.data);
  std::size_t count = rows.size;
  if (rows.validity != nullptr) {
    dense_.resize(rows.size * sizeof(T));
    count = 0;
    for (std::size_t i = 0; i < rows.size; ++i) {
      std::memcpy(dense_.data() + count * sizeof(T), values + i, sizeof(T));
      if (!rows.is_null(i)) ++count;
    }
    values = reinterpret_cast<const T*>(dense_.data());
  }
  bounds_.add(std::span(values, count));
  std::string_view bytes(reinterpret_cast<const char*>(values), count * sizeof(T));
  while (looks_up_ && !bytes.empty()) {
    const auto number = look_up(bytes.substr(0, sizeof(T)));
    if (!number) {
      unpack_numbers();
      break;
    }
    numbers_.push_back(*number);
    bytes.remove_prefix(sizeof(T));
    if (is_in_vain()) unpack_numbers();
  }
  values_ += bytes;
}

void ChunkWriter::add_bools(const ColumnView& rows) {
  levels_.add(rows);
  for (std::size_t i = 0; i < rows.size; ++i) {
    if (rows.is_null(i)) continue;
    const std::uint8_t value = rows.at<std::uint8_t>(i) != 0 ? 1 : 0;
    if (bools_ % 64 == 0) bits_.push_back(0);
    bits_.back() |= std::uint64_t{value} << (bools_ % 64);
    ++bools_;
    bounds_.add(std::span(&value, 1));
  }
}

Result<> ChunkWriter::add_texts(const ColumnView& rows) {
  for (std::size_t i = 0; i < rows.size; ++i) {
    if (rows.is_null(i)) {
      levels_.add(/*is_valid=*/false);
    } else {
      PROVENDER_TRY(add_text(rows.at<std::string_view>(i)));
    }
  }
  return {};
}

Result<> ChunkWriter::add_text(std::string_view text) {
  if (!looks_up_ || text.size() > kLongestValue) return add_plain(text);
  const auto number = look_up(text);
  looks_up_ = number && !is_in_vain();
  if (!looks_up_) return add_plain(text);
  add_number(*number);
  return {};
}

void ChunkWriter::add_number(std::uint32_t number) {
  if (!values_.empty()) end_page();
  numbers_.push_back(number);
  levels_.add(/*is_valid=*/true);
}

Result<> ChunkWriter::add_plain(std::string_view text) {
  if (text.size() > kLongestValue) {
    return Error(ErrorCode::ResourceExhausted,
                 fmt::format("column '{}' has a value of {} bytes, and in Parquet one has {} at "
                             "most",
                             column_.name,
                             text.size(),
                             kLongestValue));
  }
  if (!numbers_.empty()) end_page();
  bounds_.add(text);
  append_plain(values_, text);
  levels_.add(/*is_valid=*/true);
  if (values_.size() >= kPageBytes) end_page();
  return {};
}

void ChunkWriter::set_entries(const ColumnView& entries) {
  entries_ = entries;
  numbers_of_entries_.assign(entries.size, kNull);
}

/// nullopt: there is no room for it in the dictionary.
std::optional<std::uint32_t> ChunkWriter::number_of_place(std::uint32_t place) {
  std::uint32_t& known = numbers_of_entries_[place];
  if (known != kNull) return known;
  const auto number =
      dictionary_.find_or_add(entries_.at<std::string_view>(place), ValueDictionary::kNoLimit);
  if (number) known = *number;
  return number;
}

Result<> ChunkWriter::add_places(Places places) {
  for (const std::uint32_t place : places) {
    if (place == kNull) {
      levels_.add(/*is_valid=*/false);
      continue;
    }
    if (const auto number = number_of_place(place)) {
      add_number(*number);
    } else {
      PROVENDER_TRY(add_plain(entries_.at<std::string_view>(place)));
    }
  }
  return {};
}

/// Its number in the dictionary; nullopt: there is no room for it.
std::optional<std::uint32_t> ChunkWriter::look_up(std::string_view value) {
  const std::size_t entries = dictionary_.values().size();
  const auto number = dictionary_.find_or_add(value, kMostLookedUp);
  const std::size_t bytes =
      value.size() + (column_.physical == Physical::Bytes ? sizeof(std::uint32_t) : 0);
  const bool is_new = dictionary_.values().size() > entries;
  ++looked_up_.values;
  looked_up_.plain_bytes += bytes;
  looked_up_.entries += is_new ? 1 : 0;
  looked_up_.entry_bytes += is_new ? bytes : 0;
  return number;
}

/// Whether what is looked up is written in fewer bytes by the dictionary.
bool ChunkWriter::helps() const {
  const auto bits = static_cast<std::size_t>(std::bit_width(dictionary_.values().size()));
  return looked_up_.entry_bytes + looked_up_.values * bits / 8 < looked_up_.plain_bytes;
}

/// Whether the dictionary is given up after so many values.
bool ChunkWriter::is_in_vain() const {
  const bool is_number = column_.physical != Physical::Bytes;
  const std::size_t count = looked_up_.values;
  if (is_number && count == kFewNumbers) return looked_up_.entries > count / 16 * 15;
  return count == kManyValues && !helps();
}

/// Numbers that came are plain, and so are all that come: they take 8 bytes at most. Nothing is
/// written by the dictionary yet: of numbers that is one page. Texts, which may be long, stay as
/// they are.
void ChunkWriter::unpack_numbers() {
  looks_up_ = false;
  for (const std::uint32_t number : numbers_) {
    values_ += dictionary_.values()[number];
  }
  numbers_.clear();
  dictionary_.clear();
}

void ChunkWriter::end_page() {
  const bool are_texts = column_.physical == Physical::Bytes;
  if (!are_texts && !numbers_.empty() && !helps()) unpack_numbers();
  if (!numbers_.empty()) return write_numbers();
  if (levels_.rows() == 0) return;
  out_.has_plain_values = true;
  const std::string_view bools(reinterpret_cast<const char*>(bits_.data()), (bools_ + 7) / 8);
  write_page(format::kPlain, column_.physical == Physical::Bool ? bools : values_);
}

void ChunkWriter::write_numbers() {
  const std::size_t entries = dictionary_.values().size();
  const auto bits = std::max(static_cast<std::uint32_t>(std::bit_width(entries - 1)), 1U);
  values_ += static_cast<char>(bits);
  append_packed(values_, numbers_, bits);
  write_page(format::kOldDictionary, values_);
  numbers_.clear();
}

void ChunkWriter::write_page(std::int64_t encoding, std::string_view values) {
  page_.clear();
  levels_.write(page_);
  page_ += values;
  const std::string_view packed = compressor_.pack(page_);
  append(out_.pages,
         header_of(format::kDataPage, page_.size(), packed.size(), levels_.rows(), encoding),
         packed);
  out_.rows += static_cast<std::int64_t>(levels_.rows());
  nulls_ += levels_.nulls();
  levels_.clear();
  values_.clear();
  bits_.clear();
  bools_ = 0;
}

void ChunkWriter::write_dictionary() {
  const bool are_texts = column_.physical == Physical::Bytes;
  page_.clear();
  page_.reserve(dictionary_.bytes() + dictionary_.values().size() * sizeof(std::uint32_t));
  for (const std::string_view value : dictionary_.values()) {
    if (!are_texts) {
      page_ += value;
      continue;
    }
    append_plain(page_, value);
    bounds_.add(value);
  }
  const std::string_view packed = compressor_.pack(page_);
  append(out_.dictionary,
         header_of(format::kDictionaryPage,
                   page_.size(),
                   packed.size(),
                   dictionary_.values().size(),
                   format::kOldDictionary),
         packed);
}

/// What is packed is that of page_.
void ChunkWriter::append(std::string& to, std::string_view header, std::string_view packed) {
  to += header;
  to += packed;
  out_.unpacked_bytes += static_cast<std::int64_t>(header.size() + page_.size());
}

WrittenChunk ChunkWriter::finish() {
  end_page();
  if (!dictionary_.values().empty()) write_dictionary();
  out_.statistics = bounds_.statistics(column_.physical);
  out_.statistics.nulls = static_cast<std::int64_t>(nulls_);
  return std::move(out_);
}

}  // namespace provender::parquet
