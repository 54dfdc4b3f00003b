#include "parquet/decompressor.hpp"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "parquet/testing_pages.hpp"

namespace provender::parquet {
namespace {

constexpr Codec kCodecs[] = {Codec::None, Codec::Snappy, Codec::Zstd};

/// Something that packs well in parts.
std::string packable(std::size_t size) {
  std::mt19937_64 random(size);
  std::string out;
  while (out.size() < size) {
    random() % 2 == 0 ? out.append(random() % 50, 'a') : out += static_cast<char>(random());
  }
  return out.substr(0, size);
}

/// Unpacks to exactly so many bytes of a memory of their own; what it says.
bool unpacks(Decompressor& decompressor, Codec codec, std::string_view packed, std::string& to) {
  const std::vector<char> exact(packed.begin(), packed.end());
  std::vector<char> out(to.size());
  const bool done =
      decompressor.unpack(codec, {exact.data(), exact.size()}, out.data(), out.size());
  to.assign(out.begin(), out.end());
  return done;
}

TEST(Decompressor, UnpacksEachCodec) {
  Decompressor decompressor;
  for (const Codec codec : kCodecs) {
    for (const std::size_t size : {1UL, 7UL, 1000UL, 300'000UL}) {
      const std::string bytes = packable(size);
      std::string out(size, '\0');
      EXPECT_TRUE(unpacks(decompressor, codec, compress(bytes, codec), out));
      EXPECT_EQ(out, bytes);
    }
    std::string nothing;
    EXPECT_TRUE(unpacks(decompressor, codec, compress("", codec), nothing));
  }
}

TEST(Decompressor, UnpacksSeveralFramesOfZstd) {
  Decompressor decompressor;
  std::string out(6, '\0');
  EXPECT_TRUE(unpacks(
      decompressor, Codec::Zstd, compress("abc", Codec::Zstd) + compress("def", Codec::Zstd), out));
  EXPECT_EQ(out, "abcdef");
}

TEST(Decompressor, AnotherSizeThanTheRightOneIsRefused) {
  Decompressor decompressor;
  const std::string bytes = packable(5000);
  for (const Codec codec : kCodecs) {
    const std::string packed = compress(bytes, codec);
    for (const std::size_t size : {0UL, 1UL, 4999UL, 5001UL, 100'000UL}) {
      std::string out(size, '\0');
      EXPECT_FALSE(unpacks(decompressor, codec, packed, out)) << size;
    }
  }
}

TEST(Decompressor, BytesCutOffAnywhereAreRefused) {
  Decompressor decompressor;
  const std::string bytes = packable(300);
  for (const Codec codec : kCodecs) {
    const std::string packed = compress(bytes, codec);
    for (std::size_t size = 0; size < packed.size(); ++size) {
      std::string out(bytes.size(), '\0');
      EXPECT_FALSE(unpacks(decompressor, codec, std::string_view(packed).substr(0, size), out));
    }
  }
}

TEST(Decompressor, DamagedBytesAreNotUnpackedBehindTheirPlace) {
  Decompressor decompressor;
  const std::string bytes = packable(300);
  for (const Codec codec : {Codec::Snappy, Codec::Zstd}) {
    const std::string packed = compress(bytes, codec);
    for (std::size_t at = 0; at < packed.size(); ++at) {
      for (const int flip : {0x01, 0x10, 0x80, 0xff}) {
        std::string damaged = packed;
        damaged[at] = static_cast<char>(damaged[at] ^ flip);
        std::string out(bytes.size(), '\0');
        static_cast<void>(unpacks(decompressor, codec, damaged, out));
      }
    }
    std::string out(bytes.size(), '\0');
    EXPECT_TRUE(unpacks(decompressor, codec, packed, out));  // after all that
    EXPECT_EQ(out, bytes);
  }
}

}  // namespace
}  // namespace provender::parquet
