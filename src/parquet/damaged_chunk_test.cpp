#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "parquet/testing_damage.hpp"

namespace provender::parquet {
namespace {

using Encoding = PageHeader::Encoding;
using Rows = std::vector<Value>;

/// A page of ten numbers with something in it changed.
template <class Change>
std::string numbers_failure(Change change, PageForm form = {}, Codec codec = Codec::None) {
  TestPage page = data_page(ten_numbers(), form);
  change(page);
  return chunk_failure(
      page.write(codec),
      {.column = flat_column(Kind::Int64, form.nullable), .codec = codec, .rows = 10});
}

constexpr auto kAsItIs = [](TestPage&) {};

TEST(DamagedChunk, WithoutDamageIsRead) {
  for (const int version : {1, 2}) {
    for (const Codec codec : {Codec::None, Codec::Snappy, Codec::Zstd}) {
      for (const bool nullable : {false, true}) {
        EXPECT_EQ(numbers_failure(kAsItIs, {.version = version, .nullable = nullable}, codec), "");
      }
    }
  }
}

TEST(DamagedChunk, WhoseBytesEndEarly) {
  for (const int version : {1, 2}) {
    const TestPage page = data_page(ten_numbers(), {.version = version});
    const std::string whole = page.write();
    const std::size_t header = page.header(page.body.size()).size();
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_EQ(chunk_failure(std::string_view(whole).substr(0, size), {.rows = 10}),
                size == 0       ? "pages are missing"
                : size < header ? "the header of a page is damaged"
                                : "a page ends behind its column")
          << size;
    }
  }
}

TEST(DamagedChunk, WithSizesThatLie) {
  for (const int version : {1, 2}) {
    for (const Codec codec : {Codec::None, Codec::Snappy, Codec::Zstd}) {
      const auto failure = [&](auto change) {
        return numbers_failure(change, {.version = version}, codec);
      };
      for (const std::int64_t size : {0, 1, 50, 81, 90, 100'000}) {
        EXPECT_EQ(failure([&](TestPage& page) { page.unpacked_bytes = size; }),
                  "a page does not unpack to what its header says")
            << size;
      }
      for (const std::int64_t size : {0, 1, 20}) {
        EXPECT_EQ(failure([&](TestPage& page) { page.bytes = size; }),
                  "a page does not unpack to what its header says")
            << size;
      }
      EXPECT_EQ(failure([](TestPage& page) { page.bytes = 1'000'000; }),
                "a page ends behind its column");
      for (const std::int64_t size : {-1, INT32_MIN}) {
        const std::string_view damaged = "the header of a page is damaged";
        EXPECT_EQ(failure([&](TestPage& page) { page.bytes = size; }), damaged);
        EXPECT_EQ(failure([&](TestPage& page) { page.unpacked_bytes = size; }), damaged);
        EXPECT_EQ(failure([&](TestPage& page) { page.values = size; }), damaged);
      }
    }
  }
}

TEST(DamagedChunk, WithLevelsOfAnotherLengthThanItSays) {
  const PageForm v2 = {.version = 2};
  const auto failure = [&](std::int64_t bytes) {
    return numbers_failure([&](TestPage& page) { page.level_bytes = bytes; }, v2);
  };
  EXPECT_EQ(failure(0), "the levels of a page end early");
  EXPECT_EQ(failure(1), "the levels of a page end early");
  EXPECT_EQ(failure(3), "a page ends early");
  EXPECT_EQ(failure(82), "a page ends early");
  EXPECT_EQ(failure(83), "a page does not unpack to what its header says");
  EXPECT_EQ(failure(INT32_MAX), "a page does not unpack to what its header says");
  for (const std::uint64_t bytes : {0ULL, 1ULL, 90ULL, 0xFFFF'FFFFULL}) {
    EXPECT_EQ(numbers_failure(
                  [&](TestPage& page) { page.levels.replace(0, 4, little_endian(bytes, 4)); }),
              "the levels of a page end early")
        << bytes;
  }
  EXPECT_EQ(numbers_failure([](TestPage& page) { page.levels = page.body = "abc"; }),
            "the levels of a page end early");
}

TEST(DamagedChunk, WithFewerLevelsThanRows) {
  for (const int version : {1, 2}) {
    EXPECT_EQ(numbers_failure(
                  [&](TestPage& page) {
                    page.levels = repeated_run(9, 1, 1);
                    if (version == 1) page.levels = little_endian(2, 4) + page.levels;
                  },
                  {.version = version}),
              "the levels of a page end early");
  }
}

TEST(DamagedChunk, WithLevelsThatAreNoRuns) {
  const auto old = [](TestPage& page) { page.level_encoding = 4; };
  EXPECT_EQ(numbers_failure(old), "the levels of a page are in an encoding that is not read");
  EXPECT_EQ(numbers_failure(old, {.nullable = false}), "");  // it has none
}

TEST(DamagedChunk, WithFewerValuesThanLevels) {
  for (const int version : {1, 2}) {
    EXPECT_EQ(numbers_failure([](TestPage& page) { page.body.pop_back(); }, {.version = version}),
              "a page ends early");
  }
}

TEST(DamagedChunk, WithOtherRowsThanItsRowGroup) {
  const std::string page = data_page(ten_numbers(), {}).write();
  EXPECT_EQ(chunk_failure(page + page, {.rows = 19}),
            "its pages have more rows than its row group");
  EXPECT_EQ(chunk_failure(page + page, {.rows = 21}), "pages are missing");
  EXPECT_EQ(chunk_failure("", {.rows = 1}), "pages are missing");
  TestChunkFile open(page, {.rows = 10});
  open.reader().skip(11);
  EXPECT_FALSE(open.reader().ready());
}

TEST(DamagedChunk, WithBoolsThatAreNone) {
  const auto failure = [](std::string body, std::int64_t encoding) {
    const TestPage page{.values = 10, .encoding = encoding, .body = std::move(body)};
    return chunk_failure(page.write(),
                         {.column = flat_column(Kind::Bool, /*nullable=*/false), .rows = 10});
  };
  EXPECT_EQ(failure("\xff\xff", 0), "");
  EXPECT_EQ(failure("\xff", 0), "a page ends early");
  EXPECT_EQ(failure(little_endian(2, 4) + repeated_run(10, 1, 1), 3), "");
  EXPECT_EQ(failure(little_endian(2, 4) + repeated_run(9, 1, 1), 3), "a page ends early");
  EXPECT_EQ(failure(little_endian(2, 4) + repeated_run(10, 2, 1), 3), "a page ends early");
  EXPECT_EQ(failure(little_endian(3, 4) + repeated_run(10, 1, 1), 3), "a page ends early");
  EXPECT_EQ(failure("abc", 3), "a page ends early");
  EXPECT_EQ(failure("", 3), "a page ends early");
  EXPECT_EQ(failure("\1\1", 8), "it has no dictionary");
}

TEST(DamagedChunk, WithTextsWhoseLengthPointsOutOfThePage) {
  for (const std::uint64_t length : {6ULL, 1000ULL, 0xFFFF'FFFFULL}) {
    TestPage page = data_page(three_words(), {});
    page.body.replace(page.body.size() - 9, 4, little_endian(length, 4));
    const TestChunkFile::Form form = {.column = flat_column(Kind::String), .rows = 3};
    EXPECT_EQ(chunk_failure(page.write(), form), "a page ends early") << length;
    TestChunkFile skipped(page.write(), form);
    ASSERT_TRUE(skipped.reader().ready());
    EXPECT_FALSE(skipped.reader().read(3, {}));  // also where nobody wants it
  }
  TestPage cut = data_page(three_words(), {});
  cut.body.resize(cut.body.size() - 6);
  EXPECT_EQ(chunk_failure(cut.write(), {.column = flat_column(Kind::String), .rows = 3}),
            "a page ends early");
}

TEST(DamagedChunk, WithTextsThatAreNotUtf8) {
  const Rows bad = {{.storage = std::string("fine")}, {.storage = std::string("\xC3(")}};
  const std::string plain = data_page(bad, {}).write();
  const std::string by_dictionary =
      dictionary_page(bad).write() +
      data_page(bad, {.encoding = Encoding::Dictionary, .dictionary = bad}).write();
  for (const std::string& pages : {plain, by_dictionary}) {
    EXPECT_EQ(chunk_failure(pages, {.column = flat_column(Kind::String), .rows = 2}),
              "a text is not UTF-8");
    EXPECT_EQ(chunk_failure(pages, {.column = flat_column(Kind::Bytes), .rows = 2}), "");
  }
}

TEST(DamagedChunk, WithAnEncodingThatItsFooterDoesNotTellOf) {
  for (const std::int64_t encoding : {3, 4, 5, 6, 7, 9}) {
    EXPECT_EQ(numbers_failure([&](TestPage& page) { page.encoding = encoding; }),
              "a page has an encoding that the footer does not tell of")
        << encoding;
  }
}

TEST(DamagedChunk, OutOfItsFileDoesNotOpen) {
  const MemoryFile memory("0123456789");
  const auto file = File::open(memory.path());
  ChunkReader reader(1000);
  const auto opens = [&](std::int64_t begin, std::int64_t bytes) {
    const auto opened =
        reader.open(*file, flat_column(Kind::Int64), {.begin = begin, .bytes = bytes, .rows = 1});
    if (!opened) {
      EXPECT_EQ(opened.error().code(), ErrorCode::InvalidArgument);
      EXPECT_FALSE(reader.ready());
    }
    return opened.has_value();
  };
  EXPECT_TRUE(opens(0, 10));
  EXPECT_TRUE(opens(10, 0));
  EXPECT_FALSE(opens(0, 11));
  EXPECT_FALSE(opens(10, 1));
  EXPECT_FALSE(opens(11, 0));
  EXPECT_FALSE(opens(-1, 5));
  EXPECT_FALSE(opens(5, -1));
  EXPECT_FALSE(opens(INT64_MAX, INT64_MAX));
  EXPECT_FALSE(opens(5, INT64_MAX));
  EXPECT_FALSE(opens(INT64_MIN, INT64_MAX));
}

TEST(DamagedChunk, OfAFileThatIsCutShortMeanwhileIsAConflict) {
  const std::string page = data_page(ten_numbers(), {}).write();
  TestChunkFile open(page, {.rows = 10});
  open.memory().truncate(20);
  const auto ready = open.reader().ready();
  ASSERT_FALSE(ready);
  EXPECT_EQ(ready.error().code(), ErrorCode::Conflict);
}

TEST(DamagedChunk, RandomDamageIsFoundOrGivesOtherValues) {
  const Rows words = {{.storage = std::string("one")}, {}, {.storage = std::string("three")}};
  const Rows entries = {words[0], words[2]};
  for (const Codec codec : {Codec::None, Codec::Snappy, Codec::Zstd}) {
    const std::string whole =
        dictionary_page(entries).write(codec) +
        data_page(words, {.encoding = Encoding::Dictionary, .dictionary = entries}).write(codec) +
        data_page(words, {.version = 2}).write(codec);
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const int flip : {0x01, 0x02, 0x10, 0x80, 0xff}) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ flip);
        TestChunkFile open(damaged,
                           {.column = flat_column(Kind::String), .codec = codec, .rows = 6});
        static_cast<void>(read_rows(open.reader(), 6));
      }
    }
  }
}

}  // namespace
}  // namespace provender::parquet
