#include <algorithm>
#include <filesystem>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/try.hpp"
#include "offline/duckdb/page_files.hpp"
#include "offline/duckdb/test_project.hpp"
#include "parquet/chunk_reader.hpp"

/// What `src/parquet` reads from files of DuckDB's against what DuckDB reads.
namespace provender::offline {
namespace {

using ColumnRows = std::vector<Value>;

/// A column of random values: its name, its type, and the SQL of the value of row i, where {0} is
/// a random number that depends on i, and {1} how many different ones there are.
struct RandomColumn {
  std::string_view name;
  std::string_view type;
  std::string_view value;
};
constexpr RandomColumn kColumns[] = {
    {"b", "BOOLEAN", "({0} % 2 = 0)"},
    {"i", "INTEGER", "(({0} % {1})::INTEGER * 5 - 1000)"},
    {"l", "BIGINT", "(({0} % {1})::BIGINT * -77777777777)"},
    {"f", "FLOAT", "(CASE {0} % 9 WHEN 0 THEN 'nan' WHEN 1 THEN '-0.0' ELSE {0} % {1} / 3 END)"},
    {"d", "DOUBLE", "(CASE {0} % 9 WHEN 0 THEN 'inf' WHEN 1 THEN '-0.0' ELSE {0} % {1} / 7 END)"},
    {"s", "VARCHAR", "(repeat('\u20acx', ({0} % 5)::INTEGER) || ({0} % {1}))"},
    {"y", "BLOB", "(unhex(md5(({0} % {1})::VARCHAR)) || '\\xFF'::BLOB)"},
    {"ts", "TIMESTAMP", "(make_timestamp(({0} % {1})::BIGINT * 1234567))"},
    {"tz", "TIMESTAMPTZ", "(make_timestamptz(({0} % {1})::BIGINT * -7654321))"},
    // Which are not read, but have leaves of their own among those of the others:
    {"list", "BIGINT[]", "([{0} % {1}, NULL])"},
    {"dt", "DATE", "(DATE '2026-05-01' + ({0} % 100)::INTEGER)"},
    {"struct", "STRUCT(p INTEGER, q VARCHAR)", "({{'p': ({0} % 10)::INTEGER, 'q': 'x'}})"},
};

std::string random_select(std::mt19937_64& random, std::size_t rows) {
  std::vector<RandomColumn> columns(std::begin(kColumns), std::end(kColumns));
  std::ranges::shuffle(columns, random);
  std::string out;
  for (const RandomColumn& column : columns) {
    const std::uint64_t different = random() % 2 == 0 ? 3 : 1'000'000;
    const std::uint64_t nulls = random() % 4;  // none, all, one in two or in three
    const std::string number = fmt::format("hash(i + {})", random() % 1'000'000);
    out += fmt::format(
        "{} CAST({} AS {}) AS {}",
        out.empty() ? "SELECT" : ",",
        nulls == 0 ? fmt::format(fmt::runtime(column.value), number, different)
                   : fmt::format("CASE WHEN hash(i + {}) % {} != 0 THEN {} END",
                                 random() % 1'000'000,
                                 nulls,
                                 fmt::format(fmt::runtime(column.value), number, different)),
        column.type,
        column.name);
  }
  return out + fmt::format(" FROM range({}) r(i)", rows);
}

template <class T>
T one_of(std::mt19937_64& random, std::initializer_list<T> these) {
  return *(these.begin() + random() % these.size());
}

std::string random_options(std::mt19937_64& random) {
  std::string out = fmt::format(
      "FORMAT parquet, COMPRESSION {}, PARQUET_VERSION {}, ROW_GROUP_SIZE {}",
      one_of<std::string_view>(random, {"uncompressed", "snappy", "zstd", "gzip", "lz4_raw"}),
      one_of<std::string_view>(random, {"V1", "V1", "V2"}),
      one_of<int>(random, {2048, 4096, 122'880}));
  if (random() % 3 == 0) out += ", DICTIONARY_SIZE_LIMIT 0";
  if (random() % 3 == 0) out += ", STRING_DICTIONARY_PAGE_SIZE_LIMIT 4096";
  if (random() % 3 == 0) out += ", WRITE_BLOOM_FILTER false";
  return out;
}

/// DuckDB's reading of a column, of which times with a zone are those of UTC.
ColumnRows duckdb_rows(TestProject& project, const std::string& file, const std::string& column) {
  const auto type = project.rows(fmt::format(
      "SELECT column_type FROM (DESCRIBE FROM '@/{}') WHERE column_name = '{}'", file, column));
  const bool has_zone = type == Rows{{{.storage = std::string("TIMESTAMP WITH TIME ZONE")}}};
  ColumnRows out;
  for (auto& row : project.rows(
           fmt::format("SELECT {} FROM '@/{}'",
                       has_zone ? fmt::format("make_timestamp(epoch_us({}))", column) : column,
                       file))) {
    out.push_back(std::move(row[0]));
  }
  return out;
}

/// Chunks that are written in ways that are not read, as DuckDB's metadata tells: (row group,
/// column).
using UnreadChunks = std::set<std::pair<std::int64_t, std::string>>;

UnreadChunks unread_chunks(TestProject& project, const std::string& file) {
  UnreadChunks out;
  for (const auto& row : project.rows(fmt::format(
           "SELECT row_group_id, path_in_schema FROM parquet_metadata('@/{}') WHERE compression "
           "NOT IN ('UNCOMPRESSED', 'SNAPPY', 'ZSTD') OR encodings LIKE '%DELTA%' OR encodings "
           "LIKE '%BYTE_STREAM%'",
           file))) {
    out.emplace(std::get<std::int64_t>(row[0].storage), std::get<std::string>(row[1].storage));
  }
  return out;
}

/// Reads a chunk to its end, now all that is ready, now a part of it, of it some places.
Result<> compare_chunk(parquet::ChunkReader& reader,
                       std::mt19937_64& random,
                       std::span<const Value> rows) {
  while (!rows.empty()) {
    PROVENDER_ASSIGN(const std::size_t ready, reader.ready());
    const std::size_t count = random() % 2 == 0 ? ready : random() % (ready + 1);
    std::vector<std::uint32_t> some;
    const std::uint64_t each = 1 + random() % 4;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (random() % each == 0) some.push_back(i);
    }
    PROVENDER_ASSIGN(const ColumnView column, reader.read(count, some));
    if (count > rows.size() || column.size != some.size()) {
      return Error(ErrorCode::Internal, "other rows than DuckDB's");
    }
    for (std::size_t i = 0; i < some.size(); ++i) {
      if (value_at(column, i) == rows[some[i]]) continue;
      return Error(ErrorCode::Internal, fmt::format("row {} is another than DuckDB's", some[i]));
    }
    rows = rows.subspan(count);
  }
  return {};
}

class PageReader : public ::testing::Test {
 protected:
  /// Compares all columns of a file; how many chunks were read.
  std::size_t compare(const std::string& name, std::mt19937_64& random) {
    const UnreadChunks unread = unread_chunks(project_, name);
    const auto file = parquet::File::open(project_.path(name).string());
    const auto footer = file->read_footer();
    if (!footer) ADD_FAILURE() << footer.error().message();
    std::size_t read = 0;
    for (std::size_t c = 0; footer && c < footer->columns.size(); ++c) {
      const parquet::Column& column = footer->columns[c];
      const ColumnRows rows = duckdb_rows(project_, name, column.name);
      std::span<const Value> left = rows;
      for (std::size_t g = 0; g < footer->row_groups.size(); ++g) {
        const auto& group = footer->row_groups[g];
        const auto count = static_cast<std::size_t>(group.rows);
        const bool is_unread = unread.contains({static_cast<std::int64_t>(g), column.name});
        EXPECT_EQ(group.chunks[c].has_value(), !is_unread) << column.name;
        if (group.chunks[c]) {
          ++read;
          compare(*file, column, *group.chunks[c], left.first(count), random);
        }
        left = left.subspan(count);
      }
      EXPECT_TRUE(left.empty()) << column.name;
    }
    return read;
  }

  TestProject project_;

 private:
  void compare(const parquet::File& file,
               const parquet::Column& column,
               const parquet::ColumnChunk& chunk,
               std::span<const Value> rows,
               std::mt19937_64& random) {
    for (int reading = 0; reading < 2; ++reading) {
      ASSERT_TRUE(reader_.open(file, column, chunk));
      const auto same = compare_chunk(reader_, random, rows);
      EXPECT_TRUE(same) << same.error().message() << " in column " << column.name;
    }
  }

  parquet::ChunkReader reader_{std::size_t{64} << 20};
};

TEST_F(PageReader, ReadsWhatDuckDbReadsFromItsFiles) {
  std::size_t chunks = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    std::mt19937_64 random(seed);
    const auto rows = one_of<std::size_t>(random, {0, 1, 100, 5000, 9000});
    const std::string select = random_select(random, rows);
    const std::string options = random_options(random);
    project_.sql(fmt::format("COPY ({}) TO '@/f.parquet' ({})", select, options));
    chunks += compare("f.parquet", random);
    if (HasFailure()) FAIL() << "seed " << seed << ": " << select << '\n' << options;
  }
  EXPECT_GT(chunks, 200U);
}

TEST_F(PageReader, ReadsEachTypeOfDuckDbsFirstVersion) {
  for (const std::string_view codec : {"uncompressed", "snappy", "zstd"}) {
    std::mt19937_64 random(1);
    project_.sql(fmt::format("COPY ({}) TO '@/f.parquet' (COMPRESSION {}, ROW_GROUP_SIZE 2048)",
                             random_select(random, 6000),
                             codec));
    EXPECT_EQ(compare("f.parquet", random), 9U * 3U) << codec;
  }
}

TEST_F(PageReader, ReadsWhatDuckDbReadsFromFilesOfOtherWriters) {
  std::size_t chunks = 0;
  for (const auto& entry : std::filesystem::directory_iterator(PROVENDER_PARQUET_CORPUS)) {
    std::filesystem::copy_file(entry.path(),
                               project_.path("f.parquet"),
                               std::filesystem::copy_options::overwrite_existing);
    std::mt19937_64 random(1);
    chunks += compare("f.parquet", random);
    if (HasFailure()) FAIL() << entry.path();
  }
  EXPECT_GT(chunks, 100U);
}

TEST_F(PageReader, ColumnsThatItReadsHaveTheTypesThatDuckDbSees) {
  project_.sql(
      "COPY (SELECT true AS a, 1::TINYINT AS b, 1::SMALLINT AS c, 1::INTEGER AS d, 1::BIGINT AS e, "
      "1::HUGEINT AS f, 1::UTINYINT AS g, 1::USMALLINT AS h, 1::UINTEGER AS i, 1::UBIGINT AS j, "
      "1::FLOAT AS k, 1::DOUBLE AS l, 1::DECIMAL(9, 2) AS m, 1::DECIMAL(18, 2) AS n, "
      "1::DECIMAL(38, 2) AS o, 't' AS p, 't'::BLOB AS q, uuid() AS r, DATE '2026-05-01' AS s, "
      "TIME '10:00:00' AS t, TIMESTAMP '2026-05-01' AS u, TIMESTAMPTZ '2026-05-01 00:00:00Z' AS "
      "v, '2026-05-01'::TIMESTAMP_NS AS w, '2026-05-01'::TIMESTAMP_MS AS x, "
      "'2026-05-01'::TIMESTAMP_S AS y, INTERVAL 1 DAY AS z, 't'::ENUM('t') AS aa, [1] AS ab, "
      "MAP {'k': 1} AS ac, {'p': 1} AS ad, '{}'::JSON AS ae) TO '@/f.parquet'");
  const auto file = parquet::File::open(project_.path("f.parquet").string());
  const auto footer = file->read_footer();
  ASSERT_TRUE(footer) << footer.error().message();
  for (const auto& row :
       project_.rows("SELECT column_name, column_type FROM (DESCRIBE FROM '@/f.parquet')")) {
    const auto& name = std::get<std::string>(row[0].storage);
    const auto& type = std::get<std::string>(row[1].storage);
    const auto place = footer->find(name);
    if (!place) continue;
    EXPECT_EQ(native_type(footer->columns[*place]), type) << name;
  }
  for (const std::string_view name : {"a", "d", "e", "k", "l", "p", "q", "u", "v"}) {
    EXPECT_TRUE(footer->find(name)) << name;
  }
}

TEST_F(PageReader, ColumnsWhoseNamesDuckDbChangesAreNotRead) {
  project_.sql("COPY (SELECT 1 AS x, 2 AS y) TO '@/f.parquet'");
  std::string bytes = project_.read_text("f.parquet");
  for (std::size_t at = 0; (at = bytes.find("\x01y", at)) != std::string::npos; at += 2) {
    bytes[at + 1] = 'X';  // each name stands behind its length
  }
  project_.write_text("f.parquet", bytes);
  EXPECT_EQ(project_.rows("SELECT X FROM '@/f.parquet'")[0][0], Value{.storage = 1});
  const auto footer = parquet::File::open(project_.path("f.parquet").string())->read_footer();
  ASSERT_TRUE(footer) << footer.error().message();
  EXPECT_FALSE(footer->find("x"));
  EXPECT_FALSE(footer->find("X"));
}

}  // namespace
}  // namespace provender::offline
