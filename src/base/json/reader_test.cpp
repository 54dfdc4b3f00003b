#include "base/json/reader.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace provender::json {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string refusal(std::string_view text) {
  Parser parser;
  const auto parsed = parser.parse(text);
  EXPECT_FALSE(parsed) << text;
  if (parsed) return "";
  EXPECT_EQ(parsed.error().code(), ErrorCode::InvalidArgument);
  return std::string(parsed.error().message());
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + "1" + std::string(depth, ']');
}

TEST(JsonReader, ReadsEachKind) {
  Parser parser;
  const auto kind = [&](std::string_view text) { return parser.parse(text).value().kind(); };
  EXPECT_EQ(kind("null"), Value::Kind::Null);
  EXPECT_EQ(kind("true"), Value::Kind::Bool);
  EXPECT_EQ(kind(" -1 "), Value::Kind::Int);
  EXPECT_EQ(kind("18446744073709551615"), Value::Kind::UInt);
  EXPECT_EQ(kind("1.0"), Value::Kind::Double);
  EXPECT_EQ(kind("\"\""), Value::Kind::String);
  EXPECT_EQ(kind("[]"), Value::Kind::Array);
  EXPECT_EQ(kind("{}"), Value::Kind::Object);
}

TEST(JsonReader, GivesScalarsAsTheyWereWritten) {
  Parser parser;
  EXPECT_FALSE(parser.parse("false").value().as_bool());
  EXPECT_TRUE(parser.parse("true").value().as_bool());
  EXPECT_EQ(parser.parse("9223372036854775807").value().as_int(), INT64_MAX);
  EXPECT_EQ(parser.parse("-9223372036854775808").value().as_int(), INT64_MIN);
  EXPECT_EQ(parser.parse("9223372036854775808").value().as_uint(), std::uint64_t{1} << 63);
  EXPECT_EQ(parser.parse("0.1").value().as_double(), 0.1);
  EXPECT_EQ(parser.parse(R"("a\"\u00e9\ud83d\ude00\u0000")").value().as_string(),
            std::string_view("a\"\u00e9\U0001F600\0", 9));
}

TEST(JsonReader, WalksArraysInOrder) {
  Parser parser;
  const Value array = parser.parse(R"([1, [2, {"a": 3}], {}, 1.5, "x", null, 4])").value();
  EXPECT_EQ(array.size(), 7);
  std::vector<Value::Kind> kinds;
  array.for_each_element([&](Value element) { kinds.push_back(element.kind()); });
  using enum Value::Kind;
  EXPECT_THAT(kinds, ElementsAre(Int, Array, Object, Double, String, Null, Int));
}

TEST(JsonReader, ShowsMembersInOrderDuplicatesIncluded) {
  Parser parser;
  const Value object = parser.parse(R"({"b": 1, "a": 2, "b": 3, "\u0061\n": 4})").value();
  EXPECT_EQ(object.size(), 4);
  std::vector<std::pair<std::string, std::int64_t>> members;
  object.for_each_member(
      [&](std::string_view key, Value value) { members.emplace_back(key, value.as_int()); });
  EXPECT_THAT(members, ElementsAre(Pair("b", 1), Pair("a", 2), Pair("b", 3), Pair("a\n", 4)));
}

TEST(JsonReader, FindsTheFirstMemberOfAName) {
  Parser parser;
  const Value object = parser.parse(R"({"x": {"y": 0}, "y": 1, "y": 2})").value();
  EXPECT_EQ(object.find("y")->as_int(), 1);
  EXPECT_FALSE(object.find("z"));
  EXPECT_FALSE(parser.parse("{}").value().find("y"));
}

TEST(JsonReader, EmptyOnesHaveNothingInThem) {
  Parser parser;
  const auto fail = [](auto...) { FAIL(); };
  parser.parse("[]").value().for_each_element(fail);
  parser.parse("{}").value().for_each_member(fail);
  EXPECT_EQ(parser.parse("[]").value().size(), 0);
}

TEST(JsonReader, CanBeUsedAgainAlsoAfterAnError) {
  Parser parser;
  EXPECT_FALSE(parser.parse("{"));
  const std::string long_text = "\"" + std::string(100'000, 'x') + "\"";
  EXPECT_EQ(parser.parse(long_text).value().as_string().size(), 100'000);
  EXPECT_EQ(parser.parse("7").value().as_int(), 7);
  Parser moved = std::move(parser);
  EXPECT_EQ(moved.parse("8").value().as_int(), 8);
}

TEST(JsonReader, DoesNotNeedTheTextAfterwards) {
  Parser parser;
  std::string text = R"(["abc"])";
  const Value value = parser.parse(text).value();
  text.assign(text.size(), '#');
  value.for_each_element([](Value element) { EXPECT_EQ(element.as_string(), "abc"); });
}

TEST(JsonReader, BoundsTheDepth) {
  Parser parser;
  EXPECT_TRUE(parser.parse(nested(64)));
  EXPECT_THAT(refusal(nested(65)), HasSubstr("at most 64 levels"));
  EXPECT_THAT(refusal(nested(1'000'000)), HasSubstr("at most 64 levels"));
  Parser shallow(2);
  for (const auto* text : {R"({"a":[1]})", "[{}]", "[[],{},[-7,1.5,18446744073709551615],{}]"}) {
    EXPECT_TRUE(shallow.parse(text)) << text;
  }
  for (const auto* text : {R"({"a":[{"b":1}]})", "[[[]]]", "[[{}]]", "[-7,1.5,[2,{}]]"}) {
    EXPECT_FALSE(shallow.parse(text)) << text;
  }
  EXPECT_TRUE(shallow.parse("[[1]]"));
}

TEST(JsonReader, RefusesTextThatIsNotJson) {
  for (const auto* text :
       {"{",          "}",        "[1,]",  "[1 2]",         "{\"a\"}",  "{\"a\":}", "{\"a\":1,}",
        "{a:1}",      "{1:1}",    "'x'",   "// c\n1",       "[1]]",     "1 2",      "{} x",
        "true false", "nul",      "True",  "NaN",           "Infinity", "[,1]",     "\"\\x\"",
        "\"\\u12\"",  "\"a\nb\"", "\"abc", "\xEF\xBB\xBF{}"}) {
    refusal(text);
  }
  refusal(std::string_view("1\0", 2));
  refusal(std::string_view("{}\0", 3));
}

TEST(JsonReader, SaysWhatIsWrong) {
  EXPECT_THAT(refusal(""), HasSubstr("there is no text"));
  EXPECT_THAT(refusal(" \n"), HasSubstr("there is no text"));
  EXPECT_THAT(refusal("\"a"), HasSubstr("not closed"));
  EXPECT_THAT(refusal("{} {}"), HasSubstr("more text follows"));
  EXPECT_THAT(refusal("nulll"), HasSubstr("neither true, false nor null"));
}

TEST(JsonReader, RefusesTextThatIsNotUtf8) {
  EXPECT_THAT(refusal("\"\xff\""), HasSubstr("not UTF-8"));
  EXPECT_THAT(refusal("\"\xC0\xAF\""), HasSubstr("not UTF-8"));
  EXPECT_THAT(refusal("\"\xED\xA0\x80\""), HasSubstr("not UTF-8"));
  EXPECT_THAT(refusal("[1]\xff"), HasSubstr("not UTF-8"));
}

TEST(JsonReader, RefusesEscapesOfLoneSurrogates) {
  refusal(R"("\ud83d")");
  refusal(R"("\ude00")");
  refusal(R"("\ud83dx")");
}

TEST(JsonReader, RefusesNumbersThatDoNotFit) {
  EXPECT_THAT(refusal("18446744073709551616"),
              HasSubstr("number too large: 18446744073709551616 at byte 0"));
  EXPECT_THAT(refusal("[-9223372036854775809]"),
              HasSubstr("number too large: -9223372036854775809 at byte 1"));
  EXPECT_THAT(refusal(R"(["9 \" 9", 1, 1e999])"), HasSubstr("number too large: 1e999 at byte 14"));
  EXPECT_THAT(refusal(std::string(400, '9')), HasSubstr("number too large: 9999"));
}

TEST(JsonReader, RefusesMalformedNumbers) {
  EXPECT_THAT(refusal("[007]"), HasSubstr("'007' at byte 1 is not a number"));
  for (const auto* text :
       {"01", "-", "-01", "1.", "1.e5", "1e", "1e+", "--1", "1-1", "0x5", "-x", "1a"}) {
    refusal(text);
  }
  for (const auto* text : {"+1", ".5"}) {
    refusal(text);
  }
}

}  // namespace
}  // namespace provender::json
