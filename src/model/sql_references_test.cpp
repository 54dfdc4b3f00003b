#include "model/sql_references.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/sql_tokens.hpp"

namespace provender {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> words(std::string_view sql) {
  std::vector<std::string> texts;
  for (const SqlToken& token : sql_tokens(sql)) {
    texts.push_back(token.kind == SqlToken::Kind::String ? "''" : token.text);
  }
  return texts;
}

TEST(SqlTokens, CutsWordsAndSigns) {
  EXPECT_THAT(words("SELECT a.b+1 FROM T_1"),
              ElementsAre("select", "a", ".", "b", "+", "from", "t_1"));
  EXPECT_THAT(words(R"("A ""b"" c".x)"), ElementsAre(R"(a "b" c)", ".", "x"));
  EXPECT_THAT(words("größe"), ElementsAre("größe"));
  EXPECT_THAT(words("1 1.5 .5 1e5 1e-5 1E+5 0x1F 1_000 1.x"), ElementsAre(".", ".", "x"));
}

TEST(SqlTokens, LeavesCommentsOut) {
  EXPECT_THAT(words("a -- from b\nc"), ElementsAre("a", "c"));
  EXPECT_THAT(words("a /* b /* c */ d */ e"), ElementsAre("a", "e"));
  EXPECT_THAT(words("a - -b /c"), ElementsAre("a", "-", "-", "b", "/", "c"));
  EXPECT_THAT(words("a -- b"), ElementsAre("a"));
  EXPECT_THAT(words("a /* b"), ElementsAre("a"));
}

TEST(SqlTokens, TakesStringsWhole) {
  EXPECT_THAT(words("'it''s' x"), ElementsAre("''", "x"));
  EXPECT_THAT(words("'a\\' x"), ElementsAre("''", "x"));
  EXPECT_THAT(words("E'a\\' b' x"), ElementsAre("''", "x"));
  EXPECT_THAT(words("$$ a 'b' $$ x"), ElementsAre("''", "x"));
  EXPECT_THAT(words("$t$ a $$ b $t$ x"), ElementsAre("''", "x"));
  EXPECT_THAT(words("$1 + $name"), ElementsAre("$", "+", "$", "name"));
  EXPECT_THAT(words("'not closed"), ElementsAre("''"));
  EXPECT_THAT(words("e'not closed\\"), ElementsAre("''"));
  EXPECT_THAT(words("\"not closed"), ElementsAre("not closed"));
  EXPECT_THAT(words("$$not closed"), ElementsAre("''"));
  EXPECT_THAT(words("''"), ElementsAre("''"));
}

TEST(ReferencedTables, StandBehindFromAndJoin) {
  EXPECT_THAT(referenced_tables("SELECT * FROM ratings"), ElementsAre("ratings"));
  EXPECT_THAT(referenced_tables("select x from A, b AS c, \"D\" d"), ElementsAre("a", "b", "d"));
  EXPECT_THAT(
      referenced_tables("SELECT * FROM a JOIN b ON a.x = b.x LEFT JOIN c USING (x, y), d WHERE e"),
      ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(referenced_tables("SELECT * FROM a ASOF JOIN b ON a.t >= b.t"),
              ElementsAre("a", "b"));
  EXPECT_THAT(referenced_tables("FROM ratings SELECT user_id"), ElementsAre("ratings"));
  EXPECT_THAT(referenced_tables("SELECT * FROM main.ratings, memory.main.users"),
              ElementsAre("ratings", "users"));
}

TEST(ReferencedTables, StandInSubqueries) {
  EXPECT_THAT(referenced_tables(
                  "SELECT (SELECT max(x) FROM a) FROM (SELECT * FROM b) s, (c JOIN d ON true)"),
              ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(
      referenced_tables(
          "SELECT * FROM a WHERE x IN (SELECT x FROM b) UNION ALL SELECT * FROM c ORDER BY x, y"),
      ElementsAre("a", "b", "c"));
  EXPECT_THAT(referenced_tables("SELECT * FROM a, LATERAL (SELECT * FROM b) WHERE EXISTS (FROM c)"),
              ElementsAre("a", "b", "c"));
}

TEST(ReferencedTables, AreNoColumnsAliasesOrFunctions) {
  EXPECT_THAT(referenced_tables(
                  "SELECT rating, ratings.rating AS users FROM ratings r, r2 users GROUP BY a, b"),
              ElementsAre("r2", "ratings"));
  EXPECT_THAT(
      referenced_tables(
          "SELECT sum(a, b) OVER (PARTITION BY c, d) FROM read_parquet(paths, x), range(10) t, e"),
      ElementsAre("e"));
  EXPECT_THAT(referenced_tables("SELECT * FROM a LIMIT b OFFSET c"), ElementsAre("a"));
}

TEST(ReferencedTables, AreNoPathsStringsOrComments) {
  EXPECT_THAT(
      referenced_tables("SELECT 'from users' FROM 'data/ratings.parquet' -- FROM c\n /* JOIN d */"),
      IsEmpty());
  EXPECT_THAT(referenced_tables("SELECT * FROM 'data/a.parquet' x, b"), ElementsAre("b"));
}

TEST(ReferencedTables, KnowFromInsideFunctionsAndComparisons) {
  EXPECT_THAT(
      referenced_tables(
          "SELECT extract(year FROM ts), trim(BOTH ' ' FROM name), substring(s FROM 2) FROM a"),
      ElementsAre("a"));
  EXPECT_THAT(referenced_tables("SELECT extract(year FROM (SELECT ts FROM b)) FROM a"),
              ElementsAre("a", "b"));
  EXPECT_THAT(referenced_tables("SELECT x IS DISTINCT FROM y, x IS NOT DISTINCT FROM z FROM a"),
              ElementsAre("a"));
}

TEST(ReferencedTables, AreNoWithQueries) {
  EXPECT_THAT(
      referenced_tables("WITH r AS (SELECT * FROM a), s(x, y) AS MATERIALIZED (SELECT * FROM r, b) "
                        "SELECT * FROM r JOIN s ON true, c"),
      ElementsAre("a", "b", "c"));
  EXPECT_THAT(
      referenced_tables(
          "WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t) SELECT * FROM t, a"),
      ElementsAre("a"));
  EXPECT_THAT(referenced_tables("SELECT * FROM (WITH r AS (SELECT 1) SELECT * FROM r, a)"),
              ElementsAre("a"));
  EXPECT_THAT(referenced_tables("WITH a AS (SELECT * FROM main.a) SELECT * FROM a"),
              ElementsAre("a"));
  EXPECT_THAT(referenced_tables("SELECT CAST(x AS TIMESTAMP WITH TIME ZONE) FROM time, zone"),
              ElementsAre("time", "zone"));
}

TEST(ReferencedTables, SurviveTextThatIsNoSql) {
  for (const auto* sql : {"",
                          ")))",
                          "(((",
                          "FROM",
                          "FROM ,",
                          "FROM a.",
                          "JOIN JOIN",
                          "WITH",
                          "WITH ,",
                          "from (",
                          ".",
                          "'"}) {
    referenced_tables(sql);
  }
}

std::vector<std::string> names_of(const std::vector<const SqlView*>& views) {
  std::vector<std::string> names;
  for (const SqlView* view : views) {
    names.push_back(view->name);
  }
  return names;
}

TEST(NeededSqlViews, ComeAfterThoseTheyRead) {
  const Definitions definitions{
      .sql_views = {{.name = "a", .sql = "SELECT * FROM B JOIN c ON true"},
                    {.name = "b", .sql = "SELECT * FROM c"},
                    {.name = "c", .sql = "SELECT * FROM 'c.parquet'"},
                    {.name = "d", .sql = "SELECT d FROM unknown"}}};
  const auto needed = [&](Source::Kind kind, const char* text) {
    return names_of(needed_sql_views(definitions, {.kind = kind, .text = text}));
  };
  EXPECT_THAT(needed(Source::Kind::View, "a"), ElementsAre("c", "b", "a"));
  EXPECT_THAT(needed(Source::Kind::Sql, "SELECT * FROM d, b"), ElementsAre("c", "b", "d"));
  EXPECT_THAT(needed(Source::Kind::Parquet, "a"), IsEmpty());
  EXPECT_THAT(needed(Source::Kind::View, "nowhere"), IsEmpty());
}

TEST(CyclesOfSqlViews, AreFoundOnceEach) {
  const Definitions definitions{.sql_views = {{.name = "a", .sql = "SELECT * FROM b"},
                                              {.name = "b", .sql = "SELECT * FROM a, c"},
                                              {.name = "c", .sql = "SELECT c FROM d"},
                                              {.name = "d", .sql = "SELECT * FROM D"},
                                              {.name = "e", .sql = "SELECT e FROM 'e.parquet'"}}};
  const auto cycles = cycles_of_sql_views(definitions);
  ASSERT_EQ(cycles.size(), 2);
  EXPECT_THAT(names_of(cycles[0]), ElementsAre("a", "b"));
  EXPECT_THAT(names_of(cycles[1]), ElementsAre("d"));
}

}  // namespace
}  // namespace provender
