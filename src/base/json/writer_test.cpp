#include "base/json/writer.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace provender::json {
namespace {

template <class F>
std::string written(F&& write) {
  std::string out;
  Writer writer(out);
  write(writer);
  return out;
}

std::string text_of(std::string_view v) {
  return written([&](Writer& w) { w.string(v); });
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  const std::string out = written([](Writer& w) {
    w.begin_object();
    w.key("a");
    w.begin_array();
    w.integer(1);
    w.null();
    w.begin_object();
    w.end_object();
    w.begin_array();
    w.end_array();
    w.boolean(true);
    w.end_array();
    w.key("b");
    w.raw("{\"x\":[]}");
    w.key("c");
    w.boolean(false);
    w.end_object();
  });
  EXPECT_EQ(out, R"({"a":[1,null,{},[],true],"b":{"x":[]},"c":false})");
}

TEST(JsonWriter, AppendsToWhatIsThere) {
  std::string out = "head ";
  Writer writer(out);
  writer.integer(7);
  EXPECT_EQ(out, "head 7");
}

TEST(JsonWriter, KeepsAll64BitsOfIntegers) {
  EXPECT_EQ(written([](Writer& w) { w.integer(std::numeric_limits<std::int64_t>::min()); }),
            "-9223372036854775808");
  EXPECT_EQ(written([](Writer& w) { w.integer(std::numeric_limits<std::int64_t>::max()); }),
            "9223372036854775807");
}

TEST(JsonWriter, WritesFloatsWithAPointOrAnExponent) {
  EXPECT_EQ(written([](Writer& w) { w.number(5.0); }), "5.0");
  EXPECT_EQ(written([](Writer& w) { w.number(-0.0); }), "-0.0");
  EXPECT_EQ(written([](Writer& w) { w.number(0.1F); }), "0.1");
  EXPECT_EQ(written([](Writer& w) { w.number(1e300); }), "1e+300");
}

TEST(JsonWriter, WritesNullForWhatJsonCannotCarry) {
  EXPECT_EQ(written([](Writer& w) { w.number(std::nan("")); }), "null");
  EXPECT_EQ(written([](Writer& w) { w.number(std::numeric_limits<double>::infinity()); }), "null");
  EXPECT_EQ(written([](Writer& w) { w.number(-std::numeric_limits<float>::infinity()); }), "null");
}

TEST(JsonWriter, EscapesAsTheRfcAsks) {
  EXPECT_EQ(text_of("say \"a\\b\"\n\t\r\b\f"), R"("say \"a\\b\"\n\t\r\b\f")");
  EXPECT_EQ(text_of(std::string("\0\x1f", 2)), R"("\u0000\u001f")");
  EXPECT_EQ(text_of(""), R"("")");
  EXPECT_EQ(written([](Writer& w) {
              w.begin_object();
              w.key("a\"b");
              w.null();
              w.end_object();
            }),
            R"({"a\"b":null})");
}

TEST(JsonWriter, KeepsUtf8AndReplacesWhatIsNone) {
  EXPECT_EQ(text_of("\u00e9\U0001F600"), "\"\u00e9\U0001F600\"");
  EXPECT_EQ(text_of("a\xff"
                    "b"),
            "\"a\uFFFDb\"");
  EXPECT_EQ(text_of("\xE2\x82"), "\"\uFFFD\uFFFD\"");
}

TEST(JsonWriter, WritesDeleteAsItIs) {
  EXPECT_EQ(text_of("\x7f"), "\"\x7f\"");
}

}  // namespace
}  // namespace provender::json
