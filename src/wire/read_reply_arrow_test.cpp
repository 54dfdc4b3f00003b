#include "wire/read_reply_arrow.hpp"

#include <cmath>
#include <deque>
#include <limits>

#include "arrow/batch_reader.hpp"
#include "arrow/testing_rows.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/fake_read.hpp"

namespace provender::wire {
namespace {

using ::testing::ElementsAre;

constexpr Timestamp kTime{std::chrono::microseconds(1'778'191'200'000'001)};

struct Sent {
  std::string bytes;
  StatusCounts counts;
};

Result<Sent> send(const PreparedRead& prepared,
                  const std::vector<ValueView>& keys,
                  std::vector<Cell> cells) {
  const FakeOnlineFeatures features(prepared.features().size(), std::move(cells));
  PROVENDER_ASSIGN(const ArrowColumns columns, ArrowColumns::of(prepared));
  Sent out;
  PROVENDER_ASSIGN(
      out.counts,
      write_arrow_reply(
          out.bytes,
          {.prepared = prepared, .columns = columns, .keys = keys, .features = features}));
  return out;
}

Result<arrow::Table> table_of(std::string_view bytes) {
  PROVENDER_ASSIGN(const auto reader, arrow::read_ipc(bytes));
  return arrow::read_all(*reader);
}

/// What a client reads of the answer.
arrow::Table reply(const PreparedRead& prepared,
                   const std::vector<ValueView>& keys,
                   std::vector<Cell> cells) {
  const auto sent = send(prepared, keys, std::move(cells));
  auto table = sent ? table_of(sent->bytes) : Result<arrow::Table>(sent.error());
  if (!table) {
    ADD_FAILURE() << table.error().message();
    return {};
  }
  return *std::move(table);
}

Cell present_cell(ValueView value) {
  return {.status = Status::Present, .value = value, .event_timestamp = kTime};
}

Cell without_value(Status status, Type type) {
  return {.status = status, .value = ValueView::null(type), .event_timestamp = std::nullopt};
}

std::vector<PreparedRead::Feature> features_of(const std::vector<Type>& types) {
  std::vector<PreparedRead::Feature> out;
  for (const Type type : types) {
    out.push_back({.name = "f" + std::to_string(out.size()), .view = "v", .type = type});
  }
  return out;
}

/// A value of each kind that a careless writer would change.
std::vector<std::pair<Kind, Value>> scalars() {
  return {{Kind::Bool, {true}},
          {Kind::Int32, {std::numeric_limits<std::int32_t>::min()}},
          {Kind::Int64, {std::numeric_limits<std::int64_t>::max()}},
          {Kind::Float32, {0.1F}},
          {Kind::Float64, {-0.0}},
          {Kind::String, {std::string("Zürich")}},
          {Kind::Bytes, {Bytes{std::string("\xff\0\x80", 3)}}},
          {Kind::Timestamp, {Timestamp(Duration(-1))}}};
}

TEST(ArrowReply, KeepsEveryTypeOfFeature) {
  std::vector<Type> types;
  std::vector<Cell> values;
  std::vector<Cell> nulls;
  std::vector<Value> expected;
  std::deque<arrow::ListBytes> bytes;
  const auto scalar_values = scalars();
  for (const auto& [kind, value] : scalar_values) {
    types.push_back({.kind = kind});
    values.push_back(present_cell(to_view(value, {.kind = kind})));
    expected.push_back(value);
    types.push_back({.kind = kind, .is_list = true});
    values.push_back(
        present_cell(ValueView(arrow::list_of({value, {}, value}, kind, bytes.emplace_back()))));
    expected.emplace_back(ValueList{value, {}, value});
  }
  for (const Type type : types) {
    nulls.push_back(without_value(Status::NullValue, type));
  }
  std::vector<Cell> cells = values;
  cells.insert(cells.end(), nulls.begin(), nulls.end());
  const FakePreparedRead prepared({{.name = "user_id", .type = kInt64}}, features_of(types));
  const auto table =
      reply(prepared, {ValueView(std::int64_t{1}), ValueView(std::int64_t{2})}, std::move(cells));
  ASSERT_EQ(table.rows.size(), 2U);
  for (std::size_t i = 0; i < types.size(); ++i) {
    EXPECT_EQ(table.fields[1 + i].type, types[i]);
    EXPECT_EQ(table.rows[0][1 + i], expected[i]) << to_string(types[i]);
    EXPECT_TRUE(table.rows[1][1 + i].is_null()) << to_string(types[i]);
  }
}

TEST(ArrowReply, KeepsEveryTypeOfKeyInItsPlace) {
  std::vector<PreparedRead::Key> keys;
  std::vector<ValueView> views;
  const auto values = scalars();
  for (int row = 0; row < 2; ++row) {
    for (const auto& [kind, value] : values) {
      if (!is_key_type({.kind = kind})) continue;
      if (row == 0) keys.push_back({.name = to_string(Type{.kind = kind}), .type = {.kind = kind}});
      views.push_back(row == 1 && kind == Kind::Int64 ? ValueView(std::int64_t{7})
                                                      : to_view(value, {.kind = kind}));
    }
  }
  const FakePreparedRead prepared(keys, features_of({kInt64}));
  const auto table =
      reply(prepared,
            views,
            {present_cell(ValueView(std::int64_t{1})), present_cell(ValueView(std::int64_t{2}))});
  ASSERT_EQ(table.rows.size(), 2U);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(table.fields[i].name, keys[i].name);
    EXPECT_EQ(table.fields[i].type, keys[i].type);
    EXPECT_EQ(table.rows[0][i], to_value(views[i])) << keys[i].name;
    EXPECT_EQ(table.rows[1][i], to_value(views[keys.size() + i])) << keys[i].name;
  }
}

TEST(ArrowReply, NamesKeysThenFeaturesThenWhatIsToldOfThem) {
  const FakePreparedRead prepared({{.name = "user_id", .type = kString}},
                                  features_of({kInt64, kString}));
  const auto table =
      reply(prepared,
            {ValueView(Kind::String, "a")},
            {present_cell(ValueView(std::int64_t{1})), present_cell(ValueView(Kind::String, "x"))});
  std::vector<std::string> names;
  for (const arrow::Field& field : table.fields) {
    names.push_back(field.name);
  }
  EXPECT_THAT(names,
              ElementsAre("user_id",
                          "f0",
                          "f1",
                          "f0__status",
                          "f0__event_timestamp",
                          "f1__status",
                          "f1__event_timestamp"));
  EXPECT_EQ(table.batches, 1U);
}

TEST(ArrowReply, CarriesNanAndTheInfinities) {
  const double infinity = std::numeric_limits<double>::infinity();
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  arrow::ListBytes bytes;
  const FakePreparedRead prepared({{.name = "user_id", .type = kString}},
                                  features_of({{.kind = Kind::Float64},
                                               {.kind = Kind::Float32},
                                               {.kind = Kind::Float32, .is_list = true}}));
  const auto table =
      reply(prepared,
            {ValueView(Kind::String, "a")},
            {present_cell(ValueView(-infinity)),
             present_cell(ValueView(nan)),
             present_cell(ValueView(arrow::list_of({{nan}, {1.5F}}, Kind::Float32, bytes)))});
  ASSERT_EQ(table.rows.size(), 1U);
  EXPECT_EQ(table.rows[0][1], Value{-infinity});
  EXPECT_TRUE(std::isnan(std::get<float>(table.rows[0][2].storage)));
  EXPECT_EQ(table.rows[0][3], (Value{ValueList{{nan}, {1.5F}}}));
  for (const char* name : {"f0__status", "f1__status", "f2__status"}) {
    EXPECT_EQ(table.column(name), std::vector<Value>{{std::string("PRESENT")}}) << name;
  }
}

TEST(ArrowReply, TellsStatusAndTimeOfEachValue) {
  const FakePreparedRead prepared({{.name = "user_id", .type = kInt64}}, features_of({kInt64}));
  std::vector<Cell> cells{present_cell(ValueView(std::int64_t{5}))};
  std::vector<ValueView> keys{ValueView(std::int64_t{0})};
  for (const Status status : {Status::NullValue, Status::NotFound, Status::OutsideMaxAge}) {
    keys.emplace_back(static_cast<std::int64_t>(keys.size()));
    cells.push_back(without_value(status, kInt64));
  }
  cells.back().event_timestamp = kTime;
  const auto table = reply(prepared, keys, cells);
  EXPECT_THAT(table.column("f0"), ElementsAre(Value{std::int64_t{5}}, Value{}, Value{}, Value{}));
  EXPECT_THAT(table.column("f0__status"),
              ElementsAre(Value{std::string("PRESENT")},
                          Value{std::string("NULL_VALUE")},
                          Value{std::string("NOT_FOUND")},
                          Value{std::string("OUTSIDE_MAX_AGE")}));
  EXPECT_THAT(table.column("f0__event_timestamp"),
              ElementsAre(Value{kTime}, Value{}, Value{}, Value{kTime}));
  const auto sent = send(prepared, keys, cells);
  ASSERT_TRUE(sent);
  EXPECT_THAT(sent->counts.counts, ElementsAre(1, 1, 1, 1, 0));
}

/// Two stored rows whose features stand in turns, of entities that lack one row or the other.
TEST(ArrowReply, TellsTheTimeOfItsStoredRowAtEachFeature) {
  constexpr std::size_t kRows = 30;
  auto features = features_of({kInt64, kInt64, kInt64, kInt64, kInt64});
  for (std::size_t i = 0; i < features.size(); ++i) {
    features[i].row = 1 - i % 2;
  }
  const auto time_of = [](std::size_t entity, std::size_t row) {
    const bool is_missing = entity > 10 && entity % (row + 2) == 0;
    return is_missing ? std::nullopt : std::optional(kTime + Duration(100 * entity + row));
  };
  std::vector<Cell> cells;
  std::vector<ValueView> keys;
  for (std::size_t entity = 0; entity < kRows; ++entity) {
    keys.emplace_back(static_cast<std::int64_t>(entity));
    for (std::size_t i = 0; i < features.size(); ++i) {
      const auto time = time_of(entity, features[i].row);
      cells.push_back(time ? present_cell(ValueView(static_cast<std::int64_t>(100 * entity + i)))
                           : without_value(Status::NotFound, kInt64));
      cells.back().event_timestamp = time;
    }
  }
  const std::size_t width = features.size();
  const FakePreparedRead prepared({{.name = "user_id", .type = kInt64}}, features);
  const auto sent = send(prepared, keys, cells);
  for (std::size_t i = 0; i < width; ++i) {
    features[i].row = i;
  }
  const FakePreparedRead apart({{.name = "user_id", .type = kInt64}}, features);
  const auto sent_apart = send(apart, keys, cells);
  ASSERT_TRUE(sent && sent_apart);
  EXPECT_EQ(sent->bytes, sent_apart->bytes) << "counts of nulls too";
  const auto table = reply(apart, keys, std::move(cells));
  ASSERT_EQ(table.rows.size(), kRows);
  for (std::size_t entity = 0; entity < kRows; ++entity) {
    for (std::size_t i = 0; i < width; ++i) {
      const auto time = time_of(entity, 1 - i % 2);
      EXPECT_EQ(table.rows[entity][1 + i],
                (time ? Value{static_cast<std::int64_t>(100 * entity + i)} : Value{}));
      EXPECT_EQ(table.rows[entity][1 + width + 2 * i + 1], (time ? Value{*time} : Value{}));
    }
  }
}

TEST(ArrowReply, CallsAValueOfAnotherTypeThanItsColumnInvalid) {
  const FakePreparedRead prepared({{.name = "user_id", .type = kInt64}},
                                  features_of({{.kind = Kind::Float64}}));
  const auto table =
      reply(prepared, {ValueView(std::int64_t{0})}, {present_cell(ValueView(std::int64_t{5}))});
  EXPECT_THAT(table.column("f0"), ElementsAre(Value{}));
  EXPECT_THAT(table.column("f0__status"), ElementsAre(Value{std::string("INVALID")}));
}

TEST(ArrowReply, OfNoEntitiesHasItsColumns) {
  const FakePreparedRead prepared({{.name = "user_id", .type = kString}}, features_of({kInt64}));
  const auto table = reply(prepared, {}, {});
  EXPECT_EQ(table.fields.size(), 4U);
  EXPECT_TRUE(table.rows.empty());
}

}  // namespace
}  // namespace provender::wire
