#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "parquet/testing_chunk.hpp"

/// What pages may take.
namespace provender::parquet {
namespace {

using Rows = std::vector<Value>;
using ::testing::HasSubstr;

Rows some_numbers(std::int64_t count) {
  Rows out;
  for (std::int64_t i = 0; i < count; ++i) {
    out.push_back({.storage = i});
  }
  return out;
}

/// Of one byte each.
Rows some_letters(std::size_t count) {
  return {count, Value{.storage = std::string("x")}};
}

/// What reading all rows fails with, for want of memory; "" if it does not.
std::string exhausted(std::string_view pages, const TestChunkFile::Form& form) {
  TestChunkFile open(pages, form);
  const auto rows = read_rows(open.reader(), static_cast<std::size_t>(form.rows));
  if (rows) return "";
  EXPECT_EQ(rows.error().code(), ErrorCode::ResourceExhausted) << rows.error().message();
  return std::string(rows.error().message());
}

TEST(PageBytes, OfMoreThanTheLimitAreNotRead) {
  const TestPage page = data_page(some_numbers(10), {});
  const auto with_limit = [](const std::string& pages, std::size_t most) {
    return exhausted(pages, {.rows = 10, .most_page_bytes = most});
  };
  const std::string whole = page.write();
  EXPECT_EQ(with_limit(whole, whole.size()), "");  // with its header it is larger than unpacked
  EXPECT_EQ(with_limit(whole, whole.size() - 1),
            "column 'c': a page that takes " + std::to_string(whole.size()) +
                " bytes is more than memory is planned for, and than its footer tells of: write "
                "the file anew, or raise offline.memory_limit");
  TestPage huge = page;
  huge.unpacked_bytes = INT32_MAX;
  EXPECT_THAT(with_limit(huge.write(), 1000), HasSubstr("takes 2147483648 bytes"));
}

TEST(PageBytes, UnpackedCountAsThoseInTheFile) {
  const TestPage page =
      data_page(Rows(1000, Value{.storage = std::int64_t{7}}), {.nullable = false});
  const auto with_limit = [&](std::size_t most) {
    return exhausted(page.write(Codec::Zstd),
                     {.column = flat_column(Kind::Int64, /*nullable=*/false),
                      .codec = Codec::Zstd,
                      .rows = 1000,
                      .most_page_bytes = most});
  };
  EXPECT_EQ(with_limit(8000), "");
  EXPECT_THAT(with_limit(7999), HasSubstr("takes 8000 bytes"));
}

TEST(PageBytes, WhichRowsAreNullCounts) {
  constexpr std::int64_t kRows = 1'000'000'000;
  const TestPage page{.kind = 3, .values = kRows, .levels = repeated_run(kRows, 0, 1)};
  EXPECT_THAT(exhausted(page.write(), {.rows = kRows}), HasSubstr("takes 125000006 bytes"));
}

TEST(PageBytes, EntriesOfADictionaryCountWhereTheyAreTexts) {
  const Rows letters = some_letters(100);
  const std::string of_texts =
      dictionary_page(letters).write() +
      data_page(letters, {.encoding = PageHeader::Encoding::Dictionary, .dictionary = letters})
          .write();
  const auto texts = [&](std::size_t most) {
    return exhausted(of_texts,
                     {.column = flat_column(Kind::String), .rows = 100, .most_page_bytes = most});
  };
  EXPECT_EQ(texts(500 + 1600), "");
  EXPECT_THAT(texts(500 + 1599), HasSubstr("takes 2100 bytes"));
  const Rows numbers = some_numbers(100);
  const std::string of_numbers =
      dictionary_page(numbers).write() +
      data_page(numbers, {.encoding = PageHeader::Encoding::Dictionary, .dictionary = numbers})
          .write();
  const std::size_t page = dictionary_page(numbers).write().size();
  EXPECT_EQ(exhausted(of_numbers, {.rows = 100, .most_page_bytes = page}), "");
  EXPECT_NE(exhausted(of_numbers, {.rows = 100, .most_page_bytes = page - 1}), "");
}

TEST(PageBytes, OfAHeaderAreNotReadBeyondTheLimit) {
  TestPage page = data_page(some_numbers(10), {});
  page.statistics = std::string(3'000'000, 's');
  const std::string pages = page.write();
  EXPECT_EQ(exhausted(pages, {.rows = 10, .most_page_bytes = pages.size()}), "");
  TestChunkFile open(pages, {.rows = 10, .most_page_bytes = 1000});
  const auto ready = open.reader().ready();
  ASSERT_FALSE(ready);
  EXPECT_EQ(ready.error().message(), "column 'c': the header of a page is damaged");
}

TEST(PageBytes, OfAChunkFitWhereTheFooterTellsOfNoMore) {
  const Column text = flat_column(Kind::String);
  const Column number = flat_column(Kind::Int64);
  const Column without_nulls = flat_column(Kind::Int64, /*nullable=*/false);
  const ColumnChunk chunk{.bytes = 100, .unpacked_bytes = 500, .rows = 80, .has_dictionary = false};
  EXPECT_TRUE(fits(without_nulls, chunk, 500));
  EXPECT_FALSE(fits(without_nulls, chunk, 499));
  EXPECT_TRUE(fits(number, chunk, 510));  // a bit for each row
  EXPECT_FALSE(fits(number, chunk, 509));
  EXPECT_TRUE(fits(text, chunk, 510));
  ColumnChunk by_dictionary = chunk;
  by_dictionary.has_dictionary = true;
  EXPECT_TRUE(fits(number, by_dictionary, 510));
  EXPECT_TRUE(fits(text, by_dictionary, 500 + 80 * 16));
  EXPECT_FALSE(fits(text, by_dictionary, 500 + 80 * 16 - 1));
  by_dictionary.rows = 1000;  // of which each has a length
  EXPECT_TRUE(fits(text, by_dictionary, 500 + 125 * 16));
  EXPECT_FALSE(fits(text, by_dictionary, 500 + 125 * 16 - 1));
  ColumnChunk packed = chunk;
  packed.bytes = 511;
  EXPECT_FALSE(fits(number, packed, 510));
}

TEST(PageBytes, ThatNobodyCanCountDoNotFit) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();
  for (const std::int64_t bad : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_FALSE(fits(flat_column(Kind::String), {.bytes = bad, .unpacked_bytes = 1}, kAny));
    EXPECT_FALSE(fits(flat_column(Kind::String), {.bytes = 1, .unpacked_bytes = bad}, kAny));
  }
  EXPECT_FALSE(
      fits(flat_column(Kind::String), {.unpacked_bytes = 10, .rows = kMost}, std::size_t{1} << 30));
  EXPECT_FALSE(fits(
      flat_column(Kind::Int64), {.unpacked_bytes = kMost, .rows = kMost}, std::size_t{1} << 30));
}

}  // namespace
}  // namespace provender::parquet
