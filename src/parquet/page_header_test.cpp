#include "parquet/page_header.hpp"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "parquet/testing_pages.hpp"

namespace provender::parquet {
namespace {

using Encoding = PageHeader::Encoding;
using HeaderKind = PageHeader::Kind;

std::optional<PageHeader> parse(std::string_view bytes) {
  const std::vector<char> exact(bytes.begin(), bytes.end());
  return parse_page_header({exact.data(), exact.size()});
}

/// A page of either version with numbers that differ from each other.
TestPage numbered_page(std::int64_t kind) {
  return {.kind = kind,
          .values = 100,
          .encoding = 0,
          .bytes = 200,
          .unpacked_bytes = 300,
          .level_bytes = 40};
}

TEST(PageHeader, OfTheFirstVersionIsRead) {
  const std::string bytes = numbered_page(0).header(0);
  const auto header = parse(bytes + "and what follows");
  ASSERT_TRUE(header);
  EXPECT_EQ(header->kind, HeaderKind::Data);
  EXPECT_EQ(header->values, 100U);
  EXPECT_EQ(header->bytes, 200U);
  EXPECT_EQ(header->unpacked_bytes, 300U);
  EXPECT_EQ(header->encoding, Encoding::Plain);
  EXPECT_EQ(header->level_bytes, 0U);
  EXPECT_TRUE(header->is_compressed);
  EXPECT_EQ(header->header_bytes, bytes.size());
}

TEST(PageHeader, OfTheSecondVersionIsRead) {
  TestPage page = numbered_page(3);
  auto header = parse(page.header(0));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->kind, HeaderKind::DataV2);
  EXPECT_EQ(header->values, 100U);
  EXPECT_EQ(header->bytes, 200U);
  EXPECT_EQ(header->unpacked_bytes, 300U);
  EXPECT_EQ(header->level_bytes, 40U);
  EXPECT_TRUE(header->is_compressed);
  page.is_compressed = false;
  header = parse(page.header(0));
  ASSERT_TRUE(header);
  EXPECT_FALSE(header->is_compressed);
}

TEST(PageHeader, OfDictionariesAndOtherPagesIsRead) {
  EXPECT_EQ(parse(numbered_page(2).header(0))->kind, HeaderKind::Dictionary);
  EXPECT_EQ(parse(numbered_page(2).header(0))->values, 100U);
  EXPECT_EQ(parse(numbered_page(1).header(0))->kind, HeaderKind::Other);
  EXPECT_EQ(parse(numbered_page(77).header(0))->kind, HeaderKind::Other);
}

TEST(PageHeader, TellsTheEncodings) {
  for (const std::int64_t kind : {0, 3}) {
    TestPage page = numbered_page(kind);
    const auto encoding = [&](std::int64_t number) {
      page.encoding = number;
      return parse(page.header(0))->encoding;
    };
    EXPECT_EQ(encoding(0), Encoding::Plain);
    EXPECT_EQ(encoding(2), Encoding::Dictionary);
    EXPECT_EQ(encoding(8), Encoding::Dictionary);
    EXPECT_EQ(encoding(3), Encoding::Rle);
    for (const std::int64_t other : {1, 4, 5, 6, 7, 9, -1, 256}) {
      EXPECT_EQ(encoding(other), Encoding::Other) << other;
    }
  }
}

TEST(PageHeader, OfTheFirstVersionTellsWhetherItsLevelsAreRuns) {
  TestPage page = numbered_page(0);
  EXPECT_TRUE(parse(page.header(0))->has_level_runs);
  page.level_encoding = 4;
  EXPECT_FALSE(parse(page.header(0))->has_level_runs);
  page.kind = 3;
  EXPECT_TRUE(parse(page.header(0))->has_level_runs);
}

TEST(PageHeader, LeavesOutStatistics) {
  for (const std::int64_t kind : {0, 3}) {
    TestPage page = numbered_page(kind);
    page.statistics = std::string(1000, 's');
    const auto header = parse(page.header(0));
    ASSERT_TRUE(header);
    EXPECT_EQ(header->values, 100U);
    EXPECT_GT(header->header_bytes, 1000U);
  }
}

TEST(PageHeader, CutOffAnywhereIsNone) {
  for (const std::int64_t kind : {0, 2, 3}) {
    const std::string whole = numbered_page(kind).header(0);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_FALSE(parse(std::string_view(whole).substr(0, size))) << kind << ' ' << size;
    }
  }
}

TEST(PageHeader, WithCountsThatAreNoneIsNone) {
  constexpr auto kMost = std::int64_t{std::numeric_limits<std::int32_t>::max()};
  const auto is_read = [](auto change) {
    TestPage page = numbered_page(3);
    change(page);
    return parse(page.header(0)).has_value();
  };
  EXPECT_TRUE(is_read([](TestPage& page) { page.bytes = page.values = kMost; }));
  for (const std::int64_t bad : {std::int64_t{-1}, kMost + 1, INT64_MIN, INT64_MAX}) {
    EXPECT_FALSE(is_read([&](TestPage& page) { page.bytes = bad; })) << bad;
    EXPECT_FALSE(is_read([&](TestPage& page) { page.unpacked_bytes = bad; })) << bad;
    EXPECT_FALSE(is_read([&](TestPage& page) { page.values = bad; })) << bad;
    EXPECT_FALSE(is_read([&](TestPage& page) { page.level_bytes = bad; })) << bad;
  }
  EXPECT_FALSE(is_read([](TestPage& page) { page.repetition_bytes = 1; }));  // a list's
  EXPECT_FALSE(parse(std::string(1, '\0')));                                 // of no kind
}

}  // namespace
}  // namespace provender::parquet
