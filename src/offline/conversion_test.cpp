#include "offline/conversion.hpp"

#include <gtest/gtest.h>

namespace provender::offline {
namespace {

std::optional<Conversion> converted(std::string_view native, Type to) {
  return convert(parse_native_type(native), to, "c");
}

TEST(Conversion, LeavesAColumnOfTheSameTypeAlone) {
  const auto out = converted("BIGINT", {Kind::Int64});
  ASSERT_TRUE(out);
  EXPECT_EQ(out->value, "c");
  EXPECT_EQ(out->is_exact, "");
}

TEST(Conversion, AsksNothingWhereATypeIsWidened) {
  const auto out = converted("INTEGER", {Kind::Int64});
  ASSERT_TRUE(out);
  EXPECT_EQ(out->value, "CAST(c AS BIGINT)");
  EXPECT_EQ(out->is_exact, "");
}

TEST(Conversion, AsksEveryValueWhereATypeIsNarrowed) {
  const auto out = converted("BIGINT", {Kind::Int32});
  ASSERT_TRUE(out);
  EXPECT_EQ(out->is_exact, "c BETWEEN -2147483648 AND 2147483647");
}

TEST(Conversion, AsksTheElementsOfALists) {
  const auto out = converted("BIGINT[]", {Kind::Int32, true});
  ASSERT_TRUE(out);
  EXPECT_EQ(out->value, "CAST(list_transform(c, lambda x: CAST(x AS INTEGER)) AS INTEGER[])");
  EXPECT_EQ(out->is_exact,
            "len(list_filter(c, lambda x: x IS NOT NULL AND NOT coalesce(x BETWEEN -2147483648 AND "
            "2147483647, false))) = 0");
}

TEST(Conversion, RefusesTypesThatNeverFit) {
  EXPECT_FALSE(converted("VARCHAR", {Kind::Int64}));
  EXPECT_FALSE(converted("VARCHAR", {Kind::Timestamp}));
  EXPECT_FALSE(converted("BIGINT", {Kind::String}));
  EXPECT_FALSE(converted("BIGINT", {Kind::Bool}));
  EXPECT_FALSE(converted("BLOB", {Kind::String}));
  EXPECT_FALSE(converted("VARCHAR", {Kind::Bytes}));
  EXPECT_FALSE(converted("DECIMAL(18,3)", {Kind::Float64}));
  EXPECT_FALSE(converted("BIGINT", {Kind::Int64, true}));
  EXPECT_FALSE(converted("BIGINT[]", {Kind::Int64}));
  EXPECT_FALSE(converted("TIME", {Kind::Timestamp}));
}

TEST(Conversion, TakesIntegersAsTimesOnlyWithAUnit) {
  const NativeType bigint = parse_native_type("BIGINT");
  EXPECT_FALSE(convert_timestamp(bigint, std::nullopt, "c"));
  EXPECT_TRUE(convert_timestamp(bigint, TimestampUnit::Seconds, "c"));
  EXPECT_FALSE(convert_timestamp(parse_native_type("VARCHAR"), TimestampUnit::Seconds, "c"));
}

}  // namespace
}  // namespace provender::offline
