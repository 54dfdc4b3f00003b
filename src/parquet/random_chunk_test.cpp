#include <algorithm>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "parquet/chunk_reader.hpp"
#include "parquet/testing_chunk.hpp"
#include "parquet/testing_values.hpp"

/// Chunks of random pages, read in random ways.
namespace provender::parquet {
namespace {

using Encoding = PageHeader::Encoding;
using Rows = std::vector<Value>;

/// A chunk of random pages and what is in it.
struct RandomChunk {
  TestChunkFile::Form form;
  std::string pages;
  Rows rows;
  Rows dictionary;
};

/// Rows of one page, in which as many are null as is drawn.
Rows random_page_rows(std::mt19937_64& random, const RandomChunk& chunk, bool by_dictionary) {
  const std::size_t count = random() % (random() % 6 == 0 ? 700 : 40);
  const std::uint64_t nulls = chunk.form.column.nullable ? random() % 5 : 0;
  Rows out;
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_run = i > 0 && random() % 4 != 0;
    const bool is_null = nulls == 4 || (nulls > 0 && random() % 8 < nulls);
    if (is_run) {
      out.push_back(out.back());
    } else if (is_null || (by_dictionary && chunk.dictionary.empty())) {
      out.emplace_back();
    } else if (by_dictionary) {
      out.push_back(chunk.dictionary[random() % chunk.dictionary.size()]);
    } else {
      out.push_back(random_value(random, chunk.form.column.type.kind));
    }
  }
  return out;
}

RandomChunk random_chunk(std::mt19937_64& random) {
  RandomChunk out;
  const auto kind = static_cast<Kind>(1 + random() % 8);
  const bool nullable = random() % 4 != 0;
  out.form = {.column = flat_column(kind, nullable), .codec = static_cast<Codec>(random() % 3)};
  const bool has_dictionary = kind != Kind::Bool && random() % 4 != 0;
  if (has_dictionary) {
    const std::size_t least = nullable ? 0 : 1;
    out.dictionary.resize(least + random() % (random() % 4 == 0 ? 300 : 5));
    std::ranges::generate(out.dictionary, [&] { return random_value(random, kind); });
    out.pages = dictionary_page(out.dictionary).write(out.form.codec);
  }
  for (std::size_t page = random() % 7; page > 0; --page) {
    const bool by_dictionary = has_dictionary && random() % 4 != 0;
    const bool by_runs = kind == Kind::Bool && random() % 2 == 0;
    const Rows rows = random_page_rows(random, out, by_dictionary);
    TestPage made = data_page(rows,
                              {.version = 1 + static_cast<int>(random() % 2),
                               .nullable = nullable,
                               .encoding = by_dictionary ? Encoding::Dictionary
                                           : by_runs     ? Encoding::Rle
                                                         : Encoding::Plain,
                               .dictionary = out.dictionary});
    made.is_compressed = random() % 4 != 0;
    if (random() % 4 == 0) made.statistics = std::string(random() % 600, 's');
    if (random() % 8 == 0) out.pages += TestPage{.kind = 1, .body = "an index"}.write();
    out.pages += made.write(out.form.codec);
    out.rows.insert(out.rows.end(), rows.begin(), rows.end());
  }
  out.form.rows = static_cast<std::int64_t>(out.rows.size());
  return out;
}

/// What some of the places before `count` are, and the rows there.
struct Picked {
  std::vector<std::uint32_t> places;
  Rows rows;
};

Picked pick(std::mt19937_64& random, std::span<const Value> rows) {
  const std::uint64_t each = 1 + random() % 10;
  Picked out;
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    if (random() % each != 0) continue;
    out.places.push_back(i);
    out.rows.push_back(rows[i]);
  }
  return out;
}

/// The rows that the places in the dictionary stand for.
Rows looked_up(const ChunkReader& reader, parquet::Places places) {
  Rows out;
  for (const std::uint32_t place : places) {
    out.push_back(place == ChunkReader::kNull ? Value() : value_at(reader.dictionary(), place));
  }
  return out;
}

/// Reads the next rows in one of all ways.
void read_next(ChunkReader& reader, std::mt19937_64& random, std::span<const Value> rows) {
  const std::uint64_t way = random() % 3;
  if (way == 0 && reader.has_dictionary()) {
    const auto places = reader.read_places(rows.size());
    ASSERT_TRUE(places) << places.error().message();
    EXPECT_TRUE(std::ranges::equal(looked_up(reader, *places), rows));
  } else if (way == 1) {
    const Picked picked = pick(random, rows);
    const auto column = reader.read(rows.size(), picked.places);
    ASSERT_TRUE(column) << column.error().message();
    EXPECT_EQ(cells(*column), picked.rows);
  } else {
    const auto column = reader.read(rows.size());
    ASSERT_TRUE(column) << column.error().message();
    EXPECT_TRUE(std::ranges::equal(cells(*column), rows));
  }
}

/// Reads a chunk from its first row to its last, in random steps.
void read_in_steps(ChunkReader& reader, std::mt19937_64& random, const Rows& rows) {
  for (std::span<const Value> left = rows; !left.empty();) {
    if (random() % 3 == 0) {
      const std::size_t count = random() % std::min<std::size_t>(left.size() + 1, 100);
      reader.skip(count);
      left = left.subspan(count);
      continue;
    }
    const auto ready = reader.ready();
    ASSERT_TRUE(ready) << ready.error().message();
    ASSERT_GE(*ready, 1U);
    ASSERT_LE(*ready, left.size());
    const std::size_t count = random() % 4 == 0 ? *ready : random() % (*ready + 1);
    read_next(reader, random, left.first(count));
    if (::testing::Test::HasFailure()) return;
    left = left.subspan(count);
  }
  const auto end = reader.ready();
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code(), ErrorCode::InvalidArgument);
}

TEST(ChunkReader, ReadsRandomPagesInRandomSteps) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    std::mt19937_64 random(seed);
    const RandomChunk chunk = random_chunk(random);
    TestChunkFile open(chunk.pages, chunk.form);
    ASSERT_TRUE(open.is_open());
    const auto all = read_rows(open.reader(), chunk.rows.size());
    ASSERT_TRUE(all) << all.error().message() << ", seed " << seed;
    ASSERT_EQ(*all, chunk.rows) << "seed " << seed;
    for (int reading = 0; reading < 6; ++reading) {
      TestChunkFile again(chunk.pages, chunk.form);
      read_in_steps(again.reader(), random, chunk.rows);
      if (HasFailure()) FAIL() << "seed " << seed;
    }
  }
}

TEST(ChunkReader, ReadsOneColumnAfterAnother) {
  const MemoryFile nothing("");
  ChunkReader reader(1 << 20);
  for (std::uint64_t seed = 1000; seed < 1200; ++seed) {
    std::mt19937_64 random(seed);
    const RandomChunk chunk = random_chunk(random);
    const MemoryFile memory(chunk.pages);
    const auto file = File::open(memory.path());
    ASSERT_TRUE(reader.open(
        *file,
        chunk.form.column,
        {.begin = 0, .bytes = file->size(), .rows = chunk.form.rows, .codec = chunk.form.codec}));
    const std::size_t some = random() % (chunk.rows.size() + 1);
    const auto rows = read_rows(reader, some);  // the pages behind are left
    ASSERT_TRUE(rows) << rows.error().message() << ", seed " << seed;
    ASSERT_TRUE(std::ranges::equal(*rows, std::span(chunk.rows).first(rows->size())))
        << "seed " << seed;
  }
}

}  // namespace
}  // namespace provender::parquet
