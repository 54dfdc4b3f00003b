#include "parquet/file_writer.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "parquet/testing_chunk.hpp"
#include "parquet/testing_values.hpp"

namespace provender::parquet {
namespace {

using ::testing::HasSubstr;
using Rows = std::vector<Value>;

/// One column of each type.
std::vector<Column> all_columns() {
  std::vector<Column> out;
  for (int kind = 1; kind <= 8; ++kind) {
    out.push_back(flat_column(static_cast<Kind>(kind)));
    out.back().name = "c" + std::to_string(kind);
  }
  out.push_back(flat_column(Kind::Timestamp));
  out.back().name = "in UTC";
  out.back().is_utc = true;
  return out;
}

TEST(FileWriter, WritesWhatTheFooterSays) {
  const MemoryFile memory("what was there before, and is longer than what comes: " +
                          std::string(9000, 'x'));
  const std::vector<Column> columns = all_columns();
  std::vector<std::vector<Rows>> groups;
  {
    auto out = FileWriter::open(memory.path(), columns, "a test");
    ASSERT_TRUE(out);
    std::mt19937_64 random(3);
    ChunkWriter writer(1 << 20);
    for (const std::size_t rows : {5U, 0U, 300U}) {
      auto& group = groups.emplace_back();
      std::vector<WrittenChunk> chunks;
      for (const Column& column : columns) {
        Rows& values = group.emplace_back(rows);
        std::ranges::generate(values, [&] { return random_value(random, column.type.kind); });
        writer.begin(column);
        ASSERT_TRUE(writer.add(ValueColumn(column.type.kind, values).view()));
        chunks.push_back(writer.finish());
      }
      ASSERT_TRUE(out->add_row_group(chunks));
    }
    ASSERT_TRUE(out->finish());
  }
  const auto file = File::open(memory.path());
  const auto footer = file->read_footer();
  ASSERT_TRUE(footer) << footer.error().message();
  ASSERT_EQ(footer->columns.size(), columns.size());
  ASSERT_EQ(footer->row_groups.size(), groups.size());
  ChunkReader reader(1 << 20);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    EXPECT_EQ(footer->columns[c].name, columns[c].name);
    EXPECT_EQ(footer->columns[c].physical, columns[c].physical);
    EXPECT_EQ(footer->columns[c].type, columns[c].type);
    EXPECT_EQ(footer->columns[c].is_utc, columns[c].is_utc);
    EXPECT_TRUE(footer->columns[c].nullable);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const auto& chunk = footer->row_groups[g].chunks[c];
      ASSERT_TRUE(chunk);
      EXPECT_TRUE(fits(columns[c], *chunk, 1 << 20));
      ASSERT_TRUE(reader.open(*file, columns[c], *chunk));
      const auto rows = read_rows(reader, groups[g][c].size());
      ASSERT_TRUE(rows) << rows.error().message();
      EXPECT_EQ(*rows, groups[g][c]);
      EXPECT_EQ(footer->row_groups[g].statistics[c].nulls, 0);
    }
  }
}

TEST(FileWriter, MayHaveNoRowGroup) {
  const MemoryFile memory("");
  auto out = FileWriter::open(memory.path(), all_columns(), "a test");
  ASSERT_TRUE(out->finish());
  const auto footer = File::open(memory.path())->read_footer();
  ASSERT_TRUE(footer);
  EXPECT_EQ(footer->columns.size(), 9U);
  EXPECT_TRUE(footer->row_groups.empty());
}

TEST(FileWriter, SaysWhatItCannotDo) {
  const auto missing = FileWriter::open("/nowhere/f.parquet", all_columns(), "a test");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::NotFound);
  const auto full = FileWriter::open("/dev/full", all_columns(), "a test");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code(), ErrorCode::ResourceExhausted);
  EXPECT_THAT(std::string(full.error().message()), HasSubstr("/dev/full"));
}

}  // namespace
}  // namespace provender::parquet
