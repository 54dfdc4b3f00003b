#include "codec/row_codec.hpp"

#include <bit>
#include <limits>
#include <random>

#include <gmock/gmock.h>

#include "codec/value_columns.hpp"

namespace provender::codec {
namespace {

constexpr RowOrder kOrder{.event_timestamp = 1778191200000000,  // 2026-05-07T22:00:00Z
                          .created_timestamp = std::numeric_limits<std::int64_t>::min(),
                          .sequence = 0};
constexpr std::string_view kKey{"8a2f\0\0", 6};

std::string encoded(const RowSchema& schema,
                    const std::vector<std::pair<Type, Value>>& cells,
                    const RowOrder& order = kOrder) {
  const ValueRow row(cells);
  std::string out;
  const auto done = RowEncoder(schema).encode(kKey, order, row.columns(), 0, out);
  EXPECT_TRUE(done) << done.error().message();
  return out;
}

RowSchema schema_of(const std::vector<std::pair<Type, Value>>& cells) {
  RowSchema schema{.id = 7, .fields = {}};
  for (const auto& [type, value] : cells) {
    schema.fields.push_back(
        {.id = static_cast<std::uint16_t>(schema.fields.size() + 1), .type = type});
  }
  return schema;
}

Value read_value(const RowLayout& layout, std::string_view row, std::uint16_t field_id) {
  const auto slot = layout.slot(field_id);
  if (!slot) return {std::string("<no such field>")};
  const auto view = layout.read(row, *slot);
  if (!view) return {std::string("<broken row>")};
  EXPECT_EQ(view->type(), layout.type(*slot));
  return to_value(*view);
}

void expect_round_trip(const std::vector<std::pair<Type, Value>>& cells) {
  const RowSchema schema = schema_of(cells);
  const std::string row = encoded(schema, cells);
  const auto header = read_header(kKey, row);
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_EQ(header->order, kOrder);
  EXPECT_EQ(header->schema_id, schema.id);
  const RowLayout layout(schema);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    EXPECT_EQ(read_value(layout, row, schema.fields[i].id), cells[i].second) << "field " << i;
  }
}

TEST(RowCodec, BringsBackEveryScalarType) {
  expect_round_trip({{{Kind::Bool}, {true}},
                     {{Kind::Int32}, {std::numeric_limits<std::int32_t>::min()}},
                     {{Kind::Int64}, {std::numeric_limits<std::int64_t>::max()}},
                     {{Kind::Float32}, {1.5F}},
                     {{Kind::Float64}, {0.1}},
                     {{Kind::String}, {std::string("power_user")}},
                     {{Kind::Bytes}, {Bytes{std::string("\0\xFF", 2)}}},
                     {{Kind::Timestamp}, {Timestamp(Duration(-1))}}});
}

TEST(RowCodec, BringsBackNullsOfEveryType) {
  std::vector<std::pair<Type, Value>> cells;
  for (int kind = 1; kind <= 8; ++kind) {
    cells.push_back({{static_cast<Kind>(kind)}, {}});
    cells.push_back({{static_cast<Kind>(kind), true}, {}});
  }
  expect_round_trip(cells);
}

TEST(RowCodec, KeepsEveryBitOfFloats) {
  const double nan64 = std::bit_cast<double>(std::uint64_t{0x7FF800000000BEEF});
  const float nan32 = std::bit_cast<float>(std::uint32_t{0xFFC0BEEF});
  const double infinity = std::numeric_limits<double>::infinity();
  expect_round_trip({{{Kind::Float64}, {-0.0}},
                     {{Kind::Float64}, {nan64}},
                     {{Kind::Float64}, {-infinity}},
                     {{Kind::Float32}, {-0.0F}},
                     {{Kind::Float32}, {nan32}},
                     {{Kind::Float64, true}, {ValueList{{-0.0}, {nan64}, {infinity}}}}});
}

TEST(RowCodec, TellsEmptyFromNull) {
  expect_round_trip({{{Kind::String}, {std::string()}},
                     {{Kind::String}, {}},
                     {{Kind::Bytes}, {Bytes{}}},
                     {{Kind::Int64, true}, {ValueList{}}},
                     {{Kind::Int64, true}, {}},
                     {{Kind::String, true}, {ValueList{}}},
                     {{Kind::String}, {std::string("behind them")}}});
}

TEST(RowCodec, BringsBackListsWithNullElements) {
  expect_round_trip(
      {{{Kind::Bool, true}, {ValueList{{true}, {}, {false}}}},
       {{Kind::Int32, true}, {ValueList{{}, {std::int32_t{-5}}}}},
       {{Kind::Float32, true}, {ValueList{{0.5F}, {1.5F}, {-0.0F}}}},
       {{Kind::Timestamp, true}, {ValueList{{Timestamp(Duration(1))}, {}}}},
       {{Kind::String, true}, {ValueList{{std::string("a")}, {}, {std::string()}}}},
       {{Kind::Bytes, true}, {ValueList{{Bytes{"x"}}, {Bytes{std::string(300, 'y')}}}}}});
}

TEST(RowCodec, BringsBackARowWithoutFields) {
  expect_round_trip({});
}

TEST(RowCodec, ReadsOldRowsUnderANewSchema) {
  const RowSchema old_schema{.id = 1,
                             .fields = {{.id = 1, .type = {Kind::Int64}},
                                        {.id = 2, .type = {Kind::String}},
                                        {.id = 3, .type = {Kind::Bool}}}};
  // Field 2 was dropped, field 4 added in front: the old row is read with the old schema's layout
  // by field id.
  const RowSchema new_schema{.id = 2,
                             .fields = {{.id = 4, .type = {Kind::Float64}},
                                        {.id = 3, .type = {Kind::Bool}},
                                        {.id = 1, .type = {Kind::Int64}}}};
  const std::string row = encoded(old_schema,
                                  {{{Kind::Int64}, {std::int64_t{47}}},
                                   {{Kind::String}, {std::string("gone")}},
                                   {{Kind::Bool}, {true}}});
  ASSERT_EQ(read_header(kKey, row)->schema_id, old_schema.id);
  const RowLayout layout(old_schema);
  EXPECT_FALSE(layout.slot(new_schema.fields[0].id)) << "younger than the row";
  EXPECT_EQ(read_value(layout, row, 3), Value{true});
  EXPECT_EQ(read_value(layout, row, 1), Value{std::int64_t{47}});
}

TEST(RowCodec, FindsSlotsByFieldId) {
  const RowLayout layout(
      {.id = 1,
       .fields = {{.id = 65535, .type = {Kind::Bool}}, {.id = 0, .type = {Kind::Int32, true}}}});
  EXPECT_EQ(layout.slot(65535), 0);
  EXPECT_EQ(layout.slot(0), 1);
  EXPECT_EQ(layout.slot(1), std::nullopt);
  EXPECT_EQ(layout.type(1), (Type{Kind::Int32, true}));
}

TEST(RowCodec, WritesUnderNullsTheSameBytesWhateverLiesThere) {
  const RowSchema schema{.id = 1, .fields = {{.id = 1, .type = {Kind::Int64}}}};
  const std::uint64_t none = 0;
  const auto row_over = [&](std::int64_t undefined) {
    const ColumnView column{
        .type = {Kind::Int64}, .size = 1, .validity = &none, .data = &undefined};
    std::string out;
    EXPECT_TRUE(RowEncoder(schema).encode(kKey, kOrder, std::span(&column, 1), 0, out));
    return out;
  };
  EXPECT_EQ(row_over(1), row_over(2));
}

TEST(RowCodec, EncodesTheAskedRowOfABatch) {
  const ValueColumn numbers({Kind::Int32}, {{std::int32_t{1}}, {}, {std::int32_t{3}}});
  const ValueColumn words({Kind::String, true},
                          {{ValueList{{std::string("x")}}}, {ValueList{}}, {ValueList{{}}}});
  const RowSchema schema{
      .id = 1,
      .fields = {{.id = 1, .type = {Kind::Int32}}, {.id = 2, .type = {Kind::String, true}}}};
  const RowEncoder encoder(schema);
  const RowLayout layout(schema);
  const std::vector columns{numbers.view(), words.view()};
  std::string out = "in front";
  const std::size_t start = out.size();
  ASSERT_TRUE(encoder.encode(kKey, kOrder, columns, 2, out));
  const std::string_view row = std::string_view(out).substr(start);
  ASSERT_TRUE(read_header(kKey, row));
  EXPECT_EQ(read_value(layout, row, 1), Value{std::int32_t{3}});
  EXPECT_EQ(read_value(layout, row, 2), Value{ValueList{{}}});
}

TEST(RowCodec, OrdersRowsByTheirTriple) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  const std::vector<RowOrder> ascending = {{kMin, kMin, 0},
                                           {-1, 0, 0},
                                           {0, kMin, 9},
                                           {0, -1, 0},
                                           {0, 0, 0},
                                           {0, 0, 1},
                                           {0, 0, 256},
                                           {0, 1, 0},
                                           {1, kMin, 0},
                                           {256, 0, 0},
                                           {kMax, kMax, std::numeric_limits<std::uint64_t>::max()}};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(replaces(encoded({}, {}, ascending[i]), encoded({}, {}, ascending[j])), i >= j);
    }
  }
}

TEST(RowCodec, RefusesColumnsOfAnotherSchemaAndLeavesTheBufferAlone) {
  const RowSchema schema{.id = 1, .fields = {{.id = 1, .type = {Kind::Int32}}}};
  const ValueRow wrong_type({{{Kind::Int64}, {std::int64_t{1}}}});
  std::string out = "before";
  EXPECT_FALSE(RowEncoder(schema).encode(kKey, kOrder, wrong_type.columns(), 0, out));
  EXPECT_FALSE(RowEncoder(schema).encode(kKey, kOrder, {}, 0, out));
  EXPECT_EQ(out, "before");
}

TEST(RowCodec, RefusesARowOfMoreThan4GiB) {
  const std::string text(std::size_t{1} << 20U,
                         'x');  // the same bytes, 4,096 times; none is copied
  const std::vector<std::string_view> texts(4096, text);
  const ColumnView elements{.type = {Kind::String}, .size = texts.size(), .data = texts.data()};
  const ColumnView::ListEntry entry{.offset = 0, .length = texts.size()};
  const ColumnView column{
      .type = {Kind::String, true}, .size = 1, .data = &entry, .elements = &elements};
  const RowSchema schema{.id = 1, .fields = {{.id = 1, .type = {Kind::String, true}}}};
  std::string out;
  const auto done = RowEncoder(schema).encode(kKey, kOrder, std::span(&column, 1), 0, out);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::ResourceExhausted);
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace provender::codec
