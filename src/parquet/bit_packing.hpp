#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

/// Numbers as runs, as `HybridDecoder` reads them (Apache Parquet, Encodings.md: RLE / bit-packing
/// hybrid).
namespace provender::parquet {

/// One run that repeats a number below 256.
void append_repeated(std::string& out, std::size_t count, std::uint8_t number);
/// One run of bits, each of its 64-bit words from the lowest on.
void append_packed(std::string& out, std::size_t count, std::span<const std::uint64_t> words);
/// One run of numbers of so many bits each, 1 to 32.
void append_packed(std::string& out, std::span<const std::uint32_t> numbers, std::uint32_t bits);

}  // namespace provender::parquet
