#include "parquet/footer.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "parquet/testing_footer.hpp"

namespace provender::parquet {
namespace {

using Wire = CompactReader::Type;
using ::testing::IsEmpty;

void expect_damaged(const std::string& bytes) {
  const auto footer = parse_footer(bytes);
  ASSERT_FALSE(footer);
  EXPECT_EQ(footer.error().code(), ErrorCode::InvalidArgument);
  EXPECT_EQ(footer.error().message(), "the footer is damaged");
}

/// The one chunk of a file that has one; nullopt: it is not read.
std::optional<ColumnChunk> read_chunk_of(const TestChunk& chunk) {
  const auto footer = parse_footer(write_footer({root(1), {}}, {{.chunks = {chunk}}}));
  if (!footer || footer->row_groups.size() != 1 || footer->row_groups[0].chunks.size() != 1) {
    ADD_FAILURE() << "no footer";
    return std::nullopt;
  }
  return footer->row_groups[0].chunks[0];
}

TEST(Footer, GivesColumnsAndTheirChunksByRowGroup) {
  const auto footer = parse_footer(write_footer(
      {root(2), {.name = "a"}, {.name = "b", .physical = 5, .repetition = 0}},
      {{.chunks = {{}, {.codec = 1, .bytes = 7, .data_page = 154, .dictionary_page = 120}}},
       {.chunks = {{.codec = 6, .values = 3}, {.values = 3}}, .rows = 3}}));
  ASSERT_TRUE(footer) << footer.error().message();
  ASSERT_EQ(footer->columns.size(), 2U);
  EXPECT_EQ(footer->columns[0].name, "a");
  EXPECT_EQ(footer->columns[0].physical, Physical::Int64);
  EXPECT_TRUE(footer->columns[0].nullable);
  EXPECT_EQ(footer->columns[1].name, "b");
  EXPECT_EQ(footer->columns[1].physical, Physical::Double);
  EXPECT_FALSE(footer->columns[1].nullable);
  ASSERT_EQ(footer->row_groups.size(), 2U);
  EXPECT_EQ(footer->row_groups[0].rows, 10);
  const auto& first = footer->row_groups[0].chunks;
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0]->begin, 54);
  EXPECT_EQ(first[0]->bytes, 100);
  EXPECT_EQ(first[0]->rows, 10);
  EXPECT_EQ(first[0]->codec, Codec::None);
  EXPECT_EQ(first[1]->begin, 120);
  EXPECT_EQ(first[1]->bytes, 7);
  EXPECT_EQ(first[1]->codec, Codec::Snappy);
  EXPECT_EQ(footer->row_groups[1].chunks[0]->codec, Codec::Zstd);
  EXPECT_EQ(footer->row_groups[1].chunks[0]->rows, 3);
}

TEST(Footer, ChunksOfOtherCodecsAndEncodingsAreLeftOut) {
  EXPECT_TRUE(read_chunk_of({.encodings = {0, 2, 3, 4, 8}}));
  for (const std::int64_t other : {1, 5, 6, 7, 9, -1, 256}) {
    EXPECT_FALSE(read_chunk_of({.encodings = {0, other}})) << other;
  }
  for (const std::int64_t other : {2, 3, 4, 5, 7, -1, 256}) {
    EXPECT_FALSE(read_chunk_of({.codec = other})) << other;
  }
}

TEST(Footer, ChunksThatAreElsewhereOrEncryptedAreLeftOut) {
  for (const int field : {1, 8, 9}) {
    EXPECT_FALSE(read_chunk_of({.other_field = field})) << field;
    EXPECT_FALSE(read_chunk_of({.has_metadata = false, .other_field = field})) << field;
  }
  EXPECT_TRUE(read_chunk_of({.other_field = 10}));
}

TEST(Footer, ChunksOfOtherRowsThanTheirRowGroupAreLeftOut) {
  EXPECT_FALSE(read_chunk_of({.values = 9}));
  EXPECT_FALSE(read_chunk_of({.values = 11}));
}

TEST(Footer, AChunkBeginsWithItsDictionary) {
  EXPECT_EQ(read_chunk_of({.data_page = 54})->begin, 54);
  EXPECT_EQ(read_chunk_of({.data_page = 54, .dictionary_page = 4})->begin, 4);
  EXPECT_EQ(read_chunk_of({.data_page = 54, .dictionary_page = 0})->begin, 54);
  EXPECT_EQ(read_chunk_of({.data_page = 54, .dictionary_page = 60})->begin, 54);
}

/// Of the one chunk of a file that has one, of so many nulls, and of texts in the fields 1, 2,
/// 5, 6.
Statistics statistics_of(std::int64_t physical, const std::vector<int>& fields) {
  const TestChunk chunk{.statistics = [&](CompactWriter& out) {
    for (const int field : {1, 2, 3, 4, 5, 6}) {
      if (std::ranges::find(fields, field) == fields.end()) continue;
      field == 3 || field == 4 ? out.integer(field, 7, Wire::I64)
                               : out.binary(field, std::to_string(field));
    }
  }};
  const auto footer =
      parse_footer(write_footer({root(1), {.physical = physical}}, {{.chunks = {chunk}}}));
  if (footer) return footer->row_groups.at(0).statistics.at(0);
  ADD_FAILURE() << footer.error().message();
  return {};
}

TEST(Footer, TellsOfNullsAndBounds) {
  const Statistics all = statistics_of(2, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(all.nulls, 7);
  EXPECT_EQ(all.least, "6");
  EXPECT_EQ(all.most, "5");
  const Statistics none = statistics_of(2, {4});
  EXPECT_FALSE(none.nulls);
  EXPECT_FALSE(none.least);
  EXPECT_FALSE(none.most);
}

TEST(Footer, BelievesTheFirstFieldsOfBoundsForSignedNumbersOnly) {
  for (const std::int64_t number : {1, 2}) {
    const Statistics old = statistics_of(number, {1, 2});
    EXPECT_EQ(old.least, "2");
    EXPECT_EQ(old.most, "1");
  }
  for (const std::int64_t other : {0, 4, 5, 6}) {
    const Statistics old = statistics_of(other, {1, 2});
    EXPECT_FALSE(old.least);
    EXPECT_FALSE(old.most);
  }
}

TEST(Footer, AFieldThatIsThereTwiceIsWhatItIsTheSecondTime) {
  const std::string once = write_footer({root(1), {}}, {{.rows = 10}});
  CompactWriter again;
  again.begin_list(4, Wire::Struct, 1);
  again.begin_element();
  again.begin_list(1, Wire::Struct, 1);
  again.begin_element();
  write_chunk(again, {.values = 3});
  again.end();
  again.integer(3, 3, Wire::I64);
  again.end();
  // Behind field 6 an id stands as such, not as a distance.
  std::string twice = again.finish();
  twice.replace(0, 1, std::string("\x09") + zigzag(4));
  const auto footer = parse_footer(once.substr(0, once.size() - 1) + twice);
  ASSERT_TRUE(footer) << footer.error().message();
  ASSERT_EQ(footer->row_groups.size(), 1U);
  EXPECT_EQ(footer->row_groups[0].rows, 3);
}

TEST(Footer, ASchemaThatIsNoTreeIsDamaged) {
  expect_damaged(write_footer({}, {}));
  expect_damaged(write_footer({root(2), {}}, {}));
  expect_damaged(write_footer({root(1), {}, {}}, {}));
  expect_damaged(write_footer({root(-1), {}}, {}));
  expect_damaged(write_footer({root(1), group(2), {}}, {}));
  expect_damaged(write_footer({root(1), group(-1), {}}, {}));
  expect_damaged(write_footer({root(1), group(1), group(std::int64_t{1} << 62), {}}, {}));
  expect_damaged(write_footer({root(std::int64_t{1} << 62), {}}, {}));
}

TEST(Footer, RowGroupsThatDoNotFitTheSchemaAreDamaged) {
  const auto with = [](const TestGroup& group) {
    return write_footer({root(2), {.name = "a"}, {.name = "b"}}, {group});
  };
  EXPECT_TRUE(parse_footer(with({.chunks = {{}, {}}})));
  expect_damaged(with({.chunks = {{}}}));
  expect_damaged(with({.chunks = {{}, {}, {}}}));
  expect_damaged(with({.chunks = {{}, {}}, .rows = -1}));
}

TEST(Footer, MoreRowsThanCanBeCountedAreDamaged) {
  const auto with = [](std::int64_t first, std::int64_t second) {
    return write_footer({root(1), {}}, {{.rows = first}, {.rows = second}});
  };
  EXPECT_TRUE(parse_footer(with(INT64_MAX - 1, 1)));
  expect_damaged(with(INT64_MAX - 1, 2));
  expect_damaged(with(INT64_MAX, INT64_MAX));
}

TEST(Footer, SaysWhichChunksHaveNoDictionary) {
  EXPECT_FALSE(read_chunk_of({.encodings = {0, 3}})->has_dictionary);
  EXPECT_TRUE(read_chunk_of({.encodings = {0, 2}})->has_dictionary);
  EXPECT_TRUE(read_chunk_of({.encodings = {8, 3}})->has_dictionary);
  EXPECT_TRUE(read_chunk_of({.data_page = 54, .dictionary_page = 4})->has_dictionary);
}

TEST(Footer, WithoutColumnsOrRowGroupsIsRead) {
  const auto footer = parse_footer(write_footer({root(0)}, {{.chunks = {}}}));
  ASSERT_TRUE(footer);
  EXPECT_THAT(footer->columns, IsEmpty());
  EXPECT_THAT(footer->row_groups[0].chunks, IsEmpty());
}

TEST(Footer, CutOffAnywhereIsDamaged) {
  const std::string whole = write_footer({root(1), {.converted = 18}}, {{}, {}});
  ASSERT_TRUE(parse_footer(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<char> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(parse_footer({exact.data(), exact.size()})) << size;
  }
}

TEST(Footer, DamagedBytesAreNotReadBehindTheirEnd) {
  const std::string whole = write_footer({root(1), {.converted = 18}}, {{}, {}});
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int flip : {0x01, 0x10, 0x80, 0xff}) {
      std::vector<char> damaged(whole.begin(), whole.end());
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      static_cast<void>(parse_footer({damaged.data(), damaged.size()}));
    }
  }
}

}  // namespace
}  // namespace provender::parquet
