#include "offline/duckdb/footer_layout.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offline/duckdb/source_reader.hpp"
#include "offline/duckdb/test_project.hpp"

/// What footers tell against what DuckDB tells of the same files.
namespace provender::offline {
namespace {

constexpr std::uint64_t kAnySize = ~std::uint64_t{0};

class FooterLayout : public ::testing::Test {
 protected:
  FooterLayout()
      : database_(*Database::open({.memory_limit = 1U << 30,
                                   .threads = 1,
                                   .temp_parent = project_.path(".provender/tmp"),
                                   .allowed_directories = {project_.folder().string()},
                                   .allowed_files = {}})),
        connection_(*Connection::open(database_, {})) {}

  std::vector<std::string> paths(const std::vector<std::string>& names) const {
    std::vector<std::string> out;
    for (const std::string& name : names) {
      out.push_back(project_.path(name).string());
    }
    return out;
  }

  static PageFiles open(const std::vector<std::string>& files) {
    return *PageFiles::of({.files = files,
                           .columns = {},
                           .bounded = {"k", "k1", "k2", "ts", "created"},
                           .most_page_bytes = kAnySize,
                           .stop = {}});
  }

  /// Of files of a key `k` and of `ts`, behind which `created` may be.
  SourceRelation::Part part(const std::vector<std::string>& files) {
    SourceRelation::Part out;
    out.source.files = files;
    for (const SourceColumn& column : *describe(connection_, parquet_scan(files))) {
      const bool is_key = column.name.starts_with('k');
      if (is_key || column.name == "ts" || column.name == "created") {
        out.columns.push_back({.name = is_key ? "k0" : column.name,
                               .source = column.name,
                               .native_type = column.native_type,
                               .wanted = "",
                               .conversion = {}});
      }
    }
    return out;
  }

  /// What footers tell of the row groups of files of one key.
  std::optional<std::vector<RowGroup>> told(const std::vector<std::string>& names) {
    const auto files = paths(names);
    return row_groups_of(open(files), part(files), 1);
  }

  /// Whether footers tell of all files' row groups what DuckDB tells.
  void compare(const std::vector<std::string>& names) {
    const auto files = paths(names);
    const SourceRelation::Part all = part(files);
    const auto keys = static_cast<std::size_t>(
        std::ranges::count(all.columns, "k0", &SourceRelation::Column::name));
    const auto told = row_groups_of(open(files), all, keys);
    const auto asked = read_row_groups(connection_, files, all, keys);
    ASSERT_TRUE(told);
    ASSERT_TRUE(asked) << asked.error().message();
    ASSERT_EQ(told->size(), asked->size());
    for (std::size_t i = 0; i < told->size(); ++i) {
      EXPECT_EQ((*told)[i], (*asked)[i]) << i;
    }
  }

  TestProject project_;
  std::shared_ptr<Database> database_;
  Connection connection_;

 private:
  static std::string parquet_scan(const std::vector<std::string>& files) {
    std::string list;
    for (const std::string& file : files) {
      list += fmt::format("{}'{}'", list.empty() ? "" : ", ", file);
    }
    return fmt::format("read_parquet([{}])", list);
  }
};

/// Keys of each type, and what a file may lack.
constexpr std::string_view kKeys[] = {
    "(hash(i) % 1000)::BIGINT",
    "(hash(i) % 1000)::INTEGER - 500",
    "-i::BIGINT * 1000000000000",
    "'user ' || hash(i)",
    "repeat('\u20ac', 100) || i",
    "CASE WHEN i % 3000 != 7 THEN i END",
    "NULL::BIGINT",
    "(i % 2 = 0)",
    "(i::VARCHAR)::BLOB",
};

TEST_F(FooterLayout, TellsOfRowGroupsWhatDuckDbTells) {
  for (const std::string_view key : kKeys) {
    for (const std::string_view time : {"TIMESTAMP '2026-05-01' + to_microseconds(i * 17)",
                                        "TIMESTAMPTZ '1969-12-31 23:59:59Z' + to_seconds(i)",
                                        "CASE WHEN i < 5000 THEN TIMESTAMP '2026-05-01' END",
                                        "i::BIGINT"}) {
      SCOPED_TRACE(fmt::format("{} {}", key, time));
      project_.write(
          "a.parquet",
          fmt::format("SELECT 1 AS other, {} AS k, {} AS ts FROM range(9000) r(i)", key, time),
          2048);
      compare({"a.parquet"});
    }
  }
}

TEST_F(FooterLayout, TellsOfSeveralFilesInPathOrder) {
  for (const auto& [name, rows] :
       {std::pair("a.parquet", 5000), {"b.parquet", 0}, {"c.parquet", 1}}) {
    project_.write(name,
                   fmt::format("SELECT i AS k1, 'x' AS k2, TIMESTAMP '2026-05-01' AS ts FROM "
                               "range({}) r(i)",
                               rows),
                   2048);
  }
  compare({"a.parquet", "b.parquet", "c.parquet"});
}

TEST_F(FooterLayout, ACreatedTimestampIsKnownWhereItIsATimeOrNull) {
  project_.write("a.parquet",
                 "SELECT i AS k, TIMESTAMP '2026-05-01' AS ts, CASE WHEN i < 2048 OR i % 7 = 0 "
                 "THEN NULL WHEN i = 5000 THEN 'infinity'::TIMESTAMP WHEN i = 7001 THEN "
                 "'-infinity' ELSE TIMESTAMP '2026-05-02' END AS created FROM range(9000) r(i)",
                 2048);
  compare({"a.parquet"});
  const auto groups = told({"a.parquet"});
  ASSERT_TRUE(groups);
  ASSERT_EQ(groups->size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ((*groups)[i].is_flawless, i != 2 && i != 3) << i;
  }
}

TEST_F(FooterLayout, TimesThatAreInfiniteBoundNothing) {
  project_.write("a.parquet",
                 "SELECT i AS k, CASE WHEN i = 5000 THEN 'infinity'::TIMESTAMP ELSE TIMESTAMP "
                 "'2026-05-01' END AS ts FROM range(9000) r(i)",
                 2048);
  compare({"a.parquet"});
  const auto groups = told({"a.parquet"});
  ASSERT_TRUE(groups);
  ASSERT_EQ(groups->size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ((*groups)[i].times.has_value(), i != 2) << i;
    EXPECT_EQ((*groups)[i].is_flawless, i != 2) << i;
  }
}

TEST_F(FooterLayout, TellsNothingOfKeysAndTimesThatAreNotReadByPages) {
  for (const std::string_view items : {"1::SMALLINT AS k, TIMESTAMP '2026-05-01' AS ts",
                                       "1::BIGINT AS k, DATE '2026-05-01' AS ts",
                                       "1::BIGINT AS k, '2026-05-01'::TIMESTAMP_NS AS ts"}) {
    project_.write("a.parquet", fmt::format("SELECT {}", items));
    const auto files = paths({"a.parquet"});
    EXPECT_FALSE(row_groups_of(open(files), part(files), 1)) << items;
  }
}

TEST_F(FooterLayout, TellsOfColumnsWhatDuckDbDescribes) {
  project_.write("a.parquet",
                 "SELECT 1::BIGINT AS a, 'x' AS B, [1] AS list, TIMESTAMPTZ '2026-05-01 00:00:00Z' "
                 "AS t, 1.5::FLOAT AS \"quo\"\"ted\"");
  const auto files = paths({"a.parquet"});
  const auto shape = shape_of(open(files));
  ASSERT_TRUE(shape);
  SourceReader reader(connection_, ProjectFiles(project_.folder(), {}), {});
  const auto asked = reader.shape(files, /*hive=*/false);
  ASSERT_TRUE(asked) << asked.error().message();
  const SourcePart& told = shape->parts.at(0);
  const SourcePart& right = asked->parts.at(0);
  EXPECT_EQ(told.from, right.from);
  EXPECT_EQ(told.position, right.position);
  EXPECT_EQ(told.place, right.place);
  ASSERT_EQ(told.columns.size(), 4U);  // without the list
  for (const SourceColumn& column : told.columns) {
    const auto same = std::ranges::find(right.columns, column.name, &SourceColumn::name);
    ASSERT_NE(same, right.columns.end()) << column.name;
    EXPECT_EQ(column.native_type, same->native_type);
  }
}

TEST_F(FooterLayout, FilesOfOtherColumnsAreNotAlike) {
  project_.write("a.parquet", "SELECT 1::BIGINT AS k");
  project_.write("b.parquet", "SELECT 1::BIGINT AS k");
  project_.write("c.parquet", "SELECT 1::INTEGER AS k");
  project_.write("d.parquet", "SELECT 1::BIGINT AS k, [1] AS more");
  project_.write_text("e.parquet", "none");
  const auto are_alike = [&](const std::vector<std::string>& names) {
    const auto files = paths(names);
    return shape_of(open(files)).has_value();
  };
  EXPECT_TRUE(are_alike({"a.parquet", "b.parquet"}));
  EXPECT_FALSE(are_alike({"a.parquet", "b.parquet", "c.parquet"}));
  EXPECT_FALSE(are_alike({"a.parquet", "d.parquet"}));
  EXPECT_FALSE(are_alike({"a.parquet", "e.parquet"}));
  EXPECT_FALSE(are_alike({"e.parquet"}));
}

TEST_F(FooterLayout, AColumnOfANameThatIsDuckDbsIsLeftToDuckDb) {
  for (const std::string_view name : {"file_row_number", "FILE_INDEX", "rowid"}) {
    project_.write("a.parquet", fmt::format("SELECT 1::BIGINT AS k, [1] AS {}", name));
    const auto files = paths({"a.parquet"});
    EXPECT_FALSE(shape_of(open(files))) << name;
  }
}

TEST_F(FooterLayout, ADatabaseThatIsNotThereYetHasNotFailed) {
  std::promise<Result<std::shared_ptr<Database>>> never;
  EXPECT_TRUE(Connection::open_later(never.get_future().share(), {}).check_opening());
}

TEST_F(FooterLayout, AConnectionOpenedLaterFailsWhereItIsNeeded) {
  const DatabaseOptions options{.memory_limit = 1U << 30,
                                .threads = 0,
                                .temp_parent = project_.path(".provender/tmp"),
                                .allowed_directories = {},
                                .allowed_files = {}};
  for (const bool is_asked_before : {false, true}) {
    const auto database = Database::open_later(options);
    Connection connection = Connection::open_later(database, {});
    if (is_asked_before) {
      Database::open_beside(database).wait();
      EXPECT_FALSE(connection.check_opening());
    } else {
      EXPECT_TRUE(connection.check_opening()) << "nobody has asked yet";
    }
    EXPECT_FALSE(connection.query("SELECT 1"));
    EXPECT_FALSE(connection.database());
    EXPECT_FALSE(connection.get());
    EXPECT_FALSE(connection.check_opening()) << "by now it is known";
  }
}

}  // namespace
}  // namespace provender::offline
