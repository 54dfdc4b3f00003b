#include "parquet/schema.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "parquet/footer.hpp"
#include "parquet/testing_footer.hpp"

namespace provender::parquet {
namespace {

using Wire = CompactReader::Type;
using ::testing::ElementsAre;

/// The one column of a file that has one; nullopt: it is not read.
std::optional<Column> column_of(const TestElement& element) {
  const auto footer = parse_footer(write_footer({root(1), element}, {}));
  if (!footer) {
    ADD_FAILURE() << footer.error().message();
    return std::nullopt;
  }
  return footer->columns.empty() ? std::nullopt : std::optional(footer->columns[0]);
}

TEST(Schema, KnowsTheTypesOfFlatColumns) {
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

TEST(Schema, LeavesOutTypesThatMeanSomethingElse) {
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

TEST(Schema, KnowsLogicalTypes) {
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

TEST(Schema, OfTimesOnlyMicrosecondsAreRead) {
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

TEST(Schema, TimesAreInstantsOrNot) {
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

TEST(Schema, TypesThatAreLogicalAndConvertedMustBeBothWhatIsRead) {
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

TEST(Schema, ListsAndStructsAreLeftOutAndCounted) {
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

TEST(Schema, NamesAllColumnsAndGivesTheSchemaAsItIsWritten) {
  const auto read = [](const std::string& name) {
    return *parse_footer(write_footer({root(2), {.name = name}, {.name = "A", .physical = 3}}, {}));
  };
  const Footer footer = read("b");
  EXPECT_EQ(footer.columns.size(), 1U);
  EXPECT_THAT(footer.names, ElementsAre("a", "b"));
  EXPECT_EQ(footer.schema, read("b").schema);
  EXPECT_NE(footer.schema, read("c").schema);
}

TEST(Schema, FindsAColumnByItsName) {
  const auto footer = parse_footer(write_footer({root(2), {.name = "a"}, {.name = "B"}}, {}));
  ASSERT_TRUE(footer);
  EXPECT_EQ(footer->find("a"), 0U);
  EXPECT_EQ(footer->find("B"), 1U);
  EXPECT_FALSE(footer->find("b"));
  EXPECT_FALSE(footer->find("c"));
}

TEST(Schema, WhereNamesDifferByCaseAtMostOrOneIsEmptyNoColumnIsRead) {
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

}  // namespace
}  // namespace provender::parquet
