#include "definitions/byte_size.hpp"

#include <gtest/gtest.h>

namespace provender::definitions {
namespace {

TEST(ByteSize, TakesThousandsAnd1024s) {
  EXPECT_EQ(parse_byte_size("1B").value(), 1U);
  EXPECT_EQ(parse_byte_size("4GB").value(), 4'000'000'000U);
  EXPECT_EQ(parse_byte_size("4 GB").value(), 4'000'000'000U);
  EXPECT_EQ(parse_byte_size("512MiB").value(), 512U << 20U);
  EXPECT_EQ(parse_byte_size("1TiB").value(), std::uint64_t{1} << 40U);
}

TEST(ByteSize, RefusesWhatIsNoSizeAboveZero) {
  for (const auto* text : {"",
                           "GB",
                           "0GB",
                           "4",
                           "4G",
                           "4gb",
                           "-4GB",
                           "1.5GB",
                           "4GB ",
                           "18446744073709551616B",
                           "18446744073709551615kB"}) {
    const auto size = parse_byte_size(text);
    ASSERT_FALSE(size) << text;
    EXPECT_EQ(size.error().code(), ErrorCode::InvalidArgument);
  }
  EXPECT_EQ(parse_byte_size("4G").error().message(),
            "expected a size above zero with its unit (B kB MB GB TB KiB MiB GiB TiB) such as "
            "512MiB or 4GB, "
            "found '4G'");
}

}  // namespace
}  // namespace provender::definitions
