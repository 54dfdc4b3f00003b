#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace provender::parquet {

/// What stands before the bytes of a page (Apache Parquet, parquet.thrift: PageHeader).
struct PageHeader {
  enum class Kind : std::uint8_t { Data, DataV2, Dictionary, Other };
  enum class Encoding : std::uint8_t { Plain, Dictionary, Rle, Other };

  Kind kind = Kind::Other;
  std::uint32_t bytes = 0;           ///< of the page as it lies in the file
  std::uint32_t unpacked_bytes = 0;  ///< with the levels
  std::uint32_t values = 0;          ///< nulls included
  Encoding encoding = Encoding::Other;
  bool has_level_runs = true;  ///< Data: its levels are written as `HybridDecoder` reads them
  // DataV2, whose levels are not compressed:
  std::uint32_t level_bytes = 0;
  bool is_compressed = true;

  std::size_t header_bytes = 0;
};

/// nullopt: there is none at the start of `bytes`, or it does not end in them.
std::optional<PageHeader> parse_page_header(std::string_view bytes);

}  // namespace provender::parquet
