#include "parquet/hybrid_decoder.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "parquet/testing_pages.hpp"

namespace provender::parquet {
namespace {

using Numbers = std::vector<std::uint32_t>;
using ::testing::ElementsAre;

/// Bytes with no more behind them than must be readable, which nobody may take for numbers.
class Encoded {
 public:
  explicit Encoded(std::string_view bytes)
      : bytes_(bytes.begin(), bytes.end()), size_(bytes.size()) {
    bytes_.resize(size_ + kReadableBehind, '\xff');
    bytes_.shrink_to_fit();
  }
  HybridDecoder decoder(std::uint32_t bits) const { return {{bytes_.data(), size_}, bits}; }

 private:
  std::vector<char> bytes_;
  std::size_t size_;
};

/// Runs of both sorts and the numbers in them.
struct Runs {
  std::string bytes;
  Numbers numbers;
};

Runs random_runs(std::mt19937_64& random, std::uint32_t bits) {
  Runs out;
  const auto number = [&] {
    return static_cast<std::uint32_t>(random() & ((std::uint64_t{1} << bits) - 1));
  };
  for (std::size_t run = random() % 12; run > 0; --run) {
    if (random() % 2 == 0) {
      const std::size_t count = random() % (random() % 8 == 0 ? 300 : 20);
      const std::uint32_t repeated = number();
      out.bytes += repeated_run(count, repeated, bits);
      out.numbers.insert(out.numbers.end(), count, repeated);
      continue;
    }
    Numbers packed(random() % (random() % 8 == 0 ? 40 : 4) * 8);
    std::ranges::generate(packed, number);
    out.bytes += packed_run(packed, bits);
    out.numbers.insert(out.numbers.end(), packed.begin(), packed.end());
  }
  return out;
}

/// Some of the places before `count`.
Numbers random_places(std::mt19937_64& random, std::size_t count) {
  const std::uint64_t each = 1 + random() % 10;
  Numbers out;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (random() % each == 0) out.push_back(i);
  }
  return out;
}

/// Reads, skips or picks the next `count` numbers; false: they are others than `expected`.
bool is_next(HybridDecoder& decoder,
             std::mt19937_64& random,
             std::span<const std::uint32_t> expected) {
  const std::size_t count = expected.size();
  if (random() % 3 == 0) return decoder.skip(count);
  const bool is_whole = random() % 2 == 0;
  const Numbers places = random_places(random, count);
  Numbers found(is_whole ? count : places.size());
  if (is_whole) return decoder.read(count, found.data()) && std::ranges::equal(found, expected);
  if (!decoder.read(count, places, found.data())) return false;
  return std::ranges::equal(
      found, places, {}, {}, [&](std::uint32_t place) { return expected[place]; });
}

TEST(HybridDecoder, ReadsRandomRunsOfAllWidthsInRandomSteps) {
  for (std::uint32_t bits = 0; bits <= 32; ++bits) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      std::mt19937_64 random(seed * 33 + bits);
      const Runs runs = random_runs(random, bits);
      const Encoded encoded(runs.bytes);
      HybridDecoder decoder = encoded.decoder(bits);
      for (std::span<const std::uint32_t> left = runs.numbers; !left.empty();) {
        const std::size_t count = random() % std::min<std::size_t>(left.size() + 1, 70);
        ASSERT_TRUE(is_next(decoder, random, left.first(count))) << bits << " bits, seed " << seed;
        left = left.subspan(count);
      }
      std::uint32_t none = 0;
      EXPECT_FALSE(decoder.read(1, &none));
      EXPECT_FALSE(decoder.skip(1));
      EXPECT_TRUE(decoder.read(0, &none));
    }
  }
}

TEST(HybridDecoder, OfACutOffPackedRunThereAreTheWholeNumbers) {
  const Numbers numbers = {1, 2, 3, 4, 5, 6, 7, 0};
  const std::string whole = packed_run(numbers, 3);
  for (std::size_t bytes = 0; bytes <= 3; ++bytes) {
    const Encoded encoded(std::string_view(whole).substr(0, 1 + bytes));
    const std::size_t there = bytes * 8 / 3;
    HybridDecoder decoder = encoded.decoder(3);
    Numbers found(there);
    EXPECT_TRUE(decoder.read(there, found.data()));
    EXPECT_TRUE(std::ranges::equal(found, std::span(numbers).first(there)));
    EXPECT_FALSE(decoder.skip(1));
    EXPECT_FALSE(encoded.decoder(3).skip(there + 1));
  }
}

TEST(HybridDecoder, OfRunsCutOffAnywhereTheFrontIsRead) {
  for (const std::uint32_t bits : {1U, 7U, 20U, 32U}) {
    std::mt19937_64 random(bits);
    Runs runs = random_runs(random, bits);
    runs.bytes += repeated_run(1000, 1, bits) + packed_run(Numbers(800, 1), bits);
    runs.numbers.insert(runs.numbers.end(), 1800, 1);
    for (std::size_t size = 0; size < runs.bytes.size(); ++size) {
      const Encoded encoded(std::string_view(runs.bytes).substr(0, size));
      HybridDecoder decoder = encoded.decoder(bits);
      std::uint32_t number = 0;
      std::size_t count = 0;
      while (decoder.read(1, &number)) {
        ASSERT_LT(count, runs.numbers.size());
        ASSERT_EQ(number, runs.numbers[count++]);
      }
      EXPECT_FALSE(decoder.is_run_of(number, 1));
      EXPECT_FALSE(decoder.read(1, &number));  // also when it is asked again
      EXPECT_FALSE(encoded.decoder(bits).skip(runs.numbers.size()));
    }
  }
}

TEST(HybridDecoder, ARunWhoseLengthNeverEndsIsNone) {
  std::uint32_t number = 0;
  EXPECT_FALSE(Encoded(std::string(6, '\xff') + "\x01\x01").decoder(1).read(1, &number));
  EXPECT_FALSE(Encoded(std::string(3, '\xff')).decoder(1).read(1, &number));
  // Nor is what stands behind it one, where it is asked again.
  const Encoded encoded(std::string(5, '\xff') + repeated_run(2, 1, 1));
  HybridDecoder decoder = encoded.decoder(1);
  EXPECT_FALSE(decoder.is_run_of(1, 2));
  EXPECT_FALSE(decoder.read(1, &number));
}

TEST(HybridDecoder, RunsOfNoNumbersAreLeftOut) {
  const Encoded encoded(repeated_run(0, 3, 2) + packed_run({}, 2) + repeated_run(2, 1, 2));
  Numbers found(2);
  EXPECT_TRUE(encoded.decoder(2).read(2, found.data()));
  EXPECT_THAT(found, ElementsAre(1, 1));
  // Of nothing but those, the end is seen.
  const Encoded empty(std::string(1000, '\0'));
  EXPECT_FALSE(empty.decoder(0).skip(1));
  EXPECT_FALSE(Encoded(std::string(1000, '\1')).decoder(5).skip(1));
}

TEST(HybridDecoder, ARepeatedNumberOfMoreBitsIsRefused) {
  const Encoded encoded(repeated_run(4, 2, 2).replace(1, 1, "\x04"));
  EXPECT_FALSE(encoded.decoder(2).skip(1));
  const Encoded widest(repeated_run(4, 0xFFFF'FFFF, 32));
  std::uint32_t number = 0;
  EXPECT_TRUE(widest.decoder(32).read(1, &number));
  EXPECT_EQ(number, 0xFFFF'FFFF);
}

TEST(HybridDecoder, KnowsOneRunOfANumber) {
  const Encoded encoded(repeated_run(5, 1, 1) + packed_run(Numbers(8, 1), 1));
  HybridDecoder decoder = encoded.decoder(1);
  EXPECT_TRUE(decoder.is_run_of(1, 5));
  EXPECT_TRUE(decoder.is_run_of(1, 2));
  EXPECT_FALSE(decoder.is_run_of(0, 5));
  EXPECT_FALSE(decoder.is_run_of(1, 6));
  // It has not gone on.
  Numbers found(13);
  ASSERT_TRUE(decoder.read(5, found.data()));
  EXPECT_FALSE(decoder.is_run_of(1, 1));  // packed
  EXPECT_TRUE(decoder.read(8, found.data() + 5));
  EXPECT_EQ(found, Numbers(13, 1));
  EXPECT_FALSE(decoder.is_run_of(1, 1));
  EXPECT_FALSE(HybridDecoder().is_run_of(0, 1));
}

}  // namespace
}  // namespace provender::parquet
