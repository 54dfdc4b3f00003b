#include "parquet/page_header.hpp"

#include <limits>

#include "parquet/compact_reader.hpp"
#include "parquet/format.hpp"

namespace provender::parquet {
namespace {

using Wire = CompactReader::Type;

PageHeader::Kind kind_of(std::int64_t kind) {
  switch (kind) {
    case format::kDataPage:
      return PageHeader::Kind::Data;
    case format::kDictionaryPage:
      return PageHeader::Kind::Dictionary;
    case format::kDataPageV2:
      return PageHeader::Kind::DataV2;
    default:
      return PageHeader::Kind::Other;
  }
}

PageHeader::Encoding encoding_of(std::int64_t encoding) {
  switch (encoding) {
    case format::kPlain:
      return PageHeader::Encoding::Plain;
    case format::kOldDictionary:
    case format::kDictionary:
      return PageHeader::Encoding::Dictionary;
    case format::kRuns:
      return PageHeader::Encoding::Rle;
    default:
      return PageHeader::Encoding::Other;
  }
}

/// The fields of a page's own header.
struct Fields {
  std::int64_t values = 0;
  std::int64_t encoding = -1;
  std::int64_t level_encoding = format::kRuns;
  std::int64_t definition_bytes = 0;
  std::int64_t repetition_bytes = 0;
  bool is_compressed = true;
};

/// Of a page of data or of a dictionary, whose first fields are the same.
void read_page(CompactReader& in, Wire type, Fields& out, bool has_levels) {
  in.read_struct(type, [&](std::int64_t id, Wire field) {
    switch (id) {
      case 1:
        out.values = in.read_integer(field);
        return true;
      case 2:
        out.encoding = in.read_integer(field);
        return true;
      case 3:
        if (!has_levels) return false;
        out.level_encoding = in.read_integer(field);
        return true;
      default:
        return false;
    }
  });
}

void read_page_v2(CompactReader& in, Wire type, Fields& out) {
  in.read_struct(type, [&](std::int64_t id, Wire field) {
    switch (id) {
      case 1:
        out.values = in.read_integer(field);
        return true;
      case 4:
        out.encoding = in.read_integer(field);
        return true;
      case 5:
        out.definition_bytes = in.read_integer(field);
        return true;
      case 6:
        out.repetition_bytes = in.read_integer(field);
        return true;
      case 7:
        out.is_compressed = in.read_bool(field);
        return true;
      default:
        return false;
    }
  });
}

/// Parquet's numbers of bytes and values are 32 bits with a sign.
bool is_count(std::int64_t number) {
  return number >= 0 && number <= std::numeric_limits<std::int32_t>::max();
}

}  // namespace

std::optional<PageHeader> parse_page_header(std::string_view bytes) {
  CompactReader in(bytes);
  std::int64_t kind = -1;
  std::int64_t unpacked = 0;
  std::int64_t packed = 0;
  Fields fields;
  in.read_struct(Wire::Struct, [&](std::int64_t id, Wire field) {
    switch (id) {
      case 1:
        kind = in.read_integer(field);
        return true;
      case 2:
        unpacked = in.read_integer(field);
        return true;
      case 3:
        packed = in.read_integer(field);
        return true;
      case 5:
      case 7:
        read_page(in, field, fields, id == 5);
        return true;
      case 8:
        read_page_v2(in, field, fields);
        return true;
      default:
        return false;
    }
  });
  const bool fits = is_count(unpacked) && is_count(packed) && is_count(fields.values) &&
                    is_count(fields.definition_bytes) && fields.repetition_bytes == 0;
  if (in.failed() || kind < 0 || !fits) return std::nullopt;
  return PageHeader{.kind = kind_of(kind),
                    .bytes = static_cast<std::uint32_t>(packed),
                    .unpacked_bytes = static_cast<std::uint32_t>(unpacked),
                    .values = static_cast<std::uint32_t>(fields.values),
                    .encoding = encoding_of(fields.encoding),
                    .has_level_runs = fields.level_encoding == format::kRuns,
                    .level_bytes = static_cast<std::uint32_t>(fields.definition_bytes),
                    .is_compressed = fields.is_compressed,
                    .header_bytes = in.position()};
}

}  // namespace provender::parquet
