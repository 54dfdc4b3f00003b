#include <limits>

#include "scenario.hpp"
#include <gtest/gtest.h>

namespace provender::scenario {
namespace {

void expect_both_ways(const Value& value, Type type, const std::string& text) {
  EXPECT_EQ(write_cell(value, type), text);
  const auto read = read_cell(text, type);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_TRUE(*read == value) << text;
}

TEST(Cell, TextThatWouldBeReadAsSomethingElseIsQuoted) {
  constexpr Type kText{.kind = Kind::String};
  expect_both_ways({.storage = std::string("plain é")}, kText, "plain é");
  expect_both_ways({.storage = std::string()}, kText, "''");
  expect_both_ways({.storage = std::string("null")}, kText, "'null'");
  expect_both_ways({.storage = std::string(" a ")}, kText, "' a '");
  expect_both_ways({.storage = std::string("a|b")}, kText, R"('a\x7cb')");
  expect_both_ways({.storage = std::string("it's")}, kText, R"('it\x27s')");
  expect_both_ways({.storage = std::string("\n\\\0", 3)}, kText, R"('\x0a\x5c\x00')");
  expect_both_ways({.storage = Bytes{}}, {.kind = Kind::Bytes}, "''");
}

TEST(Cell, ListsKeepNullsAndNumbersThatJsonHasNot) {
  constexpr Type kFloats{.kind = Kind::Float64, .is_list = true};
  const Value floats{
      .storage =
          ValueList{{.storage = -0.0}, {}, {.storage = std::numeric_limits<double>::infinity()}}};
  expect_both_ways(floats, kFloats, "[-0.0, null, inf]");
  expect_both_ways({.storage = ValueList{}}, kFloats, "[]");
  constexpr Type kTexts{.kind = Kind::String, .is_list = true};
  const Value texts{.storage = ValueList{{.storage = std::string("a\"\n")}, {}}};
  expect_both_ways(texts, kTexts, R"(["a\"\n", null])");
}

}  // namespace
}  // namespace provender::scenario
