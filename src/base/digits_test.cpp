#include "base/digits.hpp"

#include <gtest/gtest.h>

namespace provender {
namespace {

TEST(ParseDigits, TakesAWholeNumberUpToABound) {
  EXPECT_EQ(parse_digits("0", 0), 0U);
  EXPECT_EQ(parse_digits("65535", 65'535), 65'535U);
  EXPECT_EQ(parse_digits("18446744073709551615", ~std::uint64_t{0}), ~std::uint64_t{0});
  for (const auto* text : {"", "65536", "-1", "+1", " 1", "1 ", "1x", "18446744073709551616"}) {
    EXPECT_EQ(parse_digits(text, 65'535), std::nullopt) << text;
  }
}

TEST(Hex, WritesAndReadsBytes) {
  const std::string bytes("\x00\x7f\x80\xff", 4);
  EXPECT_EQ(hex_encode(bytes), "007f80ff");
  EXPECT_EQ(hex_decode("007f80ff"), bytes);
  EXPECT_EQ(hex_encode(""), "");
  EXPECT_EQ(hex_decode(""), "");
}

TEST(Hex, ReadsNothingElse) {
  for (const auto* text : {"0", "0g", "g0", "FF", "00 "}) {
    EXPECT_EQ(hex_decode(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace provender
