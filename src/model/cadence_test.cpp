#include "model/cadence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace provender {
namespace {

using testing::HasSubstr;
using CadenceKind = Cadence::Kind;

Cadence cadence(std::string_view text) {
  const auto parsed = parse_cadence(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(Cadence{});
}

std::string refusal(std::string_view text) {
  const auto parsed = parse_cadence(text);
  EXPECT_FALSE(parsed) << text;
  return parsed ? "" : std::string(parsed.error().message());
}

std::string due(std::string_view text, std::string_view after) {
  const auto next = next_due(cadence(text), parse_timestamp(after).value());
  return next ? format_timestamp(*next) : "never";
}

TEST(Cadence, HasNames) {
  EXPECT_EQ(cadence("manual").kind, CadenceKind::Manual);
  EXPECT_EQ(cadence("streaming").kind, CadenceKind::Streaming);
  EXPECT_EQ(cadence("hourly"), cadence("1h"));
  EXPECT_EQ(cadence("daily"), cadence("24h"));
  EXPECT_EQ(cadence("weekly"), cadence("0 0 * * 1"));
}

TEST(Cadence, IsReadBackFromItsText) {
  for (const auto* text :
       {"manual", "streaming", "hourly", "daily", "weekly", "15m", "1h30m", "0 6 * * mon-fri"}) {
    EXPECT_EQ(format_cadence(cadence(text)), text);
  }
  EXPECT_EQ(format_cadence(cadence("60m")), "hourly");
  EXPECT_EQ(format_cadence(cadence(" */5  *   * * * ")), "*/5 * * * *");
}

TEST(Cadence, RefusesOtherText) {
  EXPECT_THAT(refusal("hourlyy"), HasSubstr("did you mean 'hourly'?"));
  EXPECT_THAT(refusal(""), HasSubstr("is not a cadence"));
  EXPECT_THAT(refusal("15x"), HasSubstr("is not a duration"));
  EXPECT_THAT(refusal("0s"), HasSubstr("it is zero"));
}

TEST(Cadence, EveryIsAlignedToTheEpoch) {
  EXPECT_EQ(due("hourly", "2026-05-07 21:59:59.999999"), "2026-05-07T22:00:00Z");
  EXPECT_EQ(due("hourly", "2026-05-07 22:00"), "2026-05-07T23:00:00Z");
  EXPECT_EQ(due("daily", "2026-05-07 22:00"), "2026-05-08T00:00:00Z");
  EXPECT_EQ(due("15m", "2026-05-07 22:01"), "2026-05-07T22:15:00Z");
  EXPECT_EQ(due("hourly", "1969-12-31 22:30"), "1969-12-31T23:00:00Z");
}

TEST(Cadence, IsNeverDueWhereThereIsNoNextTime) {
  EXPECT_EQ(due("manual", "2026-05-07"), "never");
  EXPECT_EQ(due("streaming", "2026-05-07"), "never");
  EXPECT_EQ(next_due(cadence("hourly"), Timestamp::max()), std::nullopt);
  EXPECT_EQ(next_due(cadence("0 * * * *"), Timestamp::max()), std::nullopt);
  EXPECT_TRUE(next_due(cadence("hourly"), Timestamp::min()));
  EXPECT_TRUE(next_due(cadence("0 * * * *"), Timestamp::min()));
}

TEST(Cron, FindsTheNextMinute) {
  EXPECT_EQ(due("0 * * * *", "2026-05-07 22:00"), "2026-05-07T23:00:00Z");
  EXPECT_EQ(due("* * * * *", "2026-05-07 22:00:30"), "2026-05-07T22:01:00Z");
  EXPECT_EQ(due("*/15 * * * *", "2026-05-07 22:50"), "2026-05-07T23:00:00Z");
  EXPECT_EQ(due("30 6 * * *", "2026-05-07 06:30"), "2026-05-08T06:30:00Z");
  EXPECT_EQ(due("59 23 31 12 *", "2026-12-31 23:59"), "2027-12-31T23:59:00Z");
}

TEST(Cron, UnderstandsListsRangesStepsAndNames) {
  EXPECT_EQ(due("5,35 8-18/5 * * *", "2026-05-07 08:35"), "2026-05-07T13:05:00Z");
  EXPECT_EQ(due("0 0 1 JAN,jul *", "2026-05-07"), "2026-07-01T00:00:00Z");
  EXPECT_EQ(due("0 6 * * mon-fri", "2026-05-08 07:00"), "2026-05-11T06:00:00Z");  // Friday → Monday
  EXPECT_EQ(due("0 0 * * 0", "2026-05-07"), "2026-05-10T00:00:00Z");
  EXPECT_EQ(due("0 0 * * 7", "2026-05-07"), "2026-05-10T00:00:00Z");
  EXPECT_EQ(due("0 0 * * 6-7", "2026-05-09"), "2026-05-10T00:00:00Z");
}

TEST(Cron, TakesEitherDayWhenBothAreRestricted) {
  EXPECT_EQ(due("0 0 13 * fri", "2026-05-07"), "2026-05-08T00:00:00Z");
  EXPECT_EQ(due("0 0 13 * fri", "2026-05-08"), "2026-05-13T00:00:00Z");
  EXPECT_EQ(due("0 0 */2 * fri", "2026-05-08"), "2026-05-15T00:00:00Z");
}

TEST(Cron, WaitsForLeapDays) {
  EXPECT_EQ(due("0 0 29 2 *", "2024-02-29"), "2028-02-29T00:00:00Z");
  EXPECT_EQ(due("0 0 29 2 *", "2097-01-01"), "2104-02-29T00:00:00Z");
  EXPECT_EQ(due("0 0 29 2 */7", "2088-02-29"), "2128-02-29T00:00:00Z");  // only Sundays
}

TEST(Cron, RefusesWhatIsNone) {
  EXPECT_THAT(refusal("* * * *"), HasSubstr("expected 5 fields"));
  EXPECT_THAT(refusal("* * * * * *"), HasSubstr("found 6"));
  EXPECT_THAT(refusal("60 * * * *"), HasSubstr("the minute '60' is not a number from 0 to 59"));
  EXPECT_THAT(refusal("* 24 * * *"), HasSubstr("the hour '24'"));
  EXPECT_THAT(refusal("* * 0 * *"), HasSubstr("the day of month '0'"));
  EXPECT_THAT(refusal("* * * 13 *"), HasSubstr("the month '13'"));
  EXPECT_THAT(refusal("* * * * 8"), HasSubstr("the day of week '8'"));
  EXPECT_THAT(refusal("* * * foo *"), HasSubstr("the month 'foo'"));
  EXPECT_THAT(refusal("5-1 * * * *"), HasSubstr("runs backwards"));
  EXPECT_THAT(refusal("1-2-3 * * * *"), HasSubstr("not a range"));
  EXPECT_THAT(refusal("*/0 * * * *"), HasSubstr("the minute '0' is not a number from 1 to 59"));
  EXPECT_THAT(refusal("*/60 * * * *"), HasSubstr("is not a number from 1 to 59"));
  EXPECT_THAT(refusal("5/15 * * * *"), HasSubstr("step without a range"));
  EXPECT_THAT(refusal("1,,2 * * * *"), HasSubstr("the minute ''"));
  EXPECT_THAT(refusal("-1 * * * *"), HasSubstr("the minute"));
  EXPECT_THAT(refusal("1.5 * * * *"), HasSubstr("the minute '1.5'"));
}

TEST(Cron, RefusesADayThatNeverComes) {
  EXPECT_THAT(refusal("0 0 30 2 *"), HasSubstr("no year has such a day"));
  EXPECT_THAT(refusal("0 0 31 4,6,9,11 *"), HasSubstr("no year has such a day"));
}

}  // namespace
}  // namespace provender
