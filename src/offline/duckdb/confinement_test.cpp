// A SQL view is exactly one SELECT, and reads only what it may.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offline/duckdb/duckdb_store.hpp"
#include "offline/duckdb/test_project.hpp"
#include "offline/duckdb/test_views.hpp"

namespace provender::offline {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Confinement : public ::testing::Test {
 protected:
  Confinement() {
    const std::string row =
        "SELECT 1::BIGINT AS user_id, TIMESTAMP '2026-05-01' AS event_timestamp, 7::BIGINT AS f";
    project_.write("data/a.parquet", row);
    project_.write("data/b.csv", row);
    outside_.write("secret/o.parquet", row);
    outside_.write_text("secret/o.txt", "secret");
  }

  std::string inspect(const std::string& sql) {
    const auto info = store_.inspect(definitions_, select(sql), {});
    if (info) return "ok";
    code_ = info.error().code();
    return std::string(info.error().message());
  }

  std::string outside(const std::string& path) { return outside_.path(path).string(); }

  TestProject project_;
  TestProject outside_;
  DuckdbStore store_{project_.options()};
  Definitions definitions_ = user_definitions();
  ErrorCode code_ = ErrorCode::Internal;
};

TEST_F(Confinement, PathsAreRelativeToTheProject) {
  for (const char* sql : {"SELECT * FROM 'data/a.parquet'",
                          "SELECT * FROM 'data/*.parquet'",
                          "FROM 'data/../data/a.parquet'",
                          "SELECT * FROM read_parquet(['data/a.parquet', 'data/a.parquet'])",
                          "SELECT * FROM read_csv('data/b.csv', header = true)",
                          "SELECT 'data/a.parquet' AS ø, * FROM \"data/a.parquet\" -- the end",
                          "WITH x AS (SELECT * FROM 'data/a.parquet') SELECT * FROM X;",
                          "SELECT * FROM range(3) t(i) WHERE i IN (SELECT f FROM 'data/a.parquet')",
                          "VALUES (1)"}) {
    EXPECT_EQ(inspect(sql), "ok") << sql;
  }
  EXPECT_EQ(inspect("SELECT * FROM '" + project_.path("data/a.parquet").string() + "'"), "ok");
}

TEST_F(Confinement, OnlyOneSelectIsAccepted) {
  for (const char* sql : {"COPY (SELECT 1) TO 'x.csv'",
                          "SET threads = 1",
                          "PRAGMA version",
                          "ATTACH 'x.db'",
                          "INSTALL httpfs",
                          "CREATE TABLE t AS SELECT 1",
                          "DROP TABLE spine"}) {
    EXPECT_THAT(inspect(sql), HasSubstr("exactly one SELECT")) << sql;
    EXPECT_EQ(code_, ErrorCode::InvalidArgument);
  }
  EXPECT_THAT(inspect("SELECT 1; SELECT 2"), HasSubstr("has 2 statements"));
  EXPECT_THAT(inspect(""), HasSubstr("has 0 statements"));
  EXPECT_THAT(inspect("SELECT 1) UNION (SELECT 2"), HasSubstr("syntax error"));
  EXPECT_THAT(inspect("SELEC 1"), HasSubstr("syntax error"));
  EXPECT_THAT(inspect("DESCRIBE SELECT 1"), HasSubstr("DESCRIBE"));
  EXPECT_THAT(inspect("SELECT $1"), HasSubstr("no parameters"));
}

TEST_F(Confinement, NothingOutsideIsRead) {
  std::filesystem::create_symlink(outside("secret/o.parquet"), project_.path("data/link.parquet"));
  std::filesystem::create_directory_symlink(outside("secret"), project_.path("linked"));
  for (const std::string& path :
       {outside("secret/o.parquet"),
        outside("secret/*.parquet"),
        std::string("../") + outside_.folder().filename().string() + "/secret/o.parquet",
        std::string("data/../../") + outside_.folder().filename().string() + "/secret/o.parquet",
        std::string("data/link.parquet"),
        std::string("linked/o.parquet"),
        std::string("*/o.parquet")}) {
    EXPECT_THAT(inspect("SELECT * FROM '" + path + "'"), HasSubstr("outside the project")) << path;
    EXPECT_EQ(code_, ErrorCode::PermissionDenied) << path;
  }
  EXPECT_THAT(inspect("SELECT * FROM '/nowhere/x.parquet'"), HasSubstr("outside the project"))
      << "whether a file outside exists is not told";
  EXPECT_THAT(inspect("SELECT * FROM 'https://example.com/x.parquet'"), HasSubstr("is a URL"));
}

TEST_F(Confinement, NoOtherWayLeadsOutside) {
  const std::string file = "'" + outside("secret/o.txt") + "'";
  for (const std::string& sql : {"SELECT * FROM read_text(" + file + ")",
                                 "SELECT * FROM read_blob(" + file + ")",
                                 std::string("SELECT * FROM glob('/etc/*')"),
                                 "SELECT * FROM sniff_csv(" + file + ")",
                                 "SELECT * FROM parquet_metadata(" + file + ")",
                                 std::string("SELECT * FROM duckdb_settings()"),
                                 std::string("SELECT * FROM duckdb_secrets()"),
                                 std::string("SELECT * FROM query('SELECT 1')"),
                                 std::string("SELECT * FROM query_table('duckdb_settings')")}) {
    EXPECT_THAT(inspect(sql), HasSubstr("in FROM a SQL view may call only")) << sql;
  }
  EXPECT_THAT(inspect("SELECT * FROM read_csv('/etc' || '/passwd')"),
              HasSubstr("something else than a quoted path"));
  EXPECT_THAT(inspect("SELECT * FROM read_csv(getvariable('x'))"),
              HasSubstr("something else than a quoted path"));
  EXPECT_THAT(inspect("SELECT * FROM E'/etc\\x2fpasswd.csv'"), HasSubstr("outside the project"));
  EXPECT_THAT(inspect("SELECT * FROM information_schema.tables"),
              HasSubstr("information_schema.tables"));
  EXPECT_THAT(inspect("SELECT * FROM duckdb_tables"), HasSubstr("is no SQL view"));
  EXPECT_THAT(inspect("SELECT getenv('HOME')"), HasSubstr("getenv"));
}

TEST_F(Confinement, DuckdbItselfIsLockedToo) {
  auto database = Database::open({.memory_limit = 1 << 28,
                                  .threads = 1,
                                  .temp_parent = project_.path("tmp"),
                                  .allowed_directories = {project_.folder().string()},
                                  .allowed_files = {}});
  ASSERT_TRUE(database) << database.error().message();
  auto connection = Connection::open(*database, {});
  ASSERT_TRUE(connection);
  for (const std::string& sql : {"SELECT * FROM '" + outside("secret/o.parquet") + "'",
                                 "COPY (SELECT 1) TO '" + outside("x.csv") + "'",
                                 "ATTACH '" + outside("x.db") + "'",
                                 std::string("INSTALL httpfs"),
                                 std::string("LOAD httpfs"),
                                 std::string("SELECT * FROM read_text('/etc/passwd')")}) {
    const auto done = connection->execute(sql);
    ASSERT_FALSE(done) << sql;
    EXPECT_EQ(done.error().code(), ErrorCode::PermissionDenied) << sql;
  }
  const auto set = connection->execute("SET threads = 2");
  ASSERT_FALSE(set);
  EXPECT_THAT(std::string(set.error().message()), HasSubstr("locked"));
}

TEST_F(Confinement, DeclaredFoldersAndRootsMayBeRead) {
  const std::string sql = "SELECT * FROM '" + outside("secret/o.parquet") + "'";
  EXPECT_THAT(inspect(sql), HasSubstr("outside the project"));
  DuckdbStore with_root({.project = project_.folder(), .roots = {outside_.folder()}});
  EXPECT_TRUE(with_root.inspect(definitions_, select(sql), {}));
  add_view(definitions_, "declared", parquet(outside("secret/*.parquet")), "f");
  EXPECT_EQ(inspect(sql), "ok") << "the folder of a declared source";
}

TEST_F(Confinement, SqlViewsUseEachOther) {
  definitions_.sql_views.push_back({.name = "base", .sql = "SELECT * FROM 'data/a.parquet'"});
  definitions_.sql_views.push_back(
      {.name = "doubled", .sql = "SELECT user_id, event_timestamp, f * 2 AS f FROM base"});
  EXPECT_EQ(inspect("SELECT d.* FROM doubled d JOIN base USING (user_id)"), "ok");
  EXPECT_EQ(inspect("SELECT d.* FROM DOUBLED d JOIN Base b USING (user_id) JOIN base c USING "
                    "(user_id)"),
            "ok")
      << "SQL compares names without case";
  EXPECT_THAT(inspect("SELECT * FROM doubld"),
              AllOf(HasSubstr("'doubld'"), HasSubstr("did you mean 'doubled'")));

  const auto info =
      store_.inspect(definitions_, {.kind = Source::Kind::View, .text = "doubled"}, {});
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->columns.size(), 3U);
}

TEST_F(Confinement, AWrongSqlViewIsNamed) {
  definitions_.sql_views.push_back({.name = "bad", .sql = "SELECT * FROM '/etc/passwd.csv'"});
  definitions_.sql_views.push_back({.name = "loop", .sql = "SELECT * FROM pool"});
  definitions_.sql_views.push_back({.name = "pool", .sql = "SELECT * FROM loop"});
  EXPECT_THAT(inspect("FROM bad"), HasSubstr("SQL view 'bad': reads '/etc/passwd.csv'"));
  EXPECT_THAT(inspect("FROM loop"), HasSubstr("SQL view 'loop' uses itself"));

  definitions_.sql_views.push_back({.name = "lacks", .sql = "SELECT nope FROM 'data/a.parquet'"});
  const auto info = store_.inspect(definitions_, {.kind = Source::Kind::View, .text = "lacks"}, {});
  ASSERT_FALSE(info);
  EXPECT_THAT(std::string(info.error().message()),
              AllOf(HasSubstr("SQL view 'lacks'"), HasSubstr("nope")));
}

}  // namespace
}  // namespace provender::offline
