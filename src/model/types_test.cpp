#include "provender/types.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace provender {
namespace {

using testing::HasSubstr;

TEST(Type, HasANameThatIsReadBack) {
  for (int kind = 1; kind <= 8; ++kind) {
    for (const bool is_list : {false, true}) {
      const Type type{.kind = static_cast<Kind>(kind), .is_list = is_list};
      EXPECT_EQ(parse_type(to_string(type)).value(), type) << to_string(type);
    }
  }
  EXPECT_EQ(to_string(Type{.kind = Kind::Float32, .is_list = true}), "list<float32>");
}

TEST(Type, HasAliases) {
  EXPECT_EQ(parse_type("int").value(), Type{Kind::Int64});
  EXPECT_EQ(parse_type("float").value(), Type{Kind::Float64});
  EXPECT_EQ(parse_type("str").value(), Type{Kind::String});
  EXPECT_EQ(parse_type("list<str>").value(), (Type{Kind::String, true}));
}

TEST(Type, RefusesOtherNamesWithTheNearest) {
  for (const auto* text :
       {"", "Int64", "int64 ", "list", "list<>", "list<list<int64>>", "list<int64"}) {
    EXPECT_FALSE(parse_type(text)) << text;
  }
  EXPECT_THAT(std::string(parse_type("in64").error().message()),
              HasSubstr("did you mean 'int64'?"));
  EXPECT_THAT(std::string(parse_type("list<flaot32>").error().message()),
              HasSubstr("did you mean 'list<float32>'?"));
}

TEST(Type, KeysAreNeitherFloatsNorLists) {
  EXPECT_TRUE(is_key_type(Type{Kind::Bool}));
  EXPECT_TRUE(is_key_type(Type{Kind::Timestamp}));
  EXPECT_FALSE(is_key_type(Type{Kind::Float32}));
  EXPECT_FALSE(is_key_type(Type{Kind::Float64}));
  EXPECT_FALSE(is_key_type(Type{Kind::Int64, true}));
}

TEST(Status, HasTheNamesOfReplies) {
  EXPECT_EQ(to_string(Status::Present), "PRESENT");
  EXPECT_EQ(to_string(Status::NullValue), "NULL_VALUE");
  EXPECT_EQ(to_string(Status::NotFound), "NOT_FOUND");
  EXPECT_EQ(to_string(Status::OutsideMaxAge), "OUTSIDE_MAX_AGE");
  EXPECT_EQ(to_string(Status::Invalid), "INVALID");
}

TEST(MinusSaturating, StopsAtTheEndsOfTime) {
  const Timestamp zero{};
  EXPECT_EQ(minus_saturating(zero, Duration(5)), Timestamp(Duration(-5)));
  EXPECT_EQ(minus_saturating(Timestamp(Duration(-5)), Duration::max()), Timestamp::min());
  EXPECT_EQ(minus_saturating(Timestamp::min(), Duration(1)), Timestamp::min());
  EXPECT_EQ(minus_saturating(Timestamp::max(), Duration(-1)), Timestamp::max());
  EXPECT_EQ(minus_saturating(Timestamp::max(), Duration::max()), zero);
}

}  // namespace
}  // namespace provender
