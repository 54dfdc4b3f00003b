// What offline/conversion.hpp compiles, judged by what DuckDB makes of it.
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "offline/conversion.hpp"
#include "offline/duckdb/test_project.hpp"

namespace provender::offline {
namespace {

constexpr std::string_view kLost = "(lost)";

class ConversionValues : public ::testing::Test {
 protected:
  /// The converted value as text, or kLost, of a SQL expression of the native type.
  std::string converted(std::string_view native, const std::string& value, Type to) {
    return evaluate(convert(parse_native_type(native), to, "c"), native, value);
  }

  std::string micros(std::string_view native,
                     const std::string& value,
                     std::optional<TimestampUnit> unit = {}) {
    return evaluate(convert_timestamp(parse_native_type(native), unit, "c"), native, value);
  }

 private:
  std::string evaluate(const std::optional<Conversion>& conversion,
                       std::string_view native,
                       const std::string& value) {
    if (!conversion) return "(refused)";
    const std::string type(native == kTextColumn ? "VARCHAR" : native);
    const std::string from = fmt::format("(SELECT CAST({} AS {}) AS c)", value, type);
    if (!conversion->is_exact.empty()) {
      const Rows exact = project_.rows(
          fmt::format("SELECT coalesce({}, false) FROM {}", conversion->is_exact, from));
      if (!std::get<bool>(exact[0][0].storage)) return std::string(kLost);
    }
    const Rows out =
        project_.rows(fmt::format("SELECT CAST({} AS VARCHAR) FROM {}", conversion->value, from));
    return out[0][0].is_null() ? "null" : std::get<std::string>(out[0][0].storage);
  }

  TestProject project_;
};

TEST_F(ConversionValues, IntegersAreNarrowedOnlyWhereTheyFit) {
  EXPECT_EQ(converted("BIGINT", "2147483647", {Kind::Int32}), "2147483647");
  EXPECT_EQ(converted("BIGINT", "2147483648", {Kind::Int32}), kLost);
  EXPECT_EQ(converted("BIGINT", "-2147483649", {Kind::Int32}), kLost);
  EXPECT_EQ(converted("UINTEGER", "4294967295", {Kind::Int64}), "4294967295");
  EXPECT_EQ(converted("UINTEGER", "4294967295", {Kind::Int32}), kLost);
  EXPECT_EQ(converted("UBIGINT", "9223372036854775807", {Kind::Int64}), "9223372036854775807");
  EXPECT_EQ(converted("UBIGINT", "9223372036854775808", {Kind::Int64}), kLost);
  EXPECT_EQ(converted("HUGEINT", "-9223372036854775808", {Kind::Int64}), "-9223372036854775808");
  EXPECT_EQ(converted("HUGEINT", "-9223372036854775809", {Kind::Int64}), kLost);
  EXPECT_EQ(converted("DECIMAL(38,0)", "5", {Kind::Int64}), "5");
  EXPECT_EQ(converted("DECIMAL(38,0)", "99999999999999999999", {Kind::Int64}), kLost);
}

TEST_F(ConversionValues, FloatsBecomeIntegersOnlyWhereTheyAreWhole) {
  EXPECT_EQ(converted("DOUBLE", "3", {Kind::Int64}), "3");
  EXPECT_EQ(converted("DOUBLE", "1.5", {Kind::Int64}), kLost);
  EXPECT_EQ(converted("DOUBLE", "'nan'", {Kind::Int64}), kLost);
  EXPECT_EQ(converted("DOUBLE", "'-inf'", {Kind::Int64}), kLost);
  EXPECT_EQ(converted("DOUBLE", "'9223372036854775808'", {Kind::Int64}), kLost);
  EXPECT_EQ(converted("DOUBLE", "'-9223372036854775808'", {Kind::Int64}), "-9223372036854775808");
  EXPECT_EQ(converted("FLOAT", "'2147483648'", {Kind::Int32}), kLost);
  EXPECT_EQ(converted("FLOAT", "'-2147483648'", {Kind::Int32}), "-2147483648");
}

TEST_F(ConversionValues, NumbersBecomeFloatsOnlyWhereTheyAreExact) {
  EXPECT_EQ(converted("DOUBLE", "0.5", {Kind::Float32}), "0.5");
  EXPECT_EQ(converted("DOUBLE", "0.1", {Kind::Float32}), kLost);
  EXPECT_EQ(converted("DOUBLE", "1e300", {Kind::Float32}), kLost);
  EXPECT_EQ(converted("DOUBLE", "'nan'", {Kind::Float32}), "nan");
  EXPECT_EQ(converted("DOUBLE", "'-inf'", {Kind::Float32}), "-inf");
  EXPECT_EQ(converted("DOUBLE", "'-0.0'", {Kind::Float32}), "-0.0");
  EXPECT_EQ(converted("FLOAT", "0.1", {Kind::Float64}), "0.10000000149011612");
  EXPECT_EQ(converted("BIGINT", "9007199254740992", {Kind::Float64}), "9007199254740992.0");
  EXPECT_EQ(converted("BIGINT", "9007199254740993", {Kind::Float64}), kLost);
  EXPECT_EQ(converted("BIGINT", "9223372036854775807", {Kind::Float64}), kLost);
  EXPECT_EQ(converted("INTEGER", "16777217", {Kind::Float32}), kLost);
  EXPECT_EQ(converted("INTEGER", "16777217", {Kind::Float64}), "16777217.0");
}

TEST_F(ConversionValues, NullStaysNull) {
  EXPECT_EQ(converted("INTEGER", "NULL", {Kind::Int64}), "null");
  EXPECT_EQ(converted("INTEGER[]", "[1, NULL]", {Kind::Int64, true}), "[1, NULL]");
}

TEST_F(ConversionValues, EveryElementOfAListIsAsked) {
  EXPECT_EQ(converted("BIGINT[]", "[1, NULL, 2]", {Kind::Int32, true}), "[1, NULL, 2]");
  EXPECT_EQ(converted("BIGINT[]", "[1, 2147483648]", {Kind::Int32, true}), kLost);
  EXPECT_EQ(converted("FLOAT[2]", "[0.5, 1]", {Kind::Float64, true}), "[0.5, 1.0]");
  EXPECT_EQ(converted("BIGINT[]", "[]", {Kind::Int32, true}), "[]");
}

TEST_F(ConversionValues, TextIsReadStrictly) {
  EXPECT_EQ(converted("TEXT", "'47'", {Kind::Int64}), "47");
  EXPECT_EQ(converted("TEXT", "'-7'", {Kind::Int32}), "-7");
  EXPECT_EQ(converted("TEXT", "'07'", {Kind::Int32}), "7");
  EXPECT_EQ(converted("TEXT", "''", {Kind::Int32}), kLost);
  EXPECT_EQ(converted("TEXT", "' 7'", {Kind::Int32}), kLost);
  EXPECT_EQ(converted("TEXT", "'5.0'", {Kind::Int32}), kLost);
  EXPECT_EQ(converted("TEXT", "'1e3'", {Kind::Int64}), kLost);
  EXPECT_EQ(converted("TEXT", "'1_000'", {Kind::Int64}), kLost);
  EXPECT_EQ(converted("TEXT", "'9223372036854775808'", {Kind::Int64}), kLost);
  EXPECT_EQ(converted("TEXT", "'1.5'", {Kind::Float64}), "1.5");
  EXPECT_EQ(converted("TEXT", "'-inf'", {Kind::Float64}), "-inf");
  EXPECT_EQ(converted("TEXT", "'1e400'", {Kind::Float64}), kLost);
  EXPECT_EQ(converted("TEXT", "'1e300'", {Kind::Float32}), kLost);
  EXPECT_EQ(converted("TEXT", "'1_0.5'", {Kind::Float64}), kLost);
  EXPECT_EQ(converted("TEXT", "'True'", {Kind::Bool}), "true");
  EXPECT_EQ(converted("TEXT", "'1'", {Kind::Bool}), kLost);
  EXPECT_EQ(converted("TEXT", "'AAE='", {Kind::Bytes}), "\\x00\\x01");
  EXPECT_EQ(converted("TEXT", "'AAE'", {Kind::Bytes}), kLost);
}

TEST_F(ConversionValues, TimesInTextKeepTheirZone) {
  EXPECT_EQ(micros("TEXT", "'2026-05-07 22:00:00'"), "1778191200000000");
  EXPECT_EQ(micros("TEXT", "'2026-05-07T22:00:00Z'"), "1778191200000000");
  EXPECT_EQ(micros("TEXT", "'2026-05-08 00:00:00+02:00'"), "1778191200000000");
  EXPECT_EQ(micros("TEXT", "'2026-05-08 00:00+02:00'"), "1778191200000000");
  EXPECT_EQ(micros("TEXT", "'2026-05-07'"), "1778112000000000");
  EXPECT_EQ(micros("TEXT", "'2026-05-07 22:00:00.000001'"), "1778191200000001");
  EXPECT_EQ(micros("TEXT", "'2026-05-07 22:00:00.000001000'"), "1778191200000001");
  EXPECT_EQ(micros("TEXT", "'2026-05-07 22:00:00.0000015'"), kLost);
  EXPECT_EQ(micros("TEXT", "'2026-02-30'"), kLost);
  EXPECT_EQ(micros("TEXT", "'2026-05-07 24:00:00'"), kLost);
  EXPECT_EQ(micros("TEXT", "'infinity'"), kLost);
  EXPECT_EQ(micros("TEXT", "'1778191200'"), kLost);
  EXPECT_EQ(micros("TEXT", "'1778191200'", TimestampUnit::Seconds), "1778191200000000");
  EXPECT_EQ(micros("TEXT", "'x'", TimestampUnit::Seconds), kLost);
}

TEST_F(ConversionValues, TimesOfEveryResolutionBecomeMicroseconds) {
  EXPECT_EQ(micros("TIMESTAMP", "'2026-05-07 22:00:00'"), "1778191200000000");
  EXPECT_EQ(micros("TIMESTAMP_S", "'2026-05-07 22:00:00'"), "1778191200000000");
  EXPECT_EQ(micros("TIMESTAMP_MS", "'2026-05-07 22:00:00.001'"), "1778191200001000");
  EXPECT_EQ(micros("TIMESTAMP_NS", "'2026-05-07 22:00:00.000001'"), "1778191200000001");
  EXPECT_EQ(micros("TIMESTAMP_NS", "'2026-05-07 22:00:00.000001001'"), kLost);
  EXPECT_EQ(micros("TIMESTAMP WITH TIME ZONE", "'2026-05-08 00:00:00+02'"), "1778191200000000");
  EXPECT_EQ(micros("DATE", "'2026-05-07'"), "1778112000000000");
  EXPECT_EQ(micros("TIMESTAMP", "'1900-01-01'"), "-2208988800000000");
}

TEST_F(ConversionValues, InfiniteTimesAreNoTimes) {
  for (const char* native : {"TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "DATE"}) {
    EXPECT_EQ(micros(native, "'infinity'"), kLost) << native;
    EXPECT_EQ(converted(native, "'-infinity'", {Kind::Timestamp}), kLost) << native;
  }
  EXPECT_EQ(micros("DATE", "'5881580-07-10'"), kLost) << "a date beyond all timestamps";
}

TEST_F(ConversionValues, TimesThatNoTimestampCanBeAreNoTimes) {
  for (const char* native : {"TIMESTAMP", "TIMESTAMP WITH TIME ZONE"}) {
    const std::string make =
        std::string(native) == "TIMESTAMP" ? "make_timestamp" : "make_timestamptz";
    EXPECT_EQ(micros(native, make + "(-9223372036854775808)"), kLost);
    EXPECT_EQ(micros(native, make + "(-9223372022400000001)"), kLost);
    EXPECT_EQ(micros(native, make + "(-9223372022400000000)"), "-9223372022400000000");
    EXPECT_EQ(micros(native, make + "(9223372036854775806)"), "9223372036854775806");
  }
}

TEST_F(ConversionValues, IntegerTimesHaveAUnit) {
  EXPECT_EQ(micros("BIGINT", "1778191200", TimestampUnit::Seconds), "1778191200000000");
  EXPECT_EQ(micros("INTEGER", "-1", TimestampUnit::Milliseconds), "-1000");
  EXPECT_EQ(micros("BIGINT", "7", TimestampUnit::Microseconds), "7");
  EXPECT_EQ(micros("BIGINT", "-7000", TimestampUnit::Nanoseconds), "-7");
  EXPECT_EQ(micros("BIGINT", "-7001", TimestampUnit::Nanoseconds), kLost);
  EXPECT_EQ(micros("BIGINT", "9223372036854775", TimestampUnit::Seconds), kLost);
}

}  // namespace
}  // namespace provender::offline
