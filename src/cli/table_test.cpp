#include "cli/table.hpp"

#include <gtest/gtest.h>

namespace provender::cli {
namespace {

Table sample() {
  Table table({{"NAME"}, {.title = "ROWS", .align = Table::Align::Right}, {"NOTE"}});
  table.add({"映画", "12", "two wide characters"});
  table.add({"plain", "1,234", ""});
  return table;
}

TEST(Table, AlignsByWhatIsSeenAndEndsLinesWithoutSpaces) {
  EXPECT_EQ(sample().render({}),
            "NAME    ROWS  NOTE\n"
            "映画      12  two wide characters\n"
            "plain  1,234\n");
}

TEST(Table, CutsTheWidestColumnsOnANarrowTerminal) {
  EXPECT_EQ(sample().render({.is_terminal = true, .width = 26}),
            "NAME    ROWS  NOTE\n"
            "映画      12  two wide ch…\n"
            "plain  1,234\n");
}

TEST(Table, CutsElasticColumnsFirst) {
  Table table({{"FEATURE"}, {.title = "SOURCE", .elastic = true}, {"CADENCE"}});
  table.add({"watch_count_30d", "data/watches.csv", "hourly"});
  EXPECT_EQ(table.render({.is_terminal = true, .width = 34}),
            "FEATURE          SOURCE    CADENCE\n"
            "watch_count_30d  data/wa…  hourly\n");
  EXPECT_EQ(table.render({.is_terminal = true, .width = 28}),
            "FEATURE      SOURCE  CADENCE\n"
            "watch_coun…  data/…  hourly\n");
}

TEST(Table, KeepsEveryColumnReadableHoweverNarrowTheTerminal) {
  EXPECT_EQ(sample().render({.is_terminal = true, .width = 5}),
            "NAME    ROWS  NOTE\n"
            "映画      12  two w…\n"
            "plain  1,234\n");
}

TEST(Table, ColoursTheTextAndNotThePadding) {
  Table table({{""}, {""}});
  table.add({TableCell("late", Style::Red), "x"});
  table.add({"manual", "y"});
  EXPECT_EQ(table.render({.is_terminal = true, .colour = true}),
            "\x1b[31mlate\x1b[0m    x\n"
            "manual  y\n");
}

TEST(Table, ShowsForeignTextOnOneLine) {
  Table table({{"VALUE"}});
  table.add({"two\nlines\x1b[2J"});
  EXPECT_EQ(table.render({}), "VALUE\ntwo\\nlines\\x1b[2J\n");
}

}  // namespace
}  // namespace provender::cli
