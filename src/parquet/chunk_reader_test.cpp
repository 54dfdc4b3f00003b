#include "parquet/chunk_reader.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "parquet/testing_chunk.hpp"

namespace provender::parquet {
namespace {

using Encoding = PageHeader::Encoding;
using Rows = std::vector<Value>;
using ::testing::ElementsAre;

Value number(std::int64_t n) {
  return {.storage = n};
}
Value word(std::string text) {
  return {.storage = std::move(text)};
}
const Value kNullRow;

Rows numbers(std::int64_t begin, std::int64_t end) {
  Rows out;
  for (; begin < end; ++begin) {
    out.push_back(number(begin));
  }
  return out;
}

TEST(ChunkReader, GivesThePlacesInTheDictionary) {
  const Rows entries = {word("x"), word(""), word("zz")};
  const std::string pages = dictionary_page(entries).write() +
                            data_page(Rows{word("zz"), kNullRow, word(""), word("zz")},
                                      {.encoding = Encoding::Dictionary, .dictionary = entries})
                                .write() +
                            data_page(Rows{word("no entry")}, {}).write();
  TestChunkFile open(pages, {.column = flat_column(Kind::String), .rows = 5});
  ASSERT_EQ(*open.reader().ready(), 4U);
  EXPECT_TRUE(open.reader().has_dictionary());
  EXPECT_EQ(cells(open.reader().dictionary()), entries);
  EXPECT_THAT(*open.reader().read_places(4), ElementsAre(2, ChunkReader::kNull, 1, 2));
  ASSERT_EQ(*open.reader().ready(), 1U);
  EXPECT_FALSE(open.reader().has_dictionary());
  EXPECT_THAT(cells(*open.reader().read(1)), ElementsAre(word("no entry")));
}

TEST(ChunkReader, SaysThatNoRowIsNull) {
  const std::string pages = data_page(Rows{kNullRow, number(1), number(2)}, {}).write() +
                            data_page(numbers(3, 5), {}).write();
  TestChunkFile open(pages, {.rows = 5});
  ASSERT_EQ(*open.reader().ready(), 3U);
  const auto first = open.reader().read(3);
  EXPECT_TRUE(first->is_null(0));
  EXPECT_FALSE(first->is_null(1));
  ASSERT_EQ(*open.reader().ready(), 2U);
  EXPECT_EQ(open.reader().read(2)->validity, nullptr);
}

TEST(ChunkReader, DoesNotUnpackPagesThatAreSkipped) {
  const TestPage page = data_page(numbers(0, 10), {});
  TestPage broken = page;
  broken.body = "no integers";
  TestPage large = page;
  large.unpacked_bytes = 1'000'000'000;
  const std::string pages = broken.write() + page.write() + large.write() + page.write();
  TestChunkFile open(pages, {.rows = 40, .most_page_bytes = 1000});
  open.reader().skip(4);
  open.reader().skip(6);
  EXPECT_EQ(*open.reader().ready(), 10U);
  EXPECT_EQ(cells(*open.reader().read(10)), numbers(0, 10));
  open.reader().skip(13);
  EXPECT_EQ(*open.reader().ready(), 7U);
  EXPECT_EQ(cells(*open.reader().read(7)), numbers(3, 10));
}

TEST(ChunkReader, ReadsPagesAndHeadersOfAnySize) {
  // Longer than what is read at once.
  const Rows large = {word(std::string(3'000'000, 'a')), word(std::string(1'500'000, 'b'))};
  TestPage first = data_page(large, {});
  first.statistics = std::string(2'000'000, 's');
  std::string pages = first.write(Codec::Snappy);
  Rows rows = large;
  for (int i = 0; i < 300; ++i) {
    const Rows some(3, word(std::string(static_cast<std::size_t>(i) * 40, 'c')));
    rows.insert(rows.end(), some.begin(), some.end());
    pages += data_page(some, {.version = 2}).write(Codec::Snappy);
  }
  TestChunkFile open(pages,
                     {.column = flat_column(Kind::String),
                      .codec = Codec::Snappy,
                      .rows = static_cast<std::int64_t>(rows.size()),
                      .most_page_bytes = 10'000'000});
  const auto found = read_rows(open.reader(), rows.size());
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_TRUE(*found == rows);
}

TEST(ChunkReader, ADictionaryMayStandBetweenThePages) {
  const Rows entries = numbers(0, 3);
  const std::string pages =
      data_page(numbers(7, 9), {}).write() + dictionary_page(entries).write() +
      data_page(entries, {.encoding = Encoding::Dictionary, .dictionary = entries}).write();
  TestChunkFile open(pages, {.rows = 5});
  EXPECT_THAT(*read_rows(open.reader(), 5),
              ElementsAre(number(7), number(8), number(0), number(1), number(2)));
}

TEST(ChunkReader, LevelsOfAColumnWithoutNullsAreLeftOut) {
  TestPage page = data_page(numbers(0, 4), {.version = 2, .nullable = false});
  page.levels = "levels";
  TestChunkFile open(page.write(),
                     {.column = flat_column(Kind::Int64, /*nullable=*/false), .rows = 4});
  EXPECT_EQ(*read_rows(open.reader(), 4), numbers(0, 4));
}

TEST(ChunkReader, NothingButNullsNeedsNoValues) {
  for (const Kind kind : {Kind::Bool, Kind::Int32, Kind::String}) {
    for (const Encoding encoding : {Encoding::Plain, Encoding::Dictionary, Encoding::Rle}) {
      if (encoding == Encoding::Rle && kind != Kind::Bool) continue;
      if (encoding == Encoding::Dictionary && kind == Kind::Bool) continue;
      TestPage page = data_page(Rows(9), {.encoding = encoding});
      page.body.clear();
      TestChunkFile open(page.write(), {.column = flat_column(kind), .rows = 9});
      const auto rows = read_rows(open.reader(), 9);
      ASSERT_TRUE(rows) << rows.error().message();
      EXPECT_EQ(*rows, Rows(9));
    }
  }
}

TEST(ChunkReader, ADictionaryMayHaveNoEntries) {
  const PageForm form{.encoding = Encoding::Dictionary};
  TestChunkFile open(dictionary_page({}).write() + data_page(Rows(9), form).write(), {.rows = 9});
  EXPECT_EQ(*read_rows(open.reader(), 9), Rows(9));
}

TEST(ChunkReader, NullsByADictionaryMayStandBeforeIt) {
  const Rows entries = numbers(5, 8);
  const PageForm form{.encoding = Encoding::Dictionary, .dictionary = entries};
  TestChunkFile open(data_page(Rows(3), form).write() + dictionary_page(entries).write() +
                         data_page(entries, form).write(),
                     {.rows = 6});
  ChunkReader& reader = open.reader();
  ASSERT_EQ(*reader.ready(), 3U);
  EXPECT_FALSE(reader.has_dictionary());  // whose entries nobody could know yet
  EXPECT_EQ(cells(*reader.read(3)), Rows(3));
  ASSERT_EQ(*reader.ready(), 3U);
  EXPECT_TRUE(reader.has_dictionary());
  EXPECT_EQ(cells(reader.dictionary()), entries);
  EXPECT_THAT(*reader.read_places(3), ElementsAre(0, 1, 2));
}

TEST(ChunkReader, TheDictionaryOfAChunkIsGoneWithIt) {
  const Rows entries = numbers(5, 8);
  TestChunkFile first(
      dictionary_page(entries).write() +
          data_page(entries, {.encoding = Encoding::Dictionary, .dictionary = entries}).write(),
      {.rows = 3});
  ASSERT_TRUE(read_rows(first.reader(), 3));
  EXPECT_EQ(first.reader().dictionary().size, 3U);
  const MemoryFile memory(data_page(numbers(0, 3), {}).write());
  const auto file = File::open(memory.path());
  ASSERT_TRUE(first.reader().open(
      *file, flat_column(Kind::Int64), {.begin = 0, .bytes = file->size(), .rows = 3}));
  EXPECT_EQ(first.reader().dictionary().size, 0U);
}

}  // namespace
}  // namespace provender::parquet
