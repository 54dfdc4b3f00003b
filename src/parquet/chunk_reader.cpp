#include "parquet/chunk_reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/try.hpp"
#include "parquet/damaged.hpp"
#include "parquet/page_memory.hpp"
#include "parquet/prefixed.hpp"

namespace provender::parquet {
namespace {

/// A header is looked for in so many bytes first; statistics can make it longer.
constexpr std::size_t kHeaderBytes = 256;

/// What a page's memory is a multiple of.
constexpr std::size_t kRoom = std::size_t{1} << 16;

constexpr std::string_view kShortLevels = "the levels of a page end early";

/// Which footers do not tell of: who plans memory by those reads no such page.
Error too_large(std::uint64_t bytes) {
  return {ErrorCode::ResourceExhausted,
          fmt::format("a page that takes {} bytes is more than memory is planned for, and than its "
                      "footer tells of: write the file anew, or raise offline.memory_limit",
                      bytes)};
}

/// What says which rows are null.
std::uint64_t level_bytes(const Column& column, std::uint64_t rows) {
  return column.nullable ? rows / 8 : 0;
}

}  // namespace

bool fits(const Column& column, const ColumnChunk& chunk, std::size_t most_page_bytes) {
  const std::uint64_t most = most_page_bytes;
  const auto is_within = [most](std::int64_t bytes) {
    return bytes >= 0 && static_cast<std::uint64_t>(bytes) <= most;
  };
  if (!is_within(chunk.bytes) || !is_within(chunk.unpacked_bytes)) return false;
  const auto bytes = static_cast<std::uint64_t>(chunk.unpacked_bytes);
  const auto rows = static_cast<std::uint64_t>(chunk.rows);
  const std::uint64_t entries =
      chunk.has_dictionary ? Dictionary::more_bytes(column, bytes, rows) : 0;
  return std::max(entries, level_bytes(column, rows)) <= most - bytes;
}

Error ChunkReader::named(Error error) const {
  const bool is_of_file = error.code() == ErrorCode::Conflict || error.code() == ErrorCode::Io;
  return is_of_file ? std::move(error)
                    : std::move(error).within(fmt::format("column '{}'", column_.name));
}

Result<> ChunkReader::open(const File& file, const Column& column, const ColumnChunk& chunk) {
  column_ = column;
  codec_ = chunk.codec;
  rows_left_ = static_cast<std::size_t>(chunk.rows);
  to_skip_ = 0;
  page_rows_ = 0;
  dictionary_.clear();
  if (!input_.open(file, chunk)) return named(damaged("its pages lie behind the file's end"));
  return {};
}

Result<std::size_t> ChunkReader::ready() {
  auto out = find_ready();
  if (!out) return named(std::move(out).error());
  return out;
}

Result<std::size_t> ChunkReader::find_ready() {
  while (true) {
    const std::size_t some = std::min(to_skip_, page_rows_);
    if (some > 0) {
      PROVENDER_TRY(take(some, {}));
      to_skip_ -= some;
    }
    if (page_rows_ > 0) return page_rows_;
    PROVENDER_TRY(load_page());
  }
}

Result<PageHeader> ChunkReader::peek_header() {
  for (std::size_t wanted = kHeaderBytes;; wanted *= 2) {
    wanted = std::min({wanted, input_.left(), most_page_bytes_});
    PROVENDER_ASSIGN(const std::string_view bytes, input_.peek(wanted));
    if (const auto header = parse_page_header(bytes)) {
      if (header->bytes <= input_.left() - header->header_bytes) return *header;
      return damaged("a page ends behind its column");
    }
    if (bytes.size() == input_.left() || bytes.size() >= most_page_bytes_) break;
    wanted = std::max(wanted, bytes.size());
  }
  return damaged(input_.left() == 0 ? "pages are missing" : "the header of a page is damaged");
}

/// Goes to the next page that rows are asked of.
Result<> ChunkReader::load_page() {
  PROVENDER_ASSIGN(const PageHeader header, peek_header());
  switch (header.kind) {
    case PageHeader::Kind::Other:
      input_.consume(header.header_bytes + header.bytes);
      return {};
    case PageHeader::Kind::Dictionary:
      return load_dictionary(header);
    default:
      break;
  }
  if (header.values > rows_left_) return damaged("its pages have more rows than its row group");
  rows_left_ -= header.values;
  if (header.values <= to_skip_) {
    to_skip_ -= header.values;
    input_.consume(header.header_bytes + header.bytes);
    return {};
  }
  return load_data(header);
}

/// The page's bytes without compression, levels included; kReadableBehind are behind them. `more`:
/// bytes that it takes beside them.
Result<std::string_view> ChunkReader::unpack(const PageHeader& header,
                                             std::uint64_t more,
                                             Buffer& to) {
  const std::size_t size = header.unpacked_bytes;
  const std::size_t packed_size = header.header_bytes + header.bytes;
  const std::uint64_t needed = std::max<std::uint64_t>(packed_size, size + more);
  if (needed > most_page_bytes_) return too_large(needed);
  PROVENDER_ASSIGN(std::string_view bytes, input_.peek(packed_size));
  bytes = bytes.substr(header.header_bytes, header.bytes);
  input_.consume(packed_size);
  if (!to.bytes || to.capacity < size || to.capacity + more > most_page_bytes_) {
    to.bytes.reset();  // before there is another
    const std::size_t room = std::min(with_room(size, kRoom), most_page_bytes_ - more);
    to.bytes = std::make_unique_for_overwrite<char[]>(room + kReadableBehind);  // NOLINT
    to.capacity = room;
  }
  const bool has_levels_apart = header.kind == PageHeader::Kind::DataV2;
  const std::size_t levels = has_levels_apart ? header.level_bytes : 0;
  constexpr std::string_view kBroken = "a page does not unpack to what its header says";
  if (levels > bytes.size() || levels > size) return damaged(kBroken);
  bytes.copy(to.bytes.get(), levels);
  const Codec codec = has_levels_apart && !header.is_compressed ? Codec::None : codec_;
  const std::string_view packed = bytes.substr(levels);
  const bool is_nothing = packed.empty() && size == levels;  // not even packed
  if (!is_nothing && !decompressor_.unpack(codec, packed, to.bytes.get() + levels, size - levels)) {
    return damaged(kBroken);
  }
  return std::string_view(to.bytes.get(), size);
}

Result<> ChunkReader::load_dictionary(const PageHeader& header) {
  if (dictionary_.is_there()) return damaged("it has two dictionaries");
  const bool is_plain = header.encoding == PageHeader::Encoding::Plain ||
                        header.encoding == PageHeader::Encoding::Dictionary;
  if (!is_plain || column_.physical == Physical::Bool) {
    return damaged("its dictionary is not plain");
  }
  const std::uint64_t more = Dictionary::more_bytes(column_, header.unpacked_bytes, header.values);
  PROVENDER_ASSIGN(const std::string_view bytes, unpack(header, more, dictionary_page_));
  return dictionary_.read(column_, bytes, header.values);
}

Result<> ChunkReader::load_data(const PageHeader& header) {
  PROVENDER_ASSIGN(const std::string_view page,
                   unpack(header, level_bytes(column_, header.values), page_));
  PROVENDER_ASSIGN(const std::string_view values, read_levels(header, page));
  PROVENDER_TRY(values_.begin(
      column_, header.encoding, values, levels_.count_values(0, header.values), dictionary_));
  page_row_ = 0;
  page_rows_ = header.values;
  return {};
}

/// The bytes behind the levels. These stand behind their length, or the header has it.
Result<std::string_view> ChunkReader::read_levels(const PageHeader& header, std::string_view page) {
  levels_.clear();
  const bool are_apart = header.kind == PageHeader::Kind::DataV2;
  if (!column_.nullable) return page.substr(are_apart ? header.level_bytes : 0);
  if (!are_apart && !header.has_level_runs) {
    return damaged("the levels of a page are in an encoding that is not read");
  }
  std::string_view rest = page;
  std::optional<std::string_view> levels;
  if (are_apart) {
    levels = page.substr(0, header.level_bytes);
    rest.remove_prefix(header.level_bytes);
  } else {
    levels = take_prefixed(rest);
  }
  if (!levels || !levels_.read(*levels, header.values)) return damaged(kShortLevels);
  return rest;
}

Places ChunkReader::all(std::size_t rows) {
  for (std::size_t i = all_.size(); i < rows; ++i) {
    all_.push_back(static_cast<std::uint32_t>(i));
  }
  return Places(all_).first(rows);
}

void ChunkReader::pass(std::size_t rows) {
  page_row_ += rows;
  page_rows_ -= rows;
}

Result<> ChunkReader::take(std::size_t rows, Places some) {
  values_.make_room(some.size());
  if (levels_.has_nulls()) {
    const Places places = levels_.choose(page_row_, some);
    PROVENDER_TRY(values_.take(levels_.count_values(page_row_, rows), places));
    levels_.spread(
        some.size(),
        [this](std::size_t to, std::size_t from) { values_.move(to, from); },
        [this](std::size_t at) { values_.clear(at); });
  } else {
    PROVENDER_TRY(values_.take(rows, some));
  }
  pass(rows);
  return {};
}

Result<ColumnView> ChunkReader::read(std::size_t rows) {
  return read(rows, all(rows));
}

Result<ColumnView> ChunkReader::read(std::size_t rows, Places some) {
  auto taken = take(rows, some);
  if (!taken) return named(std::move(taken).error());
  return ColumnView{.type = column_.type,
                    .size = some.size(),
                    .validity = levels_.has_nulls() ? levels_.validity() : nullptr,
                    .data = values_.data()};
}

Result<> ChunkReader::take_places(std::size_t rows) {
  values_.make_room(rows);
  if (levels_.has_nulls()) {
    const Places places = levels_.choose(page_row_, all(rows));
    PROVENDER_TRY(values_.take_places(levels_.count_values(page_row_, rows), places));
    auto& numbers = values_.numbers();
    levels_.spread(
        rows,
        [&](std::size_t to, std::size_t from) { numbers[to] = numbers[from]; },
        [&](std::size_t at) { numbers[at] = kNull; });
  } else {
    PROVENDER_TRY(values_.take_places(rows, all(rows)));
  }
  pass(rows);
  return {};
}

Result<Places> ChunkReader::read_places(std::size_t rows) {
  auto taken = take_places(rows);
  if (!taken) return named(std::move(taken).error());
  return Places(values_.numbers()).first(rows);
}

}  // namespace provender::parquet
