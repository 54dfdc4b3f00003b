#include "parquet/chunk_writer.hpp"

#include <algorithm>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/endian.hpp"
#include "parquet/testing_chunk.hpp"
#include "parquet/testing_values.hpp"

namespace provender::parquet {
namespace {

using Rows = std::vector<Value>;

constexpr std::size_t kMostDictionaryBytes = std::size_t{16} << 20;

Value text_value(std::string text) {
  return {.storage = std::move(text)};
}

/// Written some rows after the other.
WrittenChunk write(ChunkWriter& writer, Kind kind, std::span<const Value> rows, std::size_t step) {
  writer.begin(flat_column(kind));
  while (!rows.empty()) {
    const auto some = rows.first(std::min(step, rows.size()));
    const ValueColumn column(kind, some);
    EXPECT_TRUE(writer.add(column.view()));
    rows = rows.subspan(some.size());
  }
  return writer.finish();
}

/// What `ChunkReader` reads of it.
Rows read_back(const WrittenChunk& chunk, Kind kind) {
  TestChunkFile open(chunk.dictionary + chunk.pages,
                     {.column = flat_column(kind),
                      .codec = Codec::Zstd,
                      .rows = chunk.rows,
                      .most_page_bytes = std::size_t{64} << 20});
  auto rows = read_rows(open.reader(), static_cast<std::size_t>(chunk.rows));
  EXPECT_TRUE(rows) << rows.error().message();
  return rows ? *std::move(rows) : Rows();
}

/// How many pages there are: of a dictionary, and of data.
std::pair<int, int> pages_of(const WrittenChunk& chunk) {
  std::pair<int, int> out;
  const std::string pages = chunk.dictionary + chunk.pages;
  for (std::string_view left = pages; !left.empty();) {
    const auto header = parse_page_header(left);
    if (!header) throw std::invalid_argument("no page");
    ++(header->kind == PageHeader::Kind::Dictionary ? out.first : out.second);
    left.remove_prefix(header->header_bytes + header->bytes);
  }
  return out;
}

TEST(ChunkWriter, WritesRandomRowsAsTheyAreRead) {
  ChunkWriter writer(kMostDictionaryBytes);
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    std::mt19937_64 random(seed);
    const auto kind = static_cast<Kind>(1 + random() % 8);
    const std::uint64_t nulls = random() % 5;
    Rows rows;
    for (std::size_t count = random() % (random() % 4 == 0 ? 9000 : 200); count > 0; --count) {
      const bool is_null = nulls == 4 || random() % 8 < nulls;
      const bool is_same = !rows.empty() && random() % 3 != 0;
      rows.push_back(is_null   ? Value()
                     : is_same ? rows[random() % rows.size()]
                               : random_value(random, kind));
    }
    const WrittenChunk chunk = write(writer, kind, rows, 1 + random() % 3000);
    ASSERT_EQ(chunk.rows, static_cast<std::int64_t>(rows.size())) << "seed " << seed;
    ASSERT_EQ(read_back(chunk, kind), rows) << "seed " << seed;
    ASSERT_EQ(chunk.statistics.nulls, std::ranges::count(rows, Value())) << "seed " << seed;
  }
}

TEST(ChunkWriter, CutsPagesWhereOthersDo) {
  ChunkWriter writer(kMostDictionaryBytes);
  Rows numbers(300'000);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i].storage = static_cast<std::int64_t>(i);
  }
  const WrittenChunk chunk = write(writer, Kind::Int64, numbers, 2048);
  EXPECT_EQ(pages_of(chunk), std::pair(0, 3));
  EXPECT_EQ(read_back(chunk, Kind::Int64), numbers);
  EXPECT_EQ(load_le<std::int64_t>(chunk.statistics.most->data()), 299'999);

  Rows texts;
  for (int i = 0; i < 5; ++i) {
    texts.push_back(text_value(std::string(6'000'000, static_cast<char>('a' + i))));
  }
  const WrittenChunk long_texts = write(writer, Kind::String, texts, 5);
  EXPECT_EQ(pages_of(long_texts), std::pair(1, 4))
      << "one by the dictionary, and 2 of 2 plain ones";
  EXPECT_EQ(read_back(long_texts, Kind::String), texts);
  EXPECT_FALSE(long_texts.statistics.least) << "too long";
}

/// Whether there is a dictionary, and whether there are plain values.
std::pair<bool, bool> forms_of(Kind kind, const Rows& rows) {
  ChunkWriter writer(kMostDictionaryBytes);
  const WrittenChunk chunk = write(writer, kind, rows, 2048);
  EXPECT_EQ(read_back(chunk, kind), rows);
  return {!chunk.dictionary.empty(), chunk.has_plain_values};
}

TEST(ChunkWriter, WritesTextsByADictionaryAsLongAsItHelps) {
  Rows few;
  Rows many;
  Rows growing;
  Rows long_ones;
  for (int i = 0; i < 100'000; ++i) {
    few.push_back(text_value(std::to_string(i * 7919 % 7000)));
    many.push_back(text_value(std::to_string(i)));
    growing.push_back(text_value(std::to_string(i < 50'000 ? i % 7 : i)));
  }
  for (int i = 0; i < 1000; ++i) {
    long_ones.push_back(text_value(std::string(60'000, static_cast<char>('a' + i % 20))));
  }
  EXPECT_EQ(forms_of(Kind::String, few), std::pair(true, false));
  EXPECT_EQ(forms_of(Kind::String, many), std::pair(true, true));
  EXPECT_EQ(forms_of(Kind::String, growing), std::pair(true, false));
  EXPECT_EQ(forms_of(Kind::String, long_ones), std::pair(true, false));
  EXPECT_EQ(forms_of(Kind::String, Rows(10)), std::pair(false, true)) << "nulls need none";
  ChunkWriter writer(kMostDictionaryBytes);
  EXPECT_EQ(pages_of(write(writer, Kind::String, few, 2048)), std::pair(1, 1));
}

TEST(ChunkWriter, WritesNumbersByADictionaryWhereItHelps) {
  Rows few;
  Rows many;
  Rows late;
  for (std::int64_t i = 0; i < 120'000; ++i) {
    few.push_back({.storage = i % 11 == 0   ? 0.0
                              : i % 11 == 1 ? -0.0
                                            : static_cast<double>(i % 11)});
    many.push_back({.storage = i * 7919 % 100'000});
    late.push_back({.storage = i < 40'000 ? i % 9 : i});
  }
  few[7] = {};
  EXPECT_EQ(forms_of(Kind::Float64, few), std::pair(true, false));
  EXPECT_EQ(forms_of(Kind::Int64, many), std::pair(false, true));
  EXPECT_EQ(forms_of(Kind::Int64, late), std::pair(false, true)) << "there is no more room";
  EXPECT_EQ(forms_of(Kind::Int64, Rows(many.begin(), many.begin() + 100)), std::pair(false, true));
  EXPECT_EQ(forms_of(Kind::Float64, Rows(few.begin(), few.begin() + 100)), std::pair(true, false));
}

/// Texts by a dictionary of their own, whose entries are not all used and come twice.
class TextsByPlaces {
 public:
  TextsByPlaces(std::size_t entries, std::size_t length) {
    for (std::size_t i = 0; i < entries; ++i) {
      texts_.push_back(std::to_string(i / 2) + std::string(length, 'x'));
    }
    views_.assign(texts_.begin(), texts_.end());
  }
  ColumnView entries() const {
    return {.type = {.kind = Kind::String}, .size = views_.size(), .data = views_.data()};
  }
  /// Adds them to the rows that are expected.
  void add(ChunkWriter& writer, std::span<const std::uint32_t> places, Rows& rows) const {
    ASSERT_TRUE(writer.add_places(places));
    for (const std::uint32_t place : places) {
      rows.push_back(place == ChunkWriter::kNull ? Value() : text_value(texts_[place]));
    }
  }

 private:
  std::vector<std::string> texts_;
  std::vector<std::string_view> views_;
};

TEST(ChunkWriter, WritesTextsByADictionaryThatAreGivenByOne) {
  const TextsByPlaces long_ones(3000, 5000);
  const TextsByPlaces others(100, 10);
  std::vector<std::uint32_t> places(20'000);
  for (std::size_t i = 0; i < places.size(); ++i) {
    places[i] = i % 50 == 49 ? ChunkWriter::kNull : static_cast<std::uint32_t>(i * 7 % 2500);
  }
  Rows plain;
  for (int i = 0; i < 20'000; ++i) {
    plain.push_back(text_value("text " + std::to_string(i)));
  }
  const ValueColumn plain_column(Kind::String, plain);
  ChunkWriter writer(kMostDictionaryBytes);
  for (int round = 0; round < 2; ++round) {
    Rows rows;
    writer.begin(flat_column(Kind::String));
    writer.set_entries(long_ones.entries());
    long_ones.add(writer, places, rows);
    ASSERT_TRUE(writer.add(plain_column.view()));
    rows.insert(rows.end(), plain.begin(), plain.end());
    writer.set_entries(others.entries());
    others.add(writer, std::vector<std::uint32_t>{99, 0, 1, ChunkWriter::kNull, 7}, rows);
    const WrittenChunk chunk = writer.finish();
    EXPECT_EQ(read_back(chunk, Kind::String), rows);
    EXPECT_TRUE(chunk.has_plain_values) << "those that came as they are, and hardly ever twice";
    EXPECT_LT(chunk.unpacked_bytes, 8'000'000) << "each of the 1,250 long ones is there once";
    EXPECT_EQ(pages_of(chunk), std::pair(1, 3));
    EXPECT_EQ(*chunk.statistics.nulls, 401);
  }
}

TEST(ChunkWriter, WritesTextsPlainlyThatItsDictionaryHasNoRoomFor) {
  const TextsByPlaces texts(200, 1000);
  std::vector<std::uint32_t> places(1000);
  for (std::size_t i = 0; i < places.size(); ++i) {
    places[i] = static_cast<std::uint32_t>(i % 200);
  }
  ChunkWriter writer(50'000);
  Rows rows;
  writer.begin(flat_column(Kind::String));
  writer.set_entries(texts.entries());
  texts.add(writer, places, rows);
  // Short ones and those that are there have room yet.
  const Rows more = {rows[0], text_value("a"), rows[199], rows[1], text_value("a")};
  ASSERT_TRUE(writer.add(ValueColumn(Kind::String, more).view()));
  rows.insert(rows.end(), more.begin(), more.end());
  const WrittenChunk chunk = writer.finish();
  EXPECT_EQ(read_back(chunk, Kind::String), rows);
  EXPECT_TRUE(chunk.has_plain_values);
  EXPECT_GE(pages_of(chunk).second, 4) << "plain and by the dictionary in turns";
}

TEST(ChunkWriter, OfNoRowsThereIsNoPage) {
  ChunkWriter writer(kMostDictionaryBytes);
  for (const Kind kind : {Kind::Int64, Kind::Bool, Kind::String}) {
    const WrittenChunk chunk = write(writer, kind, {}, 1);
    EXPECT_EQ(chunk.pages, "");
    EXPECT_EQ(chunk.rows, 0);
  }
}

TEST(ChunkWriter, RefusesATextThatNoPageHolds) {
  ChunkWriter writer(kMostDictionaryBytes);
  writer.begin(flat_column(Kind::Bytes));
  static const char first = 'a';
  const std::string_view text(&first, std::size_t{1} << 31);  // nobody reads it
  const auto done = writer.add({.type = {.kind = Kind::Bytes}, .size = 1, .data = &text});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::ResourceExhausted);
  EXPECT_EQ(
      done.error().message(),
      "column 'c' has a value of 2147483648 bytes, and in Parquet one has 2145386495 at most");
}

}  // namespace
}  // namespace provender::parquet
