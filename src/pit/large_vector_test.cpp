#include "pit/large_vector.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace provender::pit {
namespace {

TEST(LargeVector, HoldsWhatItIsGivenAtAnySize) {
  constexpr std::size_t kMega = std::size_t{1} << 20;
  for (const std::size_t bytes :
       {std::size_t{8}, kMega - 8, kMega, 3 * kMega / 2, 2 * kMega - 8, 5 * kMega + 4104}) {
    LargeVector<std::uint64_t> numbers(bytes / 8);
    EXPECT_EQ(numbers.front(), 0U);
    EXPECT_EQ(numbers.back(), 0U);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      numbers[i] = bytes + i;
    }
    numbers.push_back(7);  // into memory of twice the size
    const LargeVector<std::uint64_t> copy = numbers;
    EXPECT_EQ(copy.front(), bytes);
    EXPECT_EQ(copy[bytes / 8 - 1], bytes + bytes / 8 - 1);
    EXPECT_EQ(copy.back(), 7U);
  }
}

TEST(LargeVector, MoreThanThereIsIsRefused) {
  EXPECT_THROW(allocate_large(std::size_t{1} << 50), std::bad_alloc);
}

}  // namespace
}  // namespace provender::pit
