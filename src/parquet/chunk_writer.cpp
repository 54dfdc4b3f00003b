#include "parquet/chunk_writer.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "base/endian.hpp"
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

ChunkWriter::ChunkWriter() : compressor_(kZstdLevel) {}

void ChunkWriter::begin(const Column& column) {
  column_ = column;
  out_ = {};
  nulls_ = 0;
  bounds_ = {};
  levels_.clear();
  values_.clear();
  bits_.clear();
  bools_ = 0;
  has_dictionary_ = column.physical != Physical::Bool;
  dictionary_.clear();
  numbers_.clear();
  plain_bytes_ = 0;
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
  while (has_dictionary_ && !bytes.empty()) {
    const auto number = dictionary_.find_or_add(bytes.substr(0, sizeof(T)));
    if (!number) {
      give_up_dictionary();
      break;
    }
    numbers_.push_back(*number);
    plain_bytes_ += sizeof(T);
    bytes.remove_prefix(sizeof(T));
    if (is_in_vain()) give_up_dictionary();
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
      continue;
    }
    const auto text = rows.at<std::string_view>(i);
    if (text.size() > kLongestValue) {
      return Error(ErrorCode::ResourceExhausted,
                   fmt::format("column '{}' has a value of {} bytes, and in Parquet one has {} at "
                               "most",
                               column_.name,
                               text.size(),
                               kLongestValue));
    }
    if (!add_by_dictionary(text)) add_plain(text);
  }
  return {};
}

/// False: it must be written plain, and so must all that come.
bool ChunkWriter::add_by_dictionary(std::string_view text) {
  if (!has_dictionary_) return false;
  const auto number = dictionary_.find_or_add(text);
  if (!number || is_in_vain()) {
    give_up_dictionary();
    return false;
  }
  numbers_.push_back(*number);
  plain_bytes_ += sizeof(std::uint32_t) + text.size();
  levels_.add(/*is_valid=*/true);
  return true;
}

void ChunkWriter::add_plain(std::string_view text) {
  bounds_.add(text);
  append_plain(values_, text);
  levels_.add(/*is_valid=*/true);
  if (values_.size() >= kPageBytes) end_page();
}

/// Whether values are written in fewer bytes by the dictionary.
bool ChunkWriter::helps() const {
  const std::size_t entries = dictionary_.values().size();
  const std::size_t lengths = column_.physical == Physical::Bytes ? sizeof(std::uint32_t) : 0;
  const std::size_t bits = numbers_.size() * static_cast<std::size_t>(std::bit_width(entries));
  return dictionary_.bytes() + entries * lengths + bits / 8 < plain_bytes_;
}

/// Whether the dictionary is given up with this many values.
bool ChunkWriter::is_in_vain() const {
  const std::size_t count = numbers_.size();
  const bool is_number = column_.physical != Physical::Bytes;
  if (is_number && count == kFewNumbers) return dictionary_.values().size() > count / 16 * 15;
  return count == kManyValues && !helps();
}

/// What comes is plain. Numbers that came are so, too; texts, which may be long, stay as they are.
void ChunkWriter::give_up_dictionary() {
  if (column_.physical == Physical::Bytes) return write_dictionary();
  has_dictionary_ = false;
  for (const std::uint32_t number : numbers_) {
    values_ += dictionary_.values()[number];
  }
}

/// And the page of what is by it. What comes is plain.
void ChunkWriter::write_dictionary() {
  has_dictionary_ = false;
  if (numbers_.empty()) return;
  const bool are_texts = column_.physical == Physical::Bytes;
  page_.clear();
  for (const std::string_view value : dictionary_.values()) {
    if (!are_texts) {
      page_ += value;
      continue;
    }
    append_plain(page_, value);
    bounds_.add(value);
  }
  const std::string_view packed = compressor_.pack(page_);
  const std::size_t entries = dictionary_.values().size();
  append(header_of(
             format::kDictionaryPage, page_.size(), packed.size(), entries, format::kOldDictionary),
         packed,
         page_.size());
  out_.dictionary_bytes = static_cast<std::int64_t>(out_.pages.size());
  const auto bits = std::max(static_cast<std::uint32_t>(std::bit_width(entries - 1)), 1U);
  values_ += static_cast<char>(bits);
  append_packed(values_, numbers_, bits);
  write_page(format::kOldDictionary, values_);
}

void ChunkWriter::end_page() {
  if (has_dictionary_) {
    const bool are_numbers = column_.physical != Physical::Bytes;
    are_numbers && !helps() ? give_up_dictionary() : write_dictionary();
  }
  if (levels_.rows() == 0) return;
  out_.has_plain_values = true;
  const std::string_view bools(reinterpret_cast<const char*>(bits_.data()), (bools_ + 7) / 8);
  write_page(format::kPlain, column_.physical == Physical::Bool ? bools : values_);
}

void ChunkWriter::write_page(std::int64_t encoding, std::string_view values) {
  page_.clear();
  levels_.write(page_);
  page_ += values;
  const std::string_view packed = compressor_.pack(page_);
  append(header_of(format::kDataPage, page_.size(), packed.size(), levels_.rows(), encoding),
         packed,
         page_.size());
  out_.rows += static_cast<std::int64_t>(levels_.rows());
  nulls_ += levels_.nulls();
  levels_.clear();
  values_.clear();
  bits_.clear();
  bools_ = 0;
}

void ChunkWriter::append(std::string_view header, std::string_view packed, std::size_t unpacked) {
  out_.pages += header;
  out_.pages += packed;
  out_.unpacked_bytes += static_cast<std::int64_t>(header.size() + unpacked);
}

WrittenChunk ChunkWriter::finish() {
  end_page();
  out_.statistics = bounds_.statistics(column_.physical);
  out_.statistics.nulls = static_cast<std::int64_t>(nulls_);
  return std::move(out_);
}

}  // namespace provender::parquet
