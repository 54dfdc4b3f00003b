#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "definitions/yaml/node.hpp"

namespace provender::definitions::yaml {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Parsed {
  std::optional<Node> root;
  std::vector<std::string> problems;
};

Parsed parse_text(std::string_view text) {
  std::vector<Problem> problems;
  Parsed parsed{.root = parse(text, "f.yaml", problems), .problems = {}};
  for (const auto& problem : problems) {
    parsed.problems.push_back(std::to_string(problem.where.line) + ": " + problem.message);
  }
  return parsed;
}

TEST(Yaml, KeepsDuplicateKeysLinesAndQuotes) {
  const auto root = parse_text("a: 5\nb:\n  - \"5\"\n  - ~\na: {c: 'd'}\n").root.value();
  ASSERT_EQ(root.members.size(), 3U);
  EXPECT_EQ(root.members[0].value.style, Node::Style::Plain);
  const Node& list = root.members[1].value;
  ASSERT_EQ(list.items.size(), 2U);
  EXPECT_EQ(list.items[0].style, Node::Style::Quoted);
  EXPECT_EQ(list.items[0].line, 3);
  EXPECT_TRUE(list.items[1].is(Node::Kind::Null));
  EXPECT_EQ(root.members[2].key.text, "a");
  EXPECT_EQ(root.members[2].key.line, 5);
}

TEST(Yaml, PutsCopiesInPlaceOfAliases) {
  const auto root = parse_text("a: &x {k: [1, 2]}\nb: *x\n").root.value();
  const Node& copy = root.members[1].value;
  ASSERT_EQ(copy.members.size(), 1U);
  EXPECT_EQ(copy.members[0].value.items[1].text, "2");
}

TEST(Yaml, ReadsAnEmptyFileAsNothing) {
  for (const auto* text : {"", "\n\n", "# only a comment\n", "---\n", "\xEF\xBB\xBF"}) {
    const auto parsed = parse_text(text);
    ASSERT_TRUE(parsed.root) << text;
    EXPECT_TRUE(parsed.root->is(Node::Kind::Null)) << text;
    EXPECT_THAT(parsed.problems, IsEmpty());
  }
}

TEST(Yaml, TakesAByteOrderMarkAndWindowsLines) {
  const auto root = parse_text(
                        "\xEF\xBB\xBF"
                        "a: 'x'\r\nb: \"y\"\r\n")
                        .root.value();
  ASSERT_EQ(root.members.size(), 2U);
  EXPECT_EQ(root.members[0].key.text, "a");
  EXPECT_EQ(root.members[1].value.text, "y");
}

struct BadYaml {
  std::string_view text;
  std::string message;
};

void expect_refused(const std::vector<BadYaml>& cases) {
  for (const auto& bad : cases) {
    SCOPED_TRACE(bad.text);
    const auto parsed = parse_text(bad.text);
    EXPECT_FALSE(parsed.root);
    EXPECT_THAT(parsed.problems, ElementsAre(bad.message));
  }
}

TEST(BadYaml, SaysWhatIsNoYaml) {
  expect_refused(
      {BadYaml{"a:\n  b: {c: d\n  e: f\n",
               "3: not valid YAML: expected ',' or '}' in the map that begins with '{' on line 2"},
       BadYaml{"a: [b",
               "1: not valid YAML: expected ',' or ']' in the list that begins with '[' on line 1"},
       BadYaml{"a:\n - b\n c: d\n",
               "3: not valid YAML: the indentation fits neither the map that begins on line 1 nor "
               "what is around it"},
       BadYaml{"a:\n\tb: 1\n", "2: not valid YAML: a tab in the indentation: indent with spaces"},
       BadYaml{
           "a: b: c\n",
           "1: not valid YAML: a ':' that begins no value here: check the indentation, or quote a "
           "text that holds ': '"},
       BadYaml{
           "a: *b\n",
           "1: not valid YAML: an alias (*name) of an anchor (&name) that is not there before it"},
       BadYaml{"a: &x [*x]\n", "1: not valid YAML: an alias inside of what it stands for"},
       BadYaml{"a: !secret b\n",
               "1: not valid YAML: the tag '!secret' means nothing here: remove it"},
       BadYaml{"{a: 1}: b\n",
               "1: not valid YAML: a list or map as a key (a value with braces needs quotes)"},
       BadYaml{"a: 1\n---\nb: 2\n",
               "2: not valid YAML: a second document (---): one file holds one document"},
       BadYaml{"a: 1\nb: \"SELECT 1\nFROM x\n",
               "2: not valid YAML: the quote that begins here is not closed"},
       BadYaml{"a: &x 'it''s\n", "1: not valid YAML: the quote that begins here is not closed"},
       BadYaml{"a: {b: [1, 2}\n",
               "1: not valid YAML: a ']' or '}' that closes nothing: it opens nowhere, or with the "
               "other kind of bracket"},
       BadYaml{"a: @b\n",
               "1: not valid YAML: a text cannot begin with this sign: put it in quotes"},
       BadYaml{"a: 'b", "1: not valid YAML: a quote is not closed before the end of the file"}});
}

TEST(BadYaml, SaysWhichBytesAreNoText) {
  expect_refused(
      {BadYaml{"a: b\nc: \xFF\xFE\n", "2: not UTF-8: save the file as UTF-8"},
       BadYaml{"a: b\n\x04 c: d\n", "2: the control character 0x04 is not allowed: remove it"},
       BadYaml{std::string_view("a: b\0c", 6),
               "1: the control character 0x00 is not allowed: remove it"}});
}

TEST(Yaml, StopsAliasesThatMultiply) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) {
      text += before + ", ";
    }
    text += "]\n";
  }
  EXPECT_THAT(parse_text(text).problems,
              ElementsAre("6: not valid YAML: aliases expand to over 1000000 values"));
}

TEST(Yaml, StopsDeepNesting) {
  const auto parsed = parse_text("a: " + std::string(100'000, '['));
  EXPECT_FALSE(parsed.root);
  EXPECT_EQ(parsed.problems.size(), 1U);
}

}  // namespace
}  // namespace provender::definitions::yaml
