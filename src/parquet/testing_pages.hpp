#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "provender/value.hpp"

#include "parquet/compact_writer.hpp"
#include "parquet/footer.hpp"
#include "parquet/page_header.hpp"

/// For tests only: writes what the module reads, and, with a number changed, what it must refuse.
namespace provender::parquet {

/// A number as `bytes` bytes, the lowest first.
std::string little_endian(std::uint64_t number, std::size_t bytes);

/// The runs of `HybridDecoder`.
std::string repeated_run(std::uint64_t count, std::uint32_t number, std::uint32_t bits);
/// Packed, and filled up with zeros to a multiple of eight.
std::string packed_run(std::span<const std::uint32_t> numbers, std::uint32_t bits);
/// Repeated where eight or more are the same, else packed.
std::string hybrid_runs(std::span<const std::uint32_t> numbers, std::uint32_t bits);

/// A page, which is right as long as nobody changes it.
struct TestPage {
  std::int64_t kind = 0;  ///< 0: of data, 2: dictionary, 3: of data, second version
  std::int64_t values = 0;
  std::int64_t encoding = 0;
  std::int64_t level_encoding = 3;
  std::string levels;  ///< first version: with their length
  std::string body;
  bool is_compressed = true;
  // What its header says instead of what is so:
  std::optional<std::int64_t> bytes;
  std::optional<std::int64_t> unpacked_bytes;
  std::optional<std::int64_t> level_bytes;
  std::optional<std::int64_t> repetition_bytes;
  std::string statistics;  ///< makes the header longer

  std::string header(std::size_t packed_bytes) const;
  /// Header and bytes.
  std::string write(Codec codec = Codec::None) const;
};

/// How `data_page` writes.
struct PageForm {
  int version = 1;
  bool nullable = true;
  PageHeader::Encoding encoding = PageHeader::Encoding::Plain;
  std::span<const Value> dictionary;
};
TestPage data_page(std::span<const Value> rows, const PageForm& form);
TestPage dictionary_page(std::span<const Value> entries);

std::string compress(std::string_view bytes, Codec codec);

/// A file without a name.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  /// By which this process opens it.
  std::string path() const;
  void truncate(std::size_t size) const;

 private:
  int descriptor_ = -1;
};

}  // namespace provender::parquet
