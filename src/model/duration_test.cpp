#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "provender/types.hpp"

namespace provender {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::string message(std::string_view text) {
  const auto duration = parse_duration(text);
  EXPECT_FALSE(duration) << text;
  return duration ? "" : std::string(duration.error().message());
}

TEST(Duration, ReadsEachUnit) {
  EXPECT_EQ(parse_duration("7us").value(), 7us);
  EXPECT_EQ(parse_duration("250ms").value(), 250ms);
  EXPECT_EQ(parse_duration("1s").value(), 1s);
  EXPECT_EQ(parse_duration("15m").value(), 15min);
  EXPECT_EQ(parse_duration("2h").value(), 2h);
  EXPECT_EQ(parse_duration("30d").value(), 24h * 30);
  EXPECT_EQ(parse_duration("1w").value(), 24h * 7);
  EXPECT_EQ(parse_duration("1h30m").value(), 90min);
  EXPECT_EQ(parse_duration("0h5m").value(), 5min);
}

TEST(Duration, RefusesWhatIsNoDuration) {
  EXPECT_THAT(message(""), HasSubstr("it is empty"));
  EXPECT_THAT(message("0d"), HasSubstr("it is zero"));
  EXPECT_THAT(message("15"), HasSubstr("the unit is missing"));
  EXPECT_THAT(message("d"), HasSubstr("a whole number is missing"));
  EXPECT_THAT(message("-5m"), HasSubstr("a whole number is missing"));
  EXPECT_THAT(message("1.5h"), HasSubstr("'.' is not a unit"));
  EXPECT_THAT(message("5 m"), HasSubstr("' m' is not a unit"));
  EXPECT_THAT(message("5M"), HasSubstr("'M' is not a unit"));
  EXPECT_THAT(message("1y"), HasSubstr("'y' is not a unit"));
  EXPECT_THAT(message("1h "), HasSubstr("'h ' is not a unit"));
}

TEST(Duration, RefusesWhatDoesNotFit) {
  EXPECT_EQ(parse_duration("9223372036854775807us").value(), Duration::max());
  EXPECT_THAT(message("9223372036854775808us"), HasSubstr("longer than 292,000 years"));
  EXPECT_THAT(message("99999999999999999999s"), HasSubstr("longer than 292,000 years"));
  EXPECT_THAT(message("106751992d"), HasSubstr("longer than 292,000 years"));
  EXPECT_THAT(message("9223372036854775807us1us"), HasSubstr("longer than 292,000 years"));
}

TEST(Duration, IsWrittenAsItIsUsuallySaid) {
  EXPECT_EQ(format_duration(24h * 30), "30d");
  EXPECT_EQ(format_duration(24h * 7), "7d");
  EXPECT_EQ(format_duration(90min), "1h30m");
  EXPECT_EQ(format_duration(250ms), "250ms");
  EXPECT_EQ(format_duration(1s + 1us), "1s1us");
  for (const Duration duration : {Duration::max(), Duration(1), Duration(24h + 61s + 1001us)}) {
    EXPECT_EQ(parse_duration(format_duration(duration)).value(), duration);
  }
}

}  // namespace
}  // namespace provender
