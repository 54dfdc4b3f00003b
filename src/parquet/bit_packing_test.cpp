#include "parquet/bit_packing.hpp"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "parquet/hybrid_decoder.hpp"

namespace provender::parquet {
namespace {

/// The first `count` numbers of some runs.
std::vector<std::uint32_t> decode(std::string runs, std::size_t count, std::uint32_t bits) {
  const std::size_t size = runs.size();
  runs.append(kReadableBehind, '\0');
  std::vector<std::uint32_t> out(count);
  HybridDecoder decoder(std::string_view(runs).substr(0, size), bits);
  EXPECT_TRUE(decoder.read(count, out.data()));
  EXPECT_FALSE(decoder.skip(8)) << "there is no group more";
  return out;
}

TEST(BitPacking, PacksNumbersOfAllWidths) {
  std::mt19937_64 random(1);
  for (std::uint32_t bits = 1; bits <= 32; ++bits) {
    for (const std::size_t count : {1U, 7U, 8U, 9U, 64U, 1001U}) {
      std::vector<std::uint32_t> numbers(count);
      for (std::uint32_t& number : numbers) {
        number = static_cast<std::uint32_t>(random() & ((std::uint64_t{1} << bits) - 1));
      }
      std::string runs;
      append_packed(runs, numbers, bits);
      ASSERT_EQ(decode(runs, count, bits), numbers) << bits << " bits";
    }
  }
}

TEST(BitPacking, PacksBits) {
  const std::vector<std::uint64_t> words = {0x8000'0000'0000'0001, 0b101};
  std::string runs;
  append_packed(runs, 67, words);
  std::vector<std::uint32_t> expected(67);
  for (const std::size_t place : {0U, 63U, 64U, 66U}) {
    expected[place] = 1;
  }
  EXPECT_EQ(decode(runs, 67, 1), expected);
}

TEST(BitPacking, RepeatsANumber) {
  std::string runs;
  append_repeated(runs, 1000, 1);
  EXPECT_EQ(decode(runs, 1000, 1), std::vector<std::uint32_t>(1000, 1));
}

}  // namespace
}  // namespace provender::parquet
