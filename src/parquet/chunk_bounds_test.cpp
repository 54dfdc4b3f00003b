#include "parquet/chunk_bounds.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "base/endian.hpp"

namespace provender::parquet {
namespace {

template <class T>
Statistics bounds_of(Physical physical, const std::vector<std::vector<T>>& batches) {
  ChunkBounds bounds;
  for (const std::vector<T>& batch : batches) {
    bounds.add(std::span<const T>(batch));
  }
  return bounds.statistics(physical);
}

template <class T>
std::pair<T, T> values_of(const Statistics& statistics) {
  return {load_le<T>(statistics.least.value().data()), load_le<T>(statistics.most.value().data())};
}

TEST(ChunkBounds, AreOfAllBatches) {
  EXPECT_EQ(values_of<std::int64_t>(
                bounds_of<std::int64_t>(Physical::Int64, {{5, -7, 3}, {}, {8, 9, 1}})),
            std::pair(std::int64_t{-7}, std::int64_t{9}));
  EXPECT_EQ(values_of<std::int32_t>(bounds_of<std::int32_t>(Physical::Int32, {{-1}, {-3}})),
            std::pair(-3, -1));
  EXPECT_EQ(values_of<float>(bounds_of<float>(Physical::Float, {{2.5F, 1.5F, 2}, {1.75F}})),
            std::pair(1.5F, 2.5F));
  EXPECT_EQ(values_of<double>(bounds_of<double>(Physical::Double, {{-1}, {1, -2, 3, 2}})),
            std::pair(-2.0, 3.0));
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(values_of<double>(bounds_of<double>(Physical::Double, {{infinity, 1}, {-infinity}})),
            std::pair(-infinity, infinity));
  const Statistics bools = bounds_of<std::uint8_t>(Physical::Bool, {{1}, {0}});
  EXPECT_EQ(bools.least, std::string(1, '\0'));
  EXPECT_EQ(bools.most, std::string(1, '\1'));
}

TEST(ChunkBounds, OfZerosHaveBothSigns) {
  for (const double zero : {0.0, -0.0}) {
    const auto [least, most] = values_of<double>(bounds_of<double>(Physical::Double, {{zero}}));
    EXPECT_TRUE(std::signbit(least));
    EXPECT_FALSE(std::signbit(most));
  }
}

TEST(ChunkBounds, AreNotThereWhereThereIsNoOrder) {
  EXPECT_FALSE(bounds_of<std::int64_t>(Physical::Int64, {}).least);
  EXPECT_FALSE(bounds_of<std::int64_t>(Physical::Int64, {{}}).most);
  EXPECT_FALSE(bounds_of<double>(Physical::Double, {{1}, {std::nan("")}, {2}}).least);
  EXPECT_FALSE(bounds_of<float>(Physical::Float, {{std::nanf("")}}).most);
}

TEST(ChunkBounds, OfTextsGoByBytes) {
  ChunkBounds bounds;
  for (const std::string_view text : {"b", "", "\xC3\xA9", "a"}) {
    bounds.add(text);
  }
  EXPECT_EQ(bounds.statistics(Physical::Bytes).least, "");
  EXPECT_EQ(bounds.statistics(Physical::Bytes).most, "\xC3\xA9");
  bounds.add(std::string(ChunkBounds::kLongestText + 1, 'a'));
  EXPECT_FALSE(bounds.statistics(Physical::Bytes).least);
}

}  // namespace
}  // namespace provender::parquet
