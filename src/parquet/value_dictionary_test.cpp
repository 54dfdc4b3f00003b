#include "parquet/value_dictionary.hpp"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace provender::parquet {
namespace {

TEST(ValueDictionary, GivesTheSameNumberToTheSameBytes) {
  std::mt19937_64 random(7);
  ValueDictionary dictionary(1 << 20);
  for (int round = 0; round < 3; ++round) {
    std::map<std::string, std::uint32_t> numbers;
    dictionary.clear();
    for (int i = 0; i < 40'000; ++i) {
      // Of few letters, so that ends are often the same.
      std::string text(random() % 24, 'a');
      for (std::size_t flips = random() % 3; flips > 0 && !text.empty(); --flips) {
        text[random() % text.size()] = random() % 4 == 0 ? '\0' : 'b';
      }
      const auto number = dictionary.find_or_add(text, ValueDictionary::kNoLimit);
      ASSERT_TRUE(number);
      const auto [found, is_new] = numbers.emplace(text, *number);
      ASSERT_EQ(*number, found->second) << text;
      if (is_new) ASSERT_EQ(*number, numbers.size() - 1) << text;
      ASSERT_EQ(dictionary.values()[*number], text);
    }
    EXPECT_EQ(dictionary.values().size(), numbers.size());
  }
}

TEST(ValueDictionary, HasRoomForSoManyValues) {
  ValueDictionary dictionary(1 << 20);
  for (std::size_t i = 0; i < 1000; ++i) {
    ASSERT_TRUE(dictionary.find_or_add(std::to_string(i), 1000));
  }
  EXPECT_FALSE(dictionary.find_or_add("another", 1000));
  EXPECT_EQ(dictionary.find_or_add("17", 1000), 17U);
  EXPECT_EQ(dictionary.find_or_add("another", ValueDictionary::kNoLimit), 1000U);
  EXPECT_FALSE(dictionary.find_or_add("one more", 1000));
}

TEST(ValueDictionary, HasRoomForSoManyBytes) {
  constexpr std::size_t kMost = ValueDictionary::kNoLimit;
  ValueDictionary dictionary(1000);
  EXPECT_FALSE(dictionary.find_or_add(std::string(1001, 'a'), kMost));
  EXPECT_EQ(dictionary.find_or_add(std::string(1000, 'a'), kMost), 0U);
  EXPECT_FALSE(dictionary.find_or_add("b", kMost));
  EXPECT_EQ(dictionary.find_or_add("", kMost), 1U);
}

}  // namespace
}  // namespace provender::parquet
