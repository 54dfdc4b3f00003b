#include "provender/value.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/endian.hpp"

namespace provender {
namespace {

Value value(std::string_view text, Kind kind) {
  const auto parsed = parse_value(text, Type{kind});
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Value{};
}

bool is_value(std::string_view text, Kind kind) {
  return parse_value(text, Type{kind}).has_value();
}

template <class T>
std::string packed(std::initializer_list<T> numbers) {
  std::string out;
  for (const T number : numbers) {
    char bytes[sizeof(T)];
    store_le(bytes, number);
    out.append(bytes, sizeof(T));
  }
  return out;
}

TEST(Value, ComparesFloatsAsStored) {
  const double other_nan = std::bit_cast<double>(std::bit_cast<std::uint64_t>(std::nan("")) + 1);
  EXPECT_EQ(Value{std::nan("")}, Value{std::nan("")});
  EXPECT_NE(Value{std::nan("")}, Value{other_nan});
  EXPECT_NE(Value{-0.0}, Value{0.0});
  EXPECT_NE(Value{-0.0F}, Value{0.0F});
  EXPECT_NE((Value{ValueList{Value{-0.0}}}), (Value{ValueList{Value{0.0}}}));
}

TEST(Value, DiffersWhereTheTypeDiffers) {
  EXPECT_NE(Value{std::int32_t{1}}, Value{std::int64_t{1}});
  EXPECT_NE(Value{std::string("a")}, Value{Bytes{"a"}});
  EXPECT_NE(Value{}, Value{false});
  EXPECT_EQ(Value{}, Value{});
  EXPECT_NE((Value{ValueList{Value{}}}), Value{ValueList{}});
}

TEST(Value, ComesBackFromItsView) {
  for (const Value& v : {Value{true},
                         Value{std::int32_t{-1}},
                         Value{std::numeric_limits<std::int64_t>::min()},
                         Value{0.1F},
                         Value{-0.0},
                         Value{std::string("a\0b", 3)},
                         Value{Timestamp(Duration(-1))}}) {
    EXPECT_EQ(to_value(to_view(v, Type{Kind::Bool})), v);
  }
  EXPECT_EQ(to_value(to_view(Value{Bytes{"\xff"}}, Type{Kind::Bytes})), Value{Bytes{"\xff"}});
  const ValueView null = to_view(Value{}, Type{Kind::Int32});
  EXPECT_TRUE(null.is_null());
  EXPECT_EQ(null.type(), Type{Kind::Int32});
}

TEST(ListView, GivesPackedElementsAtAnyAddress) {
  const std::string bytes = "x" + packed<std::int64_t>({-1, 1LL << 40});
  const ListView list({.kind = Kind::Int64, .size = 2, .data = bytes.data() + 1});
  EXPECT_EQ(ValueView::element(list, 0).get<std::int64_t>(), -1);
  EXPECT_EQ(ValueView::element(list, 1).get<std::int64_t>(), 1LL << 40);
}

TEST(ListView, GivesTextsByTheirEndsAndKnowsNulls) {
  const std::string ends = packed<std::uint32_t>({2, 2, 5});
  const std::uint8_t validity = 0b101;
  const ListView list({.kind = Kind::String,
                       .size = 3,
                       .validity = &validity,
                       .ends = ends.data(),
                       .data = "abcde"});
  const Value expected{ValueList{Value{std::string("ab")}, Value{}, Value{std::string("cde")}}};
  EXPECT_EQ(to_value(ValueView(list)), expected);
  EXPECT_EQ(to_text(ValueView(list)), R"(["ab", null, "cde"])");
}

TEST(ListView, GivesEachFixedKind) {
  const auto only = [](Kind kind, const std::string& bytes) {
    return to_value(
        ValueView::element(ListView({.kind = kind, .size = 1, .data = bytes.data()}), 0));
  };
  EXPECT_EQ(only(Kind::Bool, "\1"), Value{true});
  EXPECT_EQ(only(Kind::Int32, packed<std::int32_t>({-5})), Value{std::int32_t{-5}});
  EXPECT_EQ(only(Kind::Float32, packed<float>({0.5F})), Value{0.5F});
  EXPECT_EQ(only(Kind::Float64, packed<double>({0.5})), Value{0.5});
  EXPECT_EQ(only(Kind::Timestamp, packed<std::int64_t>({9})), Value{Timestamp(Duration(9))});
}

TEST(ToText, IsForPeople) {
  EXPECT_EQ(to_text(ValueView::null(Type{Kind::Int64})), "null");
  EXPECT_EQ(to_text(ValueView(true)), "true");
  EXPECT_EQ(to_text(ValueView(std::int64_t{47})), "47");
  EXPECT_EQ(to_text(ValueView(std::numeric_limits<std::int32_t>::min())), "-2147483648");
  EXPECT_EQ(to_text(ValueView(Kind::String, "power_user")), "power_user");
  EXPECT_EQ(to_text(ValueView(Kind::Bytes, "foob")), "Zm9vYg==");
  EXPECT_EQ(to_text(ValueView(Timestamp(Duration(250'000)))), "1970-01-01T00:00:00.250Z");
}

TEST(ToText, ShowsThatAFloatIsOne) {
  EXPECT_EQ(to_text(ValueView(5.0)), "5.0");
  EXPECT_EQ(to_text(ValueView(-0.0)), "-0.0");
  EXPECT_EQ(to_text(ValueView(0.1F)), "0.1");
  EXPECT_EQ(to_text(ValueView(std::nan(""))), "nan");
  EXPECT_EQ(to_text(ValueView(-std::numeric_limits<double>::infinity())), "-inf");
  const std::string bytes = packed<double>({1, 2.5});
  EXPECT_EQ(to_text(ValueView(ListView({.kind = Kind::Float64, .size = 2, .data = bytes.data()}))),
            "[1.0, 2.5]");
}

TEST(ParseValue, ReadsIntegersExactly) {
  EXPECT_EQ(value("0", Kind::Int64), Value{std::int64_t{0}});
  EXPECT_EQ(value("-7", Kind::Int32), Value{std::int32_t{-7}});
  EXPECT_EQ(value("9223372036854775807", Kind::Int64),
            Value{std::numeric_limits<std::int64_t>::max()});
  EXPECT_EQ(value("-9223372036854775808", Kind::Int64),
            Value{std::numeric_limits<std::int64_t>::min()});
  EXPECT_EQ(value("2147483647", Kind::Int32), Value{std::numeric_limits<std::int32_t>::max()});
}

TEST(ParseValue, RefusesWhatIsNoIntegerInItsRange) {
  for (const auto* text : {"",
                           "007",
                           "00",
                           "-0",
                           "-01",
                           "+5",
                           " 5",
                           "5 ",
                           "5.0",
                           "1e3",
                           "0x5",
                           "-",
                           "a",
                           "9223372036854775808",
                           "true",
                           "٣"}) {
    EXPECT_FALSE(is_value(text, Kind::Int64)) << text;
  }
  EXPECT_FALSE(is_value("2147483648", Kind::Int32));
  EXPECT_FALSE(is_value("-2147483649", Kind::Int32));
}

TEST(ParseValue, ReadsFloats) {
  EXPECT_EQ(value("5", Kind::Float64), Value{5.0});
  EXPECT_EQ(value("-0.0", Kind::Float64), Value{-0.0});
  EXPECT_EQ(value("1e-3", Kind::Float64), Value{0.001});
  EXPECT_EQ(value("0.1", Kind::Float32), Value{0.1F});
  EXPECT_EQ(value("inf", Kind::Float64), Value{std::numeric_limits<double>::infinity()});
  EXPECT_TRUE(std::isnan(std::get<double>(value("nan", Kind::Float64).storage)));
  for (const auto* text :
       {"", "x", "1.0x", " 1", "+1", "1e999", "infinity", "nan(1)", "INF", "0x1p3", "1,5"}) {
    EXPECT_FALSE(is_value(text, Kind::Float64)) << text;
  }
  EXPECT_FALSE(is_value("1e39", Kind::Float32));
}

TEST(ParseValue, ReadsBoolsByTheirTwoNames) {
  EXPECT_EQ(value("true", Kind::Bool), Value{true});
  EXPECT_EQ(value("false", Kind::Bool), Value{false});
  for (const auto* text : {"", "1", "0", "True", "yes", "5"}) {
    EXPECT_FALSE(is_value(text, Kind::Bool)) << text;
  }
}

TEST(ParseValue, ReadsTextAsItIsAndBytesFromBase64) {
  EXPECT_EQ(value("", Kind::String), Value{std::string()});
  EXPECT_EQ(value(" null ", Kind::String), Value{std::string(" null ")});
  EXPECT_FALSE(is_value("\xff", Kind::String));
  EXPECT_EQ(value("//77", Kind::Bytes), Value{Bytes{"\xff\xfe\xfb"}});
  EXPECT_FALSE(is_value("not base64", Kind::Bytes));
}

TEST(ParseValue, ReadsTimestamps) {
  EXPECT_EQ(value("1970-01-02", Kind::Timestamp), Value{Timestamp(std::chrono::hours(24))});
  EXPECT_FALSE(is_value("86400", Kind::Timestamp));
}

TEST(ParseValue, ReadsListsAsJson) {
  const auto list = [](std::string_view text, Kind kind) {
    return parse_value(text, Type{kind, true}).value();
  };
  EXPECT_EQ(list("[]", Kind::Int32), Value{ValueList{}});
  EXPECT_EQ(list("[1, null, -2]", Kind::Int32),
            (Value{ValueList{Value{std::int32_t{1}}, Value{}, Value{std::int32_t{-2}}}}));
  EXPECT_EQ(list("[0.1, 5, -0.0]", Kind::Float32),
            (Value{ValueList{Value{0.1F}, Value{5.0F}, Value{-0.0F}}}));
  EXPECT_EQ(list(R"(["a", "5"])", Kind::String),
            (Value{ValueList{Value{std::string("a")}, Value{std::string("5")}}}));
  EXPECT_EQ(list(R"(["Zg=="])", Kind::Bytes), Value{ValueList{Value{Bytes{"f"}}}});
  EXPECT_EQ(list("[true]", Kind::Bool), Value{ValueList{Value{true}}});
  EXPECT_EQ(list(R"(["1970-01-01"])", Kind::Timestamp), Value{ValueList{Value{Timestamp{}}}});
}

TEST(ParseValue, RefusesListsOfOtherElements) {
  const auto message = [](std::string_view text, Kind kind) {
    const auto parsed = parse_value(text, Type{kind, true});
    EXPECT_FALSE(parsed) << text;
    return parsed ? "" : std::string(parsed.error().message());
  };
  using testing::HasSubstr;
  EXPECT_THAT(message("1", Kind::Int64), HasSubstr("expected a JSON array"));
  EXPECT_THAT(message("[1", Kind::Int64), HasSubstr("expected a JSON array"));
  EXPECT_THAT(message("[1, \"2\"]", Kind::Int64), HasSubstr("element 1 of a list<int64>"));
  EXPECT_THAT(message("[1.0]", Kind::Int64), HasSubstr("'1.0' is not a value of type int64"));
  EXPECT_THAT(message("[2147483648]", Kind::Int32), HasSubstr("'2147483648' is not a value"));
  EXPECT_THAT(message("[9223372036854775808]", Kind::Int64), HasSubstr("element 0"));
  EXPECT_THAT(message("[1e39]", Kind::Float32), HasSubstr("element 0"));
  EXPECT_THAT(message("[5]", Kind::String), HasSubstr("expected elements of type string"));
  EXPECT_THAT(message("[true]", Kind::Int64), HasSubstr("expected elements of type int64"));
  EXPECT_THAT(message("[1]", Kind::Bool), HasSubstr("'1' is not a value of type bool"));
  EXPECT_THAT(message("[[1]]", Kind::Int64), HasSubstr("expected elements of type int64"));
}

TEST(ParseValue, SaysWhatWasFoundAndExpected) {
  EXPECT_EQ(
      parse_value("007", Type{Kind::Int32}).error().message(),
      "'007' is not a value of type int32: expected a whole number from -2147483648 to 2147483647, "
      "without leading zeros, sign + or spaces");
}

}  // namespace
}  // namespace provender
