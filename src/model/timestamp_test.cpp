#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "provender/types.hpp"

namespace provender {
namespace {

std::int64_t micros(std::string_view text) {
  const auto time = parse_timestamp(text);
  EXPECT_TRUE(time) << text;
  return time ? time->time_since_epoch().count() : -1;
}

std::string text(std::int64_t micros, bool always_fraction = false) {
  return format_timestamp(Timestamp(Duration(micros)), always_fraction);
}

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86400 * kSecond;

TEST(Timestamp, ReadsDatesAndTimes) {
  EXPECT_EQ(micros("1970-01-01"), 0);
  EXPECT_EQ(micros("2026-05-07"), 1'778'112'000 * kSecond);
  EXPECT_EQ(micros("2026-05-07 22:00"), 1'778'191'200 * kSecond);
  EXPECT_EQ(micros("2026-05-07T22:00:05"), 1'778'191'205 * kSecond);
  EXPECT_EQ(micros("2026-05-07T22:00:05Z"), 1'778'191'205 * kSecond);
  EXPECT_EQ(micros("2026-05-07 22:00Z"), 1'778'191'200 * kSecond);
}

TEST(Timestamp, ReadsFractionsToTheMicrosecond) {
  EXPECT_EQ(micros("1970-01-01 00:00:00.5"), 500'000);
  EXPECT_EQ(micros("1970-01-01 00:00:00.000001"), 1);
  EXPECT_EQ(micros("1970-01-01 00:00:00.123456000"), 123'456);
  EXPECT_FALSE(parse_timestamp("1970-01-01 00:00:00.1234567"));
  EXPECT_FALSE(parse_timestamp("1970-01-01 00:00:00.000000001"));
  EXPECT_FALSE(parse_timestamp("1970-01-01 00:00:00."));
}

TEST(Timestamp, TakesOffTheZone) {
  EXPECT_EQ(micros("1970-01-01 02:00+02:00"), 0);
  EXPECT_EQ(micros("1969-12-31 18:30:00.25-05:30"), 250'000);
  EXPECT_EQ(micros("1970-01-01 00:00:00+00:00"), 0);
}

TEST(Timestamp, KnowsTimesBefore1970) {
  EXPECT_EQ(micros("1969-12-31T23:59:59.999999Z"), -1);
  EXPECT_EQ(text(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(text(-kDay), "1969-12-31T00:00:00Z");
  EXPECT_EQ(micros("0001-01-01"), -719'162 * kDay);
  EXPECT_EQ(text(-719'162 * kDay), "0001-01-01T00:00:00Z");
  EXPECT_EQ(text(-719'528 * kDay), "0000-01-01T00:00:00Z");
}

TEST(Timestamp, KnowsLeapDays) {
  EXPECT_EQ(micros("2024-02-29") + kDay, micros("2024-03-01"));
  EXPECT_EQ(micros("2000-02-29") + kDay, micros("2000-03-01"));
  EXPECT_EQ(micros("1900-02-28") + kDay, micros("1900-03-01"));
  EXPECT_EQ(text(micros("2024-02-29")), "2024-02-29T00:00:00Z");
  EXPECT_FALSE(parse_timestamp("2023-02-29"));
  EXPECT_FALSE(parse_timestamp("1900-02-29"));
  EXPECT_FALSE(parse_timestamp("2026-04-31"));
}

TEST(Timestamp, KnowsYearsThatNanosecondsDoNot) {
  EXPECT_EQ(text(micros("2263-01-01")), "2263-01-01T00:00:00Z");
  EXPECT_EQ(text(micros("1600-02-29 12:00")), "1600-02-29T12:00:00Z");
  EXPECT_EQ(text(micros("9999-12-31 23:59:59.999999")), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(text(micros("9999-12-31") + kDay), "+10000-01-01T00:00:00Z");
  EXPECT_EQ(micros("+10000-01-01"), micros("9999-12-31") + kDay);
  EXPECT_EQ(text(micros("-0001-12-31") + kDay), "0000-01-01T00:00:00Z");
}

TEST(Timestamp, ReadsBackTheEndsOfTime) {
  for (const auto time : {Timestamp::min(), Timestamp::max()}) {
    EXPECT_EQ(parse_timestamp(format_timestamp(time)).value(), time) << format_timestamp(time);
  }
  EXPECT_EQ(format_timestamp(Timestamp::min()), "-290308-12-21T19:59:05.224192Z");
  EXPECT_EQ(format_timestamp(Timestamp::max()), "+294247-01-10T04:00:54.775807Z");
  EXPECT_FALSE(parse_timestamp("-290308-12-21T19:59:05.224191Z"));
  EXPECT_FALSE(parse_timestamp("+294247-01-10T04:00:54.775808Z"));
  EXPECT_FALSE(parse_timestamp("+999999-01-01"));
}

TEST(Timestamp, WritesFractionsAsNeeded) {
  EXPECT_EQ(text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(text(250'000), "1970-01-01T00:00:00.250Z");
  EXPECT_EQ(text(250'001), "1970-01-01T00:00:00.250001Z");
  EXPECT_EQ(text(0, true), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(text(250'000, true), "1970-01-01T00:00:00.250000Z");
}

TEST(Timestamp, RefusesWhatIsNoTimestamp) {
  for (const auto* text : {"",
                           "now",
                           "2026",
                           "2026-05",
                           "2026-5-7",
                           "26-05-07",
                           "2026-13-01",
                           "2026-00-01",
                           "2026-01-00",
                           "2026-05-07 ",
                           "2026-05-07 22",
                           "2026-05-07 24:00",
                           "2026-05-07 22:60",
                           "2026-05-07 22:00:60",
                           "2026-05-07 22:00:00 Z",
                           "2026-05-07 22:00:00+2",
                           "2026-05-07 22:00:00+02",
                           "2026-05-07 22:00:00+24:00",
                           "2026-05-07 22:00:00+02:60",
                           "2026-05-07 22:00.5",
                           "2026-05-07Z",
                           " 2026-05-07",
                           "2026-05-07x",
                           "2026-05-07  22:00",
                           "12026-05-07",
                           "+123-01-01",
                           "1778191200"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
  EXPECT_THAT(std::string(parse_timestamp("now").error().message()),
              testing::HasSubstr("'now' is not a timestamp"));
}

}  // namespace
}  // namespace provender
