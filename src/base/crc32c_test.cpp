#include "base/crc32c.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace provender {
namespace {

struct Vector {
  std::string bytes;
  std::uint32_t crc;
};

/// RFC 3720 appendix B.4, and the check value of the CRC catalogue.
std::vector<Vector> vectors() {
  std::string ascending(32, '\0');
  std::ranges::generate(ascending, [next = '\0']() mutable { return next++; });
  const std::string descending(ascending.rbegin(), ascending.rend());
  return {{std::string(32, '\0'), 0x8A9136AA},
          {std::string(32, '\xFF'), 0x62A8AB43},
          {ascending, 0x46DD794E},
          {descending, 0x113FDB5C},
          {"123456789", 0xE3069283},
          {"", 0}};
}

TEST(Crc32c, AgreesWithTheVectorsOfRfc3720) {
  for (const auto& [bytes, crc] : vectors()) {
    EXPECT_EQ(crc32c(bytes), crc) << bytes;
  }
}

TEST(Crc32c, AgreesWithTheVectorsWithoutTheInstruction) {
  for (const auto& [bytes, crc] : vectors()) {
    EXPECT_EQ(crc32c_portable(bytes), crc) << bytes;
  }
}

TEST(Crc32c, ContinuesFromTheBytesBefore) {
  const std::string_view text = "the quick brown fox jumps over the lazy dog";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(crc32c(text.substr(cut), crc32c(text.substr(0, cut))), crc32c(text));
    EXPECT_EQ(crc32c_portable(text.substr(cut), crc32c(text.substr(0, cut))), crc32c(text));
  }
}

}  // namespace
}  // namespace provender
