#include "offline/statement.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace provender::offline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// The tree of SELECT * FROM `table`, as json_serialize_sql gives it where it matters.
std::string tree_of(std::string_view table, std::string_view ctes = "[]") {
  return fmt::format(
      R"({{"error":false,"statements":[{{"node":{{"type":"SELECT_NODE","cte_map":{{"map":{}}},)"
      R"("from_table":{}}}}}]}})",
      ctes,
      table);
}

std::string base_table(std::string_view name, std::string_view schema = "") {
  return fmt::format(
      R"({{"type":"BASE_TABLE","query_location":14,"schema_name":"{}","table_name":"{}","catalog_name":""}})",
      schema,
      name);
}

std::string function(std::string_view name, std::string_view argument) {
  return fmt::format(
      R"({{"type":"TABLE_FUNCTION","function":{{"class":"FUNCTION","function_name":"{}","children":[{}]}}}})",
      name,
      argument);
}

std::string constant(std::string_view text, int at) {
  return fmt::format(
      R"({{"class":"CONSTANT","query_location":{},"value":{{"is_null":false,"value":"{}"}}}})",
      at,
      text);
}

std::string message_of(const Result<SelectShape>& result) {
  return result ? "" : std::string(result.error().message());
}

TEST(Statement, FindsTablesAndPaths) {
  auto shape = read_select(tree_of(base_table("ratings")));
  ASSERT_TRUE(shape);
  EXPECT_THAT(shape->tables, ElementsAre("ratings"));
  EXPECT_THAT(shape->paths, IsEmpty());

  shape = read_select(tree_of(base_table("data/*.parquet")));
  ASSERT_TRUE(shape);
  EXPECT_THAT(shape->tables, IsEmpty());
  ASSERT_EQ(shape->paths.size(), 1U);
  EXPECT_EQ(shape->paths[0].path, "data/*.parquet");
  EXPECT_EQ(shape->paths[0].at, 14U);
}

TEST(Statement, FindsThePathsOfFileReaders) {
  const auto list = R"({"class":"FUNCTION","function_name":"list_value","children":[)" +
                    constant("b.csv", 40) + "," + constant("a.csv", 30) + "]}";
  const auto shape = read_select(tree_of(function("read_csv", list)));
  ASSERT_TRUE(shape) << message_of(shape);
  ASSERT_EQ(shape->paths.size(), 2U);
  EXPECT_EQ(shape->paths[0].path, "a.csv");
  EXPECT_EQ(shape->paths[1].path, "b.csv");
}

TEST(Statement, DoesNotTakeACommonTableExpressionForASqlView) {
  const auto shape = read_select(tree_of(base_table("Recent"), R"([{"key":"recent","value":{}}])"));
  ASSERT_TRUE(shape);
  EXPECT_THAT(shape->tables, IsEmpty());
}

TEST(Statement, RefusesWhatIsNotOneSelect) {
  EXPECT_THAT(
      message_of(read_select(
          R"({"error":true,"error_type":"not implemented","error_message":"Only SELECT"})")),
      HasSubstr("exactly one SELECT"));
  EXPECT_THAT(message_of(read_select(
                  R"({"error":true,"error_type":"parser","error_message":"syntax error at x"})")),
              HasSubstr("syntax error at x"));
  EXPECT_THAT(message_of(read_select(R"({"error":false,"statements":[]})")),
              HasSubstr("has 0 statements"));
  EXPECT_THAT(message_of(read_select(R"({"error":false,"statements":[{},{}]})")),
              HasSubstr("has 2 statements"));
  EXPECT_THAT(message_of(read_select(tree_of(R"({"type":"SHOW_REF"})"))), HasSubstr("DESCRIBE"));
  EXPECT_THAT(message_of(read_select(tree_of(R"({"type":"VALUE_PARAMETER"})"))),
              HasSubstr("no parameters"));
}

TEST(Statement, RefusesOtherWaysOfReading) {
  EXPECT_THAT(message_of(read_select(tree_of(base_table("tables", "information_schema")))),
              HasSubstr("reads 'information_schema.tables'"));
  EXPECT_THAT(message_of(read_select(tree_of(function("read_text", constant("/etc/passwd", 3))))),
              HasSubstr("calls read_text()"));
  EXPECT_THAT(message_of(read_select(tree_of(function("duckdb_settings", "")))),
              HasSubstr("calls duckdb_settings()"));
  EXPECT_THAT(message_of(read_select(tree_of(
                  function("read_csv", R"({"class":"FUNCTION","function_name":"getvariable"})")))),
              HasSubstr("something else than a quoted path"));
}

TEST(Statement, ReplacesPathsWhereTheyStand) {
  const std::string sql = "SELECT 'a.csv' FROM 'a.csv', read_csv('it''s.csv')";
  const auto out = replace_paths(sql,
                                 {{.path = "a.csv", .at = 20}, {.path = "it's.csv", .at = 38}},
                                 {"/p/a.csv", "/p/it's.csv"});
  ASSERT_TRUE(out) << out.error().message();
  EXPECT_EQ(*out, "SELECT 'a.csv' FROM '/p/a.csv', read_csv('/p/it''s.csv')");
}

TEST(Statement, RefusesAPathThatIsNotWrittenPlainly) {
  EXPECT_FALSE(replace_paths("FROM E'a\\.csv'", {{.path = "a.csv", .at = 5}}, {"/a.csv"}));
  EXPECT_FALSE(replace_paths("FROM 'b.csv'", {{.path = "a.csv", .at = 5}}, {"/a.csv"}));
  EXPECT_FALSE(replace_paths("FROM", {{.path = "a.csv", .at = 50}}, {"/a.csv"}));
}

TEST(Statement, NestsViewsInTheOrderOfTheirUse) {
  EXPECT_EQ(compile_select({}, "SELECT 1 ; \n"), "SELECT 1");
  EXPECT_EQ(
      compile_select({{.name = "a", .sql = "SELECT 1 -- one"}, {.name = "b", .sql = "FROM a;"}},
                     "FROM b"),
      "WITH \"a\" AS (\nSELECT 1 -- one\n),\n\"b\" AS (\nFROM a\n)\nSELECT * FROM (\nFROM b\n)");
}

}  // namespace
}  // namespace provender::offline
