#include "cli/text.hpp"

#include <gtest/gtest.h>

namespace provender::cli {
namespace {

using namespace std::chrono_literals;

TEST(DisplayWidth, CountsCharactersAsATerminalDoes) {
  EXPECT_EQ(display_width("power_user"), 10);
  EXPECT_EQ(display_width("Müller"), 6);
  EXPECT_EQ(display_width("映画"), 4);
  EXPECT_EQ(display_width("e\u0301"), 1);  // e and a combining acute
  EXPECT_EQ(display_width("\xff\xfe"), 2);
}

TEST(Truncate, CutsBetweenCharactersAndSaysSo) {
  EXPECT_EQ(truncate("documentary", 11), "documentary");
  EXPECT_EQ(truncate("documentary", 10), "documenta…");
  EXPECT_EQ(truncate("映画映画", 6), "映画…");  // five columns: half a character cannot be shown
  EXPECT_EQ(truncate("abc", 1), "…");
  EXPECT_EQ(truncate("abc", 0), "");
}

TEST(Printable, LeavesNothingThatATerminalWouldObey) {
  EXPECT_EQ(printable("plain ü 映"), "plain ü 映");
  EXPECT_EQ(printable("a\nb\tc"), "a\\nb\\tc");
  EXPECT_EQ(printable("\x1b[31m"), "\\x1b[31m");
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("\xc2\x9b"), "\\x9b");       // a C1 control, well-formed UTF-8
  EXPECT_EQ(printable("\u202e"), "\\u202e");       // would turn the text around
  EXPECT_EQ(printable("\xe6\x98"), "\\xe6\\x98");  // a character cut off
}

TEST(Grouped, SetsThousandsApart) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(18446744073709551615U), "18,446,744,073,709,551,615");
}

TEST(Counted, AgreesWithTheNumber) {
  EXPECT_EQ(counted(0, "pass", "passes"), "0 passes");
  EXPECT_EQ(counted(1, "pass", "passes"), "1 pass");
  EXPECT_EQ(counted(1234, "row has", "rows have"), "1,234 rows have");
}

TEST(About, KeepsTwoOrThreeDigits) {
  EXPECT_EQ(about(87), "87");
  EXPECT_EQ(about(999.4), "999");
  EXPECT_EQ(about(999.6), "1.0 k");
  EXPECT_EQ(about(3400), "3.4 k");
  EXPECT_EQ(about(512'345), "512 k");
  EXPECT_EQ(about(1'200'000), "1.2 M");
}

TEST(FormatAge, NamesTheTwoLargestUnits) {
  EXPECT_EQ(format_age(412ms), "412ms");
  EXPECT_EQ(format_age(12s + 800ms), "12s");
  EXPECT_EQ(format_age(5min + 12s), "5m 12s");
  EXPECT_EQ(format_age(5h), "5h");
  EXPECT_EQ(format_age(24h * 201 + 6h + 59min), "201d 6h");
  EXPECT_EQ(format_age(-3s), "-3s");
  EXPECT_EQ(format_age(Duration::min()), "-106751991d 4h");
}

TEST(FormatDistance, LooksBothWays) {
  const Timestamp now{1h};
  EXPECT_EQ(format_distance(now - 312s, now), "5m 12s ago");
  EXPECT_EQ(format_distance(now + 48s, now), "in 48s");
  EXPECT_EQ(format_distance(now - 999ms, now), "now");
}

TEST(Paint, LeavesTextAloneWithoutColour) {
  EXPECT_EQ(paint("late", Style::Red, false), "late");
  EXPECT_EQ(paint("late", Style::Red, true), "\x1b[31mlate\x1b[0m");
  EXPECT_EQ(paint("late", Style::Plain, true), "late");
}

}  // namespace
}  // namespace provender::cli
