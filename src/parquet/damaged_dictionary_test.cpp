#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "parquet/testing_damage.hpp"

/// Chunks whose dictionary is damaged, or whose places in it are.
namespace provender::parquet {
namespace {

using Encoding = PageHeader::Encoding;
using Rows = std::vector<Value>;

/// A dictionary of ten numbers and a page of its places, with something in them changed.
template <class Change>
std::string dictionary_failure(Change change) {
  const Rows entries = ten_numbers();
  TestPage dictionary = dictionary_page(entries);
  TestPage page = data_page(entries, {.encoding = Encoding::Dictionary, .dictionary = entries});
  change(dictionary, page);
  return chunk_failure(dictionary.write() + page.write(), {.rows = 10});
}

TEST(DamagedChunk, WithAWholeDictionaryIsRead) {
  EXPECT_EQ(dictionary_failure([](TestPage&, TestPage&) {}), "");
}

TEST(DamagedChunk, WithoutItsDictionary) {
  const Rows entries = ten_numbers();
  const std::string dictionary = dictionary_page(entries).write();
  const std::string page =
      data_page(entries, {.encoding = Encoding::Dictionary, .dictionary = entries}).write();
  EXPECT_EQ(chunk_failure(page, {.rows = 10}), "it has no dictionary");
  EXPECT_EQ(chunk_failure(page + dictionary, {.rows = 10}), "it has no dictionary");
  const Rows one_value = {{}, {}, entries[0]};
  EXPECT_EQ(
      chunk_failure(
          data_page(one_value, {.encoding = Encoding::Dictionary, .dictionary = entries}).write(),
          {.rows = 3}),
      "it has no dictionary");
  EXPECT_EQ(chunk_failure(dictionary + dictionary + page, {.rows = 10}), "it has two dictionaries");
  EXPECT_EQ(chunk_failure(dictionary + page, {.rows = 10}), "");
}

TEST(DamagedChunk, TheDictionaryOfAnotherColumnIsNotItsOwn) {
  const Rows entries = ten_numbers();
  const std::string page =
      data_page(entries, {.encoding = Encoding::Dictionary, .dictionary = entries}).write();
  const std::string whole = dictionary_page(entries).write() + page;
  TestChunkFile first(whole, {.rows = 10});
  ASSERT_TRUE(read_rows(first.reader(), 10));
  const MemoryFile memory(page);
  const auto file = File::open(memory.path());
  ASSERT_TRUE(first.reader().open(
      *file, flat_column(Kind::Int64), {.begin = 0, .bytes = file->size(), .rows = 10}));
  const auto ready = first.reader().ready();
  ASSERT_FALSE(ready);
  EXPECT_EQ(what_is_wrong(ready.error()), "it has no dictionary");
}

TEST(DamagedChunk, WithADictionaryOfFewerEntriesThanItSays) {
  const std::string_view early = "its dictionary ends early";
  for (const std::int64_t values : {11, 80, INT32_MAX}) {
    EXPECT_EQ(
        dictionary_failure([&](TestPage& dictionary, TestPage&) { dictionary.values = values; }),
        early);
    TestPage words = dictionary_page(three_words());
    words.values = values;
    EXPECT_EQ(chunk_failure(words.write(), {.column = flat_column(Kind::String), .rows = 1}),
              early);
  }
  TestPage cut = dictionary_page(three_words());
  cut.body.pop_back();
  EXPECT_EQ(chunk_failure(cut.write(), {.column = flat_column(Kind::String), .rows = 1}), early);
}

TEST(DamagedChunk, AfterAnErrorNothingBehindItsBytesIsRead) {
  const Rows entries = three_words();
  TestPage dictionary = dictionary_page(entries);
  dictionary.values = 4;
  TestPage page = data_page(entries, {.encoding = Encoding::Dictionary, .dictionary = entries});
  page.body = '\x02' + repeated_run(3, 3, 2);
  TestChunkFile open(dictionary.write() + page.write(),
                     {.column = flat_column(Kind::String), .rows = 3});
  EXPECT_FALSE(open.reader().ready());
  EXPECT_FALSE(open.reader().ready());
}

TEST(DamagedChunk, WithADictionaryThatIsNotPlain) {
  const std::string_view not_plain = "its dictionary is not plain";
  EXPECT_EQ(dictionary_failure([](TestPage& page, TestPage&) { page.encoding = 3; }), not_plain);
  EXPECT_EQ(dictionary_failure([](TestPage& page, TestPage&) { page.encoding = 5; }), not_plain);
  EXPECT_EQ(dictionary_failure([](TestPage& page, TestPage&) { page.encoding = 2; }), "");
  const TestPage bools{.kind = 2, .values = 2, .body = "\2"};
  EXPECT_EQ(chunk_failure(bools.write(), {.column = flat_column(Kind::Bool), .rows = 1}),
            not_plain);
}

TEST(DamagedChunk, WithPlacesBehindItsDictionary) {
  const std::string_view behind = "a page has a place behind its dictionary";
  EXPECT_EQ(dictionary_failure([](TestPage&, TestPage& page) {
              page.body = '\x04' + repeated_run(9, 9, 4) + repeated_run(1, 10, 4);
            }),
            behind);
  EXPECT_EQ(dictionary_failure([](TestPage&, TestPage& page) {
              page.body = '\x20' + repeated_run(10, 0xFFFF'FFFF, 32);
            }),
            behind);
  EXPECT_EQ(dictionary_failure([](TestPage& dictionary, TestPage& page) {
              dictionary.values = 0;
              page.body = std::string("\0", 1) + repeated_run(10, 0, 0);
            }),
            behind);
  EXPECT_EQ(dictionary_failure(
                [](TestPage&, TestPage& page) { page.body = '\x20' + repeated_run(10, 9, 32); }),
            "");
}

TEST(DamagedChunk, WithPlacesBehindItsDictionaryWhereSomeAreRead) {
  const Rows entries = ten_numbers();
  TestPage page = data_page(entries, {.encoding = Encoding::Dictionary, .dictionary = entries});
  page.body = '\x04' + repeated_run(9, 9, 4) + repeated_run(1, 10, 4);
  const std::string pages = dictionary_page(entries).write() + page.write();
  const std::vector<std::uint32_t> last = {9};
  TestChunkFile some(pages, {.rows = 10});
  ASSERT_TRUE(some.reader().ready());
  EXPECT_FALSE(some.reader().read(10, last));
  TestChunkFile places(pages, {.rows = 10});
  ASSERT_TRUE(places.reader().ready());
  EXPECT_FALSE(places.reader().read_places(10));
}

TEST(DamagedChunk, WithPlacesThatEndEarly) {
  const auto failure = [](std::string body) {
    return dictionary_failure([&](TestPage&, TestPage& page) { page.body = std::move(body); });
  };
  EXPECT_EQ(failure(""), "a page ends early");
  EXPECT_EQ(failure("\x04"), "a page ends early");
  EXPECT_EQ(failure('\x04' + repeated_run(9, 1, 4)), "a page ends early");
  EXPECT_EQ(failure('\x21' + repeated_run(10, 1, 33)), "a page has places of more than 32 bits");
  EXPECT_EQ(failure('\xff' + repeated_run(10, 1, 32)), "a page has places of more than 32 bits");
}

}  // namespace
}  // namespace provender::parquet
