#include "parquet/footer.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "parquet/testing_pages.hpp"

namespace provender::parquet {
namespace {

using Wire = CompactReader::Type;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// An element of a schema, and the chunk of a leaf, as parquet.thrift has them.
struct TestElement {
  std::string name = "a";
  std::optional<std::int64_t> physical = 2;  ///< int64
  std::int64_t repetition = 1;               ///< optional
  std::int64_t children = 0;
  std::optional<std::int64_t> converted;
  std::function<void(CompactWriter&)> logical;  ///< writes what is in it
};
struct TestChunk {
  std::vector<std::int64_t> encodings = {0, 3};
  std::int64_t codec = 0;
  std::int64_t values = 10;
  std::int64_t bytes = 100;
  std::int64_t data_page = 54;
  std::optional<std::int64_t> dictionary_page;
  bool has_metadata = true;
  std::function<void(CompactWriter&)> statistics;  ///< writes what is in them
  int other_field = 0;                             ///< a text of this id, where it is not 3
};
struct TestGroup {
  std::vector<TestChunk> chunks = {{}};
  std::int64_t rows = 10;
};

void write_element(CompactWriter& out, const TestElement& element) {
  if (element.physical) out.integer(1, *element.physical);
  out.integer(3, element.repetition);
  out.binary(4, element.name);
  if (element.children != 0) out.integer(5, element.children);
  if (element.converted) out.integer(6, *element.converted);
  if (element.logical) {
    out.begin_struct(10);
    element.logical(out);
    out.end();
  }
}

void write_chunk(CompactWriter& out, const TestChunk& chunk) {
  if (chunk.other_field == 1) out.binary(1, "other.parquet");
  out.integer(2, 0, Wire::I64);
  if (chunk.has_metadata) {
    out.begin_struct(3);
    out.integer(1, 2);
    out.begin_list(2, Wire::I32, chunk.encodings.size());
    for (const std::int64_t encoding : chunk.encodings) {
      out.element(encoding);
    }
    out.begin_list(3, Wire::Binary, 1);
    out.raw("\x01k");
    out.integer(4, chunk.codec);
    out.integer(5, chunk.values, Wire::I64);
    out.integer(6, chunk.bytes + 1, Wire::I64);
    out.integer(7, chunk.bytes, Wire::I64);
    out.integer(9, chunk.data_page, Wire::I64);
    if (chunk.dictionary_page) out.integer(11, *chunk.dictionary_page, Wire::I64);
    if (chunk.statistics) {
      out.begin_struct(12);
      chunk.statistics(out);
      out.end();
    }
    out.end();
  }
  if (chunk.other_field > 3) {
    out.begin_struct(chunk.other_field);
    out.end();
  }
}

std::string write_footer(const std::vector<TestElement>& schema,
                         const std::vector<TestGroup>& groups) {
  CompactWriter out;
  out.integer(1, 2);
  out.begin_list(2, Wire::Struct, schema.size());
  for (const TestElement& element : schema) {
    out.begin_element();
    write_element(out, element);
    out.end();
  }
  out.integer(3, 10, Wire::I64);
  out.begin_list(4, Wire::Struct, groups.size());
  for (const TestGroup& group : groups) {
    out.begin_element();
    out.begin_list(1, Wire::Struct, group.chunks.size());
    for (const TestChunk& chunk : group.chunks) {
      out.begin_element();
      write_chunk(out, chunk);
      out.end();
    }
    out.integer(2, 1000, Wire::I64);
    out.integer(3, group.rows, Wire::I64);
    out.end();
  }
  out.binary(6, "a test");
  return out.finish();
}

/// The root of a schema.
TestElement root(std::int64_t children) {
  return {.name = "root", .physical = std::nullopt, .repetition = 0, .children = children};
}
TestElement group(std::int64_t children, std::string name = "g") {
  return {.name = std::move(name), .physical = std::nullopt, .children = children};
}

/// The one column of a file that has one; nullopt: it is not read.
std::optional<Column> column_of(const TestElement& element) {
  const auto footer = parse_footer(write_footer({root(1), element}, {}));
  if (!footer) {
    ADD_FAILURE() << footer.error().message();
    return std::nullopt;
  }
  return footer->columns.empty() ? std::nullopt : std::optional(footer->columns[0]);
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

void expect_damaged(const std::string& bytes) {
  const auto footer = parse_footer(bytes);
  ASSERT_FALSE(footer);
  EXPECT_EQ(footer.error().code(), ErrorCode::InvalidArgument);
  EXPECT_EQ(footer.error().message(), "the footer is damaged");
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

TEST(Footer, KnowsTheTypesOfFlatColumns) {
  const auto kind = [](std::int64_t physical, std::optional<std::int64_t> converted = {}) {
    const auto column = column_of({.physical = physical, .converted = converted});
    return column ? std::optional(column->type.kind) : std::nullopt;
  };
  EXPECT_EQ(kind(0), Kind::Bool);
  EXPECT_EQ(kind(1), Kind::Int32);
  EXPECT_EQ(kind(1, 17), Kind::Int32);
  EXPECT_EQ(kind(2), Kind::Int64);
  EXPECT_EQ(kind(2, 18), Kind::Int64);
  EXPECT_EQ(kind(2, 10), Kind::Timestamp);
  EXPECT_EQ(kind(4), Kind::Float32);
  EXPECT_EQ(kind(5), Kind::Float64);
  EXPECT_EQ(kind(6), Kind::Bytes);
  EXPECT_EQ(kind(6, 0), Kind::String);
}

TEST(Footer, LeavesOutTypesThatMeanSomethingElse) {
  const auto is_read = [](std::int64_t physical, std::optional<std::int64_t> converted = {}) {
    return column_of({.physical = physical, .converted = converted}).has_value();
  };
  EXPECT_FALSE(is_read(3));  // int96
  EXPECT_FALSE(is_read(7));  // of fixed length
  for (const std::int64_t none : {-1, 8, 256, 258}) {
    EXPECT_FALSE(is_read(none)) << none;
  }
  EXPECT_FALSE(is_read(1, 6));   // date
  EXPECT_FALSE(is_read(1, 5));   // decimal
  EXPECT_FALSE(is_read(1, 13));  // of no sign
  EXPECT_FALSE(is_read(1, 15));  // of 8 bits
  EXPECT_FALSE(is_read(1, 18));  // of 64 bits, which it has not
  EXPECT_FALSE(is_read(2, 9));   // milliseconds
  EXPECT_FALSE(is_read(2, 14));  // of no sign
  EXPECT_FALSE(is_read(2, 5));
  EXPECT_FALSE(is_read(6, 4));   // enum
  EXPECT_FALSE(is_read(6, 19));  // JSON
  EXPECT_FALSE(is_read(0, 17));
  EXPECT_FALSE(is_read(4, 17));
  EXPECT_FALSE(is_read(5, 17));
}

std::optional<Kind> kind_of_logical(std::int64_t physical,
                                    int logical,
                                    const std::function<void(CompactWriter&)>& parameters = {}) {
  const auto column = column_of({.physical = physical, .logical = [&](CompactWriter& out) {
                                   out.begin_struct(logical);
                                   if (parameters) parameters(out);
                                   out.end();
                                 }});
  return column ? std::optional(column->type.kind) : std::nullopt;
}

TEST(Footer, KnowsLogicalTypes) {
  const auto integer = [](std::int64_t bits, bool is_signed) {
    return [=](CompactWriter& out) {
      out.integer(1, bits, Wire::Byte);
      out.boolean(2, is_signed);
    };
  };
  EXPECT_EQ(kind_of_logical(1, 10, integer(32, true)), Kind::Int32);
  EXPECT_EQ(kind_of_logical(2, 10, integer(64, true)), Kind::Int64);
  EXPECT_FALSE(kind_of_logical(1, 10, integer(8, true)));
  EXPECT_FALSE(kind_of_logical(1, 10, integer(32, false)));
  EXPECT_FALSE(kind_of_logical(2, 10, integer(64, false)));
  for (const int other : {4, 5, 11, 12, 13, 16, 77}) {
    EXPECT_FALSE(kind_of_logical(6, other)) << other;
    EXPECT_FALSE(kind_of_logical(2, other)) << other;
  }
  EXPECT_FALSE(kind_of_logical(1, 6));
  EXPECT_FALSE(kind_of_logical(5, 1));
  EXPECT_FALSE(kind_of_logical(0, 1));
}

TEST(Footer, OfTimesOnlyMicrosecondsAreRead) {
  const auto time = [](int unit) {
    return [=](CompactWriter& out) {
      out.boolean(1, /*value=*/true);
      out.begin_struct(2);
      out.begin_struct(unit);
      out.end();
      out.end();
    };
  };
  EXPECT_EQ(kind_of_logical(2, 8, time(2)), Kind::Timestamp);
  EXPECT_FALSE(kind_of_logical(2, 8, time(1)));
  EXPECT_FALSE(kind_of_logical(2, 8, time(3)));
  EXPECT_FALSE(kind_of_logical(2, 8));
  EXPECT_FALSE(kind_of_logical(1, 8, time(2)));
}

TEST(Footer, TimesAreInstantsOrNot) {
  const auto is_utc = [](bool value) {
    const auto column = column_of({.physical = 2, .logical = [value](CompactWriter& out) {
                                     out.begin_struct(8);
                                     out.boolean(1, value);
                                     out.begin_struct(2);
                                     out.begin_struct(2);
                                     out.end();
                                     out.end();
                                     out.end();
                                   }});
    return column && column->is_utc;
  };
  EXPECT_TRUE(is_utc(true));
  EXPECT_FALSE(is_utc(false));
  EXPECT_FALSE(column_of({.physical = 2, .converted = 10})->is_utc);
}

TEST(Footer, TypesThatAreLogicalAndConvertedMustBeBothWhatIsRead) {
  const auto is_read =
      [](std::int64_t physical, std::optional<std::int64_t> converted, int logical) {
        return column_of({.physical = physical,
                          .converted = converted,
                          .logical =
                              [&](CompactWriter& out) {
                                out.begin_struct(logical);
                                if (logical == 10) {
                                  out.integer(1, 64, Wire::Byte);
                                  out.boolean(2, /*value=*/true);
                                }
                                out.end();
                              }})
            .has_value();
      };
  EXPECT_TRUE(is_read(6, 0, 1));
  EXPECT_FALSE(is_read(6, 0, 12));            // JSON
  EXPECT_FALSE(is_read(6, std::nullopt, 1));  // bytes, DuckDB says
  EXPECT_FALSE(is_read(6, 4, 1));
  EXPECT_TRUE(is_read(2, 18, 10));
  EXPECT_TRUE(is_read(2, std::nullopt, 10));
  EXPECT_FALSE(is_read(2, 14, 10));  // of no sign, DuckDB says
  EXPECT_FALSE(is_read(2, 10, 10));
}

TEST(Footer, ListsAndStructsAreLeftOutAndCounted) {
  const auto footer = parse_footer(write_footer({root(6),
                                                 {.name = "a"},
                                                 group(2),
                                                 {.name = "in_struct"},
                                                 group(1, "inner"),
                                                 {.name = "deeper"},
                                                 {.name = "b"},
                                                 {.name = "repeated", .repetition = 2},
                                                 group(0, "empty"),
                                                 {.name = "c"}},
                                                {{.chunks = {{.data_page = 1},
                                                             {.data_page = 2},
                                                             {.data_page = 3},
                                                             {.data_page = 4},
                                                             {.data_page = 5},
                                                             {.data_page = 6}}}}));
  ASSERT_TRUE(footer) << footer.error().message();
  std::vector<std::string> names;
  for (const Column& column : footer->columns) {
    names.push_back(column.name);
  }
  EXPECT_THAT(names, ElementsAre("a", "b", "c"));
  const auto& chunks = footer->row_groups[0].chunks;
  ASSERT_EQ(chunks.size(), 3U);
  EXPECT_EQ(chunks[0]->begin, 1);
  EXPECT_EQ(chunks[1]->begin, 4);
  EXPECT_EQ(chunks[2]->begin, 6);
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

TEST(Footer, NamesAllColumnsAndGivesTheSchemaAsItIsWritten) {
  const auto read = [](const std::string& name) {
    return *parse_footer(write_footer({root(2), {.name = name}, {.name = "A", .physical = 3}}, {}));
  };
  const Footer footer = read("b");
  EXPECT_EQ(footer.columns.size(), 1U);
  EXPECT_THAT(footer.names, ElementsAre("a", "b"));
  EXPECT_EQ(footer.schema, read("b").schema);
  EXPECT_NE(footer.schema, read("c").schema);
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

TEST(Footer, FindsAColumnByItsName) {
  const auto footer = parse_footer(write_footer({root(2), {.name = "a"}, {.name = "B"}}, {}));
  ASSERT_TRUE(footer);
  EXPECT_EQ(footer->find("a"), 0U);
  EXPECT_EQ(footer->find("B"), 1U);
  EXPECT_FALSE(footer->find("b"));
  EXPECT_FALSE(footer->find("c"));
}

TEST(Footer, WhereNamesDifferByCaseAtMostOrOneIsEmptyNoColumnIsRead) {
  // Which of them a name means is for others to say, who give them other names.
  const auto columns = [](const TestElement& second) {
    const auto footer = parse_footer(write_footer(
        {root(3), {.name = "a"}, second, {.name = "other"}}, {{.chunks = {{}, {}, {}}}}));
    return footer ? footer->columns.size() : 100;
  };
  EXPECT_EQ(columns({.name = "b"}), 3U);
  EXPECT_EQ(columns({.name = "a"}), 0U);
  EXPECT_EQ(columns({.name = "A"}), 0U);
  EXPECT_EQ(columns({.name = ""}), 0U);
  EXPECT_EQ(columns({.name = "a", .physical = 3}), 0U);
  const auto in_struct = parse_footer(
      write_footer({root(2), {.name = "a"}, group(1), {.name = "a"}}, {{.chunks = {{}, {}}}}));
  ASSERT_TRUE(in_struct);
  EXPECT_EQ(in_struct->columns.size(), 1U);
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
