#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace provender::parquet {

/// Bytes behind an encoded stream that must be readable, whatever they hold: values are read as
/// words.
inline constexpr std::size_t kReadableBehind = 8;

/// Reads numbers of up to 32 bits that are written as runs: one value repeated, or values packed
/// bit by bit (Apache Parquet, Encodings.md: RLE / bit-packing hybrid).
class HybridDecoder {
 public:
  HybridDecoder() = default;
  /// `bits` of each number, at most 32. `bytes` and kReadableBehind after them must outlive it.
  HybridDecoder(std::string_view bytes, std::uint32_t bits)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()), bits_(bits) {}

  /// The next `count` numbers. False: the bytes end before.
  [[nodiscard]] bool read(std::size_t count, std::uint32_t* out);
  /// Of the next `count` numbers those at the places `some`, which ascend.
  [[nodiscard]] bool read(std::size_t count,
                          std::span<const std::uint32_t> some,
                          std::uint32_t* out);
  [[nodiscard]] bool skip(std::size_t count);

  /// Whether the next `count` numbers are one run that repeats `number`.
  bool is_run_of(std::uint32_t number, std::size_t count);

 private:
  std::optional<std::uint64_t> run_header();
  bool begin_run();
  std::uint32_t packed(std::uint64_t place) const;

  const char* at_ = nullptr;  ///< behind the run
  const char* end_ = nullptr;
  std::uint32_t bits_ = 0;
  std::uint64_t left_ = 0;  ///< numbers of the run that come yet
  bool is_packed_ = false;
  std::uint32_t repeated_ = 0;
  const char* packed_ = nullptr;
  std::uint64_t next_ = 0;  ///< place in the packed run
};

}  // namespace provender::parquet
