#include "parquet/footer.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "parquet/compact_reader.hpp"
#include "parquet/damaged.hpp"
#include "parquet/format.hpp"

namespace provender::parquet {
namespace {

using Wire = CompactReader::Type;

constexpr std::array kEncodings = {
    format::kPlain, format::kOldDictionary, format::kRuns, format::kBitPacked, format::kDictionary};
constexpr std::array kDictionaries = {format::kOldDictionary, format::kDictionary};

struct RawChunk {
  bool is_here = true;  ///< in this file, and not encrypted
  bool is_known = true;
  bool has_dictionary = false;
  std::int64_t codec = 0;
  std::int64_t values = 0;
  std::int64_t unpacked_bytes = 0;
  std::int64_t bytes = 0;
  std::int64_t data_page = 0;
  std::int64_t dictionary_page = 0;
  std::optional<std::int64_t> nulls;
  /// By their first fields, which have the order of signed numbers whatever the type, and by the
  /// newer ones. nullopt: not there.
  std::optional<std::string_view> old_least;
  std::optional<std::string_view> old_most;
  std::optional<std::string_view> least;
  std::optional<std::string_view> most;
};

void read_statistics(CompactReader& in, Wire type, RawChunk& out) {
  in.read_struct(type, [&](std::int64_t id, Wire field) {
    switch (id) {
      case 1:
        out.old_most = in.read_binary(field);
        return true;
      case 2:
        out.old_least = in.read_binary(field);
        return true;
      case 3:
        out.nulls = in.read_integer(field);
        return true;
      case 5:
        out.most = in.read_binary(field);
        return true;
      case 6:
        out.least = in.read_binary(field);
        return true;
      default:
        return false;
    }
  });
}

/// Fields that Thrift demands, each a bit: 1 to 7, and 9.
constexpr std::uint32_t kOfAllChunks = 0b10'1111'1110;

void read_chunk_metadata(CompactReader& in, Wire type, RawChunk& out) {
  std::uint32_t missing = kOfAllChunks;
  in.read_struct(type, [&](std::int64_t id, Wire field) {
    if (id < 32) missing &= ~(std::uint32_t{1} << id);
    switch (id) {
      case 2:
        in.read_list(field, [&](Wire element) {
          const std::int64_t encoding = in.read_integer(element);
          out.is_known &= std::ranges::find(kEncodings, encoding) != kEncodings.end();
          out.has_dictionary |= std::ranges::find(kDictionaries, encoding) != kDictionaries.end();
        });
        return true;
      case 4:
        out.codec = in.read_integer(field);
        return true;
      case 5:
        out.values = in.read_integer(field);
        return true;
      case 6:
        out.unpacked_bytes = in.read_integer(field);
        return true;
      case 7:
        out.bytes = in.read_integer(field);
        return true;
      case 9:
        out.data_page = in.read_integer(field);
        return true;
      case 11:
        out.dictionary_page = in.read_integer(field);
        return true;
      case 12:
        read_statistics(in, field, out);
        return true;
      default:
        return false;
    }
  });
  if (missing != 0) in.fail();
}

RawChunk read_chunk(CompactReader& in, Wire type) {
  RawChunk out;
  bool has_place = false;
  bool has_metadata = false;
  in.read_struct(type, [&](std::int64_t id, Wire field) {
    has_place |= id == 2;
    if (id == 3) {
      has_metadata = true;
      read_chunk_metadata(in, field, out);
      return true;
    }
    if (id == 1 || id == 8 || id == 9) out.is_here = false;
    return false;
  });
  if (!has_place || (out.is_here && !has_metadata)) in.fail();
  out.is_here &= has_metadata;
  return out;
}

struct RawRowGroup {
  std::vector<RawChunk> chunks;  ///< by leaf of the schema
  std::int64_t rows = 0;
};

RawRowGroup read_row_group(CompactReader& in, Wire type) {
  RawRowGroup out;
  bool has_rows = false;
  in.read_struct(type, [&](std::int64_t id, Wire field) {
    switch (id) {
      case 1:
        out.chunks.clear();  // a field that is there twice is what it is the second time
        in.read_list(field, [&](Wire element) { out.chunks.push_back(read_chunk(in, element)); });
        return true;
      case 3:
        out.rows = in.read_integer(field);
        has_rows = true;
        return true;
      default:
        return false;
    }
  });
  if (!has_rows) in.fail();
  return out;
}

std::optional<Codec> codec_of(std::int64_t codec) {
  switch (codec) {
    case format::kUncompressed:
      return Codec::None;
    case format::kSnappy:
      return Codec::Snappy;
    case format::kZstd:
      return Codec::Zstd;
    default:
      return std::nullopt;
  }
}

std::optional<ColumnChunk> chunk_of(const RawChunk& raw, std::int64_t rows) {
  const auto codec = codec_of(raw.codec);
  if (!raw.is_here || !raw.is_known || !codec || raw.values != rows) return std::nullopt;
  // Some writers say 0 where there is no dictionary.
  const bool begins_with_it = raw.dictionary_page > 0 && raw.dictionary_page < raw.data_page;
  return ColumnChunk{.begin = begins_with_it ? raw.dictionary_page : raw.data_page,
                     .bytes = raw.bytes,
                     .unpacked_bytes = raw.unpacked_bytes,
                     .rows = rows,
                     .codec = *codec,
                     .has_dictionary = raw.has_dictionary || begins_with_it};
}

Statistics statistics_of(const RawChunk& raw, const Column& column) {
  if (!raw.is_here) return {};
  const bool is_signed = column.physical == Physical::Int32 || column.physical == Physical::Int64;
  const auto copy = [&](std::optional<std::string_view> bound,
                        std::optional<std::string_view> old) {
    if (!bound && is_signed) bound = old;
    return bound ? std::optional(std::string(*bound)) : std::nullopt;
  };
  return {.nulls = raw.nulls,
          .least = copy(raw.least, raw.old_least),
          .most = copy(raw.most, raw.old_most)};
}

}  // namespace

std::optional<std::size_t> Footer::find(std::string_view name) const {
  const auto is_it = [&](const Column& column) { return column.name == name; };
  const auto found = std::ranges::find_if(columns, is_it);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

Result<Footer> parse_footer(std::string_view bytes) {
  CompactReader in(bytes);
  std::optional<Schema> schema;
  std::string_view schema_bytes;
  std::vector<RawRowGroup> groups;
  in.read_struct(Wire::Struct, [&](std::int64_t id, Wire field) {
    const std::size_t begin = in.position();
    switch (id) {
      case 2:
        schema = read_schema(in, field);
        schema_bytes = bytes.substr(begin, in.position() - begin);
        return true;
      case 4:
        groups.clear();
        in.read_list(field, [&](Wire element) { groups.push_back(read_row_group(in, element)); });
        return true;
      default:
        return false;
    }
  });
  constexpr std::string_view kDamaged = "the footer is damaged";
  if (in.failed() || !schema) return damaged(kDamaged);
  Footer out{.columns = std::move(schema->columns),
             .row_groups = {},
             .names = std::move(schema->names),
             .schema = std::string(schema_bytes)};
  std::int64_t rows_left = std::numeric_limits<std::int64_t>::max();
  for (const RawRowGroup& group : groups) {
    const bool fits = group.rows >= 0 && group.rows <= rows_left;
    if (!fits || group.chunks.size() != schema->count) return damaged(kDamaged);
    rows_left -= group.rows;
    Footer::RowGroup& added = out.row_groups.emplace_back();
    added.rows = group.rows;
    for (std::size_t c = 0; c < out.columns.size(); ++c) {
      const RawChunk& raw = group.chunks[schema->places[c]];
      added.chunks.push_back(chunk_of(raw, group.rows));
      added.statistics.push_back(statistics_of(raw, out.columns[c]));
    }
  }
  return out;
}

}  // namespace provender::parquet
