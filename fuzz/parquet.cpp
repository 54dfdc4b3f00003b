#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "parquet/chunk_reader.hpp"
#include "parquet/testing_pages.hpp"

namespace {

using namespace provender;
using Rows = std::vector<Value>;

constexpr std::size_t kMostPageBytes = std::size_t{1} << 14;
constexpr std::size_t kMostRows = 1000;  ///< of a column, so that one input is over soon
constexpr std::size_t kMostChunks = 40;

enum class Way : std::uint8_t { All, Some, Places, Skip };

void check_utf8(const Value& value) {
  const auto* const text = std::get_if<std::string>(&value.storage);
  if (text != nullptr && !is_utf8(*text)) std::abort();
}

/// Whether what was read is what the expected rows have at the places `some`.
bool are_same(const ColumnView& column, std::span<const std::uint32_t> some, const Value* rows) {
  for (std::size_t i = 0; i < column.size; ++i) {
    if (!(value_at(column, i) == rows[some[i]])) return false;
  }
  return column.size == some.size();
}

/// All rows as far as there are; nullopt: they are damaged.
std::optional<Rows> read_all(parquet::ChunkReader& reader, std::size_t rows) {
  Rows out;
  while (out.size() < rows) {
    const auto ready = reader.ready();
    if (!ready) return std::nullopt;
    const auto column = reader.read(std::min(*ready, rows - out.size()));
    if (!column) return std::nullopt;
    for (std::size_t i = 0; i < column->size; ++i) {
      out.push_back(value_at(*column, i));
      check_utf8(out.back());
    }
  }
  return out;
}

/// Reads the next rows in a way; false: they are others than those that were read before.
bool read_next(parquet::ChunkReader& reader, Way way, std::size_t count, const Value* rows) {
  std::vector<std::uint32_t> some;
  for (std::uint32_t i = 0; i < count; i += way == Way::Some ? 3 : 1) {
    some.push_back(i);
  }
  if (way == Way::Places && reader.has_dictionary()) {
    const auto places = reader.read_places(count);
    if (!places) return false;
    const ColumnView& dictionary = reader.dictionary();
    return std::ranges::equal(*places, some, [&](std::uint32_t place, std::uint32_t i) {
      const bool is_null = place == parquet::ChunkReader::kNull;
      return (is_null ? Value() : value_at(dictionary, place)) == rows[i];
    });
  }
  const auto column = way == Way::Some ? reader.read(count, some) : reader.read(count);
  return column && are_same(*column, some, rows);
}

/// Reads rows that could be read whole in ways that change, in steps of up to `step`.
void read_in_steps(parquet::ChunkReader& reader, const Rows& rows, std::size_t step) {
  for (std::size_t row = 0; row < rows.size();) {
    const auto way = static_cast<Way>((row + step) % 4);
    if (way == Way::Skip) {
      const std::size_t count = std::min(step, rows.size() - row);
      reader.skip(count);
      row += count;
      continue;
    }
    const auto ready = reader.ready();
    if (!ready) std::abort();
    const std::size_t count = std::min({*ready, step, rows.size() - row});
    if (!read_next(reader, way, count, rows.data() + row)) std::abort();
    row += count;
  }
}

void read_chunk(const parquet::File& file,
                const parquet::Column& column,
                const parquet::ColumnChunk& chunk) {
  parquet::ChunkReader reader(kMostPageBytes);
  if (!reader.open(file, column, chunk)) return;
  const std::size_t count = std::min(static_cast<std::size_t>(chunk.rows), kMostRows);
  const auto rows = read_all(reader, count);
  for (const std::size_t step : {1UL, 7UL, kMostRows}) {
    if (!reader.open(file, column, chunk)) std::abort();
    if (rows) {
      read_in_steps(reader, *rows, step);
      continue;
    }
    reader.skip(step);  // on to the damage another way
    if (const auto ready = reader.ready()) {
      static_cast<void>(reader.read(std::min(*ready, kMostRows), {}));
    }
  }
}

}  // namespace

// A Parquet file, as a source may bring it: each column of each row group, read in several ways.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const parquet::MemoryFile memory({reinterpret_cast<const char*>(data), size});
  const auto file = parquet::File::open(memory.path());
  if (!file) std::abort();
  const auto footer = file->read_footer();
  if (!footer) return 0;
  std::size_t chunks = 0;
  for (const auto& group : footer->row_groups) {
    if (group.chunks.size() != footer->columns.size()) std::abort();
    for (std::size_t i = 0; i < group.chunks.size(); ++i) {
      if (!group.chunks[i]) continue;
      if (++chunks > kMostChunks) return 0;
      read_chunk(*file, footer->columns[i], *group.chunks[i]);
    }
  }
  return 0;
}
