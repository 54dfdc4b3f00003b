#include "offline/native_type.hpp"

#include <gtest/gtest.h>

namespace provender::offline {
namespace {

std::optional<Type> lossless(std::string_view name) {
  return lossless_type(parse_native_type(name));
}

TEST(NativeType, KnowsWhatEachColumnHoldsWithoutLoss) {
  EXPECT_EQ(lossless("BOOLEAN"), Type{Kind::Bool});
  EXPECT_EQ(lossless("UTINYINT"), Type{Kind::Int32});
  EXPECT_EQ(lossless("INTEGER"), Type{Kind::Int32});
  EXPECT_EQ(lossless("UINTEGER"), Type{Kind::Int64});
  EXPECT_EQ(lossless("BIGINT"), Type{Kind::Int64});
  EXPECT_EQ(lossless("FLOAT"), Type{Kind::Float32});
  EXPECT_EQ(lossless("DOUBLE"), Type{Kind::Float64});
  EXPECT_EQ(lossless("VARCHAR"), Type{Kind::String});
  EXPECT_EQ(lossless("ENUM('a', 'b')"), Type{Kind::String});
  EXPECT_EQ(lossless("TEXT"), Type{Kind::String});
  EXPECT_EQ(lossless("BLOB"), Type{Kind::Bytes});
  EXPECT_EQ(lossless("TIMESTAMP WITH TIME ZONE"), Type{Kind::Timestamp});
  EXPECT_EQ(lossless("DATE"), Type{Kind::Timestamp});
}

TEST(NativeType, GivesNoTypeToColumnsThatNoneHolds) {
  for (const char* name : {"UBIGINT",
                           "HUGEINT",
                           "DECIMAL(18,3)",
                           "TIMESTAMP_NS",
                           "TIME",
                           "INTERVAL",
                           "STRUCT(a INTEGER)",
                           "MAP(VARCHAR, INTEGER)",
                           "INTEGER[][]",
                           "NULL"}) {
    EXPECT_EQ(lossless(name), std::nullopt) << name;
  }
}

TEST(NativeType, ReadsListsAndArrays) {
  EXPECT_EQ(lossless("VARCHAR[]"), (Type{Kind::String, true}));
  EXPECT_EQ(lossless("FLOAT[384]"), (Type{Kind::Float32, true}));
}

TEST(NativeType, ReadsTheScaleOfDecimals) {
  EXPECT_EQ(parse_native_type("DECIMAL(18,3)").scale, 3);
  EXPECT_EQ(parse_native_type("DECIMAL(38,0)").scale, 0);
}

}  // namespace
}  // namespace provender::offline
