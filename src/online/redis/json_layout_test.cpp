#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/poll_loop.hpp"
#include "codec/value_columns.hpp"
#include "online/redis/layout.hpp"
#include "online/redis/testing/probe.hpp"
#include "online/redis/testing/redis_server.hpp"

namespace provender::online::redis::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Type kString{.kind = Kind::String};
constexpr Type kInt64{.kind = Kind::Int64};

/// Entity set 1 is user_id; store id 3 a view with a feature of each type, 4 its next generation, 5
/// another view. Entity set 2 has two keys.
std::shared_ptr<const RowNames> views_of_all_types() {
  auto names = std::make_shared<RowNames>();
  names->entity_sets[1] = {.entity = "user_id", .keys = {kString}};
  names->entity_sets[2] = {.entity = "trip", .keys = {kString, kInt64}};
  RowSchema all{.id = 7, .fields = {}};
  std::uint16_t id = 0;
  for (const bool is_list : {false, true}) {
    for (const Kind kind : {Kind::Bool,
                            Kind::Int32,
                            Kind::Int64,
                            Kind::Float32,
                            Kind::Float64,
                            Kind::String,
                            Kind::Bytes,
                            Kind::Timestamp}) {
      ++id;
      all.fields.push_back({.id = id, .type = {kind, is_list}});
      names->views[3].features[id] = "f" + std::to_string(id);
    }
  }
  names->views[3].name = "all";
  names->views[4] = names->views[3];
  names->views[5] = {.name = "other", .features = {{1, "count"}}};
  const RowSchema other{.id = 8, .fields = {{.id = 1, .type = kInt64}, {.id = 2, .type = kString}}};
  for (const RowSchema& schema : {all, other}) {
    names->schemas.emplace(schema.id,
                           RowNames::Schema{.schema = schema, .layout = codec::RowLayout(schema)});
  }
  return names;
}

class JsonLayoutTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = RedisServer::start();
    ASSERT_TRUE(started) << started.error().message();
    server_ = *std::move(started);
    settings_ = settings_of(server_->url());
    settings_.layout = RedisLayout::Json;
    settings_.timeout = std::chrono::seconds(20);
    auto opened = open_redis_store(
        {.settings = settings_, .project = "test", .registry_id = "1", .names = [this] {
           return names_;
         }});
    ASSERT_TRUE(opened);
    store_ = *std::move(opened);
  }

  std::string encode(std::uint32_t schema, const std::vector<Value>& values, std::int64_t event) {
    const RowSchema& fields = names_->schemas.at(schema).schema;
    std::vector<std::pair<Type, Value>> cells;
    for (std::size_t i = 0; i < values.size(); ++i) {
      cells.emplace_back(fields.fields[i].type, values[i]);
    }
    std::string row;
    EXPECT_TRUE(codec::RowEncoder(fields).encode(
        key_,
        {.event_timestamp = event,
         .created_timestamp = std::numeric_limits<std::int64_t>::min(),
         .sequence = 3},
        codec::ValueRow(cells).columns(),
        0,
        row));
    return row;
  }

  Result<WriteResult> write(std::uint32_t store_id, const std::string& row) {
    const WriteRow one{.entity_set = 1, .key = key_, .store_id = store_id, .row = row};
    return store_->write(std::span(&one, 1));
  }

  std::vector<std::string> read(std::vector<std::uint32_t> ids) {
    std::vector<std::string> found;
    const Lookup lookup{.entity_set = 1, .key = key_, .store_ids = ids};
    store_->read(std::span(&lookup, 1), [&](Result<std::span<const std::string_view>> rows) {
      ASSERT_TRUE(rows) << rows.error().message();
      found.assign(rows->begin(), rows->end());
    });
    return found;
  }

  std::string field(const std::string& name) {
    return server_->cli({"HGET", "user_id:8a2f", name});
  }

  std::shared_ptr<const RowNames> names_ = views_of_all_types();
  std::string key_ = std::string("8a2f\0\0", 6);
  RedisSettings settings_;
  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<OnlineStore> store_;
};

std::vector<Value> values_of_all_types() {
  const Timestamp time{Duration(1'778'191'200'000'001)};
  return {{true},
          {std::int32_t{-5}},
          {std::numeric_limits<std::int64_t>::min()},
          {0.1F},
          {-std::numeric_limits<double>::infinity()},
          {std::string("é\"\n")},
          {Bytes{std::string("\0\xFF", 2)}},
          {time},
          {ValueList{{true}, {}}},
          {ValueList{}},
          {ValueList{{std::numeric_limits<std::int64_t>::max()}}},
          {ValueList{{-0.0F}, {std::numeric_limits<float>::infinity()}}},
          {ValueList{{1e300}}},
          {ValueList{{std::string("a")}, {std::string()}}},
          {},
          {ValueList{{time}}}};
}

TEST_F(JsonLayoutTest, GivesRowsBackByteForByte) {
  const std::string row = encode(7, values_of_all_types(), 5);
  const std::string other =
      encode(8, {{std::int64_t{47}}, {std::string("not applied any more")}}, 6);
  ASSERT_TRUE(write(3, row));
  ASSERT_TRUE(write(5, other));
  EXPECT_THAT(read({3}), ElementsAre(row));
  EXPECT_EQ(read({5, 3})[1], row);
  const auto header = codec::read_header(key_, read({5})[0]);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->order.event_timestamp, 6);
}

TEST_F(JsonLayoutTest, IsReadByPeople) {
  ASSERT_TRUE(write(3, encode(7, values_of_all_types(), 1'778'191'200'000'000)));
  EXPECT_EQ(field("f1"), "true");
  EXPECT_EQ(field("f3"), "-9223372036854775808");
  EXPECT_EQ(field("f4"), "0.1");
  EXPECT_EQ(field("f5"), "\"-Infinity\"");
  EXPECT_EQ(field("f6"), "\"é\\\"\\n\"");
  EXPECT_EQ(field("f7"), "\"AP8=\"");
  EXPECT_EQ(field("f9"), "[true,null]");
  EXPECT_EQ(field("f15"), "null");
  EXPECT_THAT(field("_provender"),
              HasSubstr("\"event_timestamp\":\"2026-05-07T22:00:00.000000Z\""));
}

TEST_F(JsonLayoutTest, KeepsTheNewerRowAndTheNewerGeneration) {
  const auto values = values_of_all_types();
  const std::string older = encode(7, values, -1);
  const std::string newer = encode(7, values, 1);
  ASSERT_TRUE(write(3, newer));
  EXPECT_THAT(write(3, older).value().kept, ElementsAre(0U));
  EXPECT_THAT(read({3}), ElementsAre(newer));
  EXPECT_TRUE(write(3, newer).value().kept.empty()) << "the same order replaces";
  EXPECT_THAT(read({4}), ElementsAre("")) << "a row of a generation that is over is none";
  EXPECT_TRUE(write(4, older).value().kept.empty());
  EXPECT_THAT(write(3, newer).value().kept, ElementsAre(0U));
  EXPECT_THAT(read({4, 3}), ElementsAre(older, older)) << "both generations share the fields";
}

TEST_F(JsonLayoutTest, SweepsAndCountsItsOwnOnly) {
  ASSERT_TRUE(write(3, encode(7, values_of_all_types(), 1)));
  ASSERT_TRUE(write(5, encode(8, {{std::int64_t{1}}, {}}, 1)));
  server_->cli({"SET", "session:1", "x"});
  server_->cli({"HSET", "cart:1", "a", "b"});
  EXPECT_EQ(store_->stats().value().rows, 2U);
  constexpr std::uint32_t kDead[] = {3};
  EXPECT_EQ(store_->sweep(kDead, {}).value_or(99), 1U);
  EXPECT_THAT(read({3}), ElementsAre(""));
  EXPECT_EQ(server_->cli({"HLEN", "user_id:8a2f"}), "2") << "count and _provender";
  constexpr std::uint32_t kRest[] = {5};
  EXPECT_EQ(store_->sweep(kRest, {}).value_or(99), 1U);
  EXPECT_EQ(server_->cli({"EXISTS", "user_id:8a2f", "session:1", "cart:1"}), "2");
}

TEST_F(JsonLayoutTest, SaysOfWhatCannotBeReadThatItCannot) {
  ASSERT_TRUE(write(3, encode(7, values_of_all_types(), 1)));
  for (const auto& [name, text] : {std::pair("f2", "\"x\""),
                                   std::pair("f1", "{"),
                                   std::pair("_provender", "{\"all\":{\"store\":3}}"),
                                   std::pair("_provender", "[")}) {
    const std::string before = field(name);
    server_->cli({"HSET", "user_id:8a2f", name, text});
    EXPECT_FALSE(codec::read_header(key_, read({3})[0])) << name << " " << text;
    server_->cli({"HSET", "user_id:8a2f", name, before});
  }
}

TEST_F(JsonLayoutTest, WantsEntitiesOfOneKey) {
  const Lookup lookup{.entity_set = 2, .key = key_, .store_ids = kStoreIds};
  auto names = std::make_shared<RowNames>(*names_);
  names->views[7] = names->views[8] = names->views[5];
  names_ = names;
  store_->read(std::span(&lookup, 1), [&](Result<std::span<const std::string_view>> rows) {
    ASSERT_FALSE(rows);
    EXPECT_THAT(std::string(rows.error().message()), HasSubstr("trip has 2"));
  });
}

/// The names before the view's next generation was begun.
std::shared_ptr<const RowNames> without_the_next(const RowNames& names) {
  auto before = std::make_shared<RowNames>(names);
  before->views.erase(4);
  return before;
}

TEST_F(JsonLayoutTest, AGenerationThatABusyReaderDoesNotKnowYetIsReadWithItsValues) {
  const auto after = names_;
  const std::string row = encode(7, values_of_all_types(), 5);
  ASSERT_TRUE(write(3, row));
  ASSERT_TRUE(write(4, row));  // the rebuild, by another process
  names_ = without_the_next(*after);
  auto opened = open_redis_store(
      {.settings = settings_, .project = "test", .registry_id = "1", .names = [this] {
         return names_;
       }});
  ASSERT_TRUE(opened);
  store_ = *std::move(opened);
  EXPECT_THAT(read({3}), ElementsAre(row)) << "before its names are known";
  names_ = after;
  EXPECT_THAT(read({3}), ElementsAre(row));
  auto switched = std::make_shared<RowNames>(*after);
  switched->views.erase(3);
  names_ = switched;
  EXPECT_THAT(read({3}), ElementsAre(row)) << "whoever has not noticed yet may go on";
}

TEST_F(JsonLayoutTest, NamesThatChangeBetweenAQuestionAndItsAnswerMixNothingUp) {
  ASSERT_TRUE(write(3, encode(7, values_of_all_types(), 5)));
  const auto layout = make_json_layout("", [this] { return names_; });
  const std::vector<std::uint32_t> ids = {3};
  const Lookup lookup{.entity_set = 1, .key = key_, .store_ids = ids};
  Call call;
  const auto asked_with = layout->read(call, lookup);
  ASSERT_TRUE(asked_with);
  auto renamed = std::make_shared<RowNames>(*names_);
  std::swap(renamed->views[3].features[1], renamed->views[3].features[3]);
  renamed->views[9] = renamed->views[5];
  names_ = renamed;
  const std::vector<std::uint32_t> others = {9};
  ASSERT_TRUE(layout->read(call, {.entity_set = 1, .key = key_, .store_ids = others}));
  EXPECT_EQ((*asked_with)->views.at(3).features.at(1), "f1") << "what the answer is read with";
}

/// What a reader of an event loop gets for the view of store id 3.
Result<std::string> read_on_loop(OnlineStore& store, const std::string& key) {
  const auto loop = *PollLoop::open();
  const auto reader = store.reader_on(*loop);
  const std::vector<std::uint32_t> ids = {3};
  const Lookup lookup{.entity_set = 1, .key = key, .store_ids = ids};
  std::optional<Result<std::string>> answer;
  reader->read(std::span(&lookup, 1), [&](Result<std::span<const std::string_view>> rows) {
    if (rows) {
      answer.emplace(std::string(rows->front()));
    } else {
      answer.emplace(std::move(rows).error());
    }
  });
  while (!answer) {
    loop->turn(std::chrono::steady_clock::now() + std::chrono::seconds(60));
  }
  return *std::move(answer);
}

TEST_F(JsonLayoutTest, AnEventLoopNeverAsksWhoMayWaitForTheRegistry) {
  const std::string row = encode(7, values_of_all_types(), 5);
  ASSERT_TRUE(write(3, row));
  const auto open = [&](std::shared_ptr<const RowNames> known) {
    return open_redis_store({.settings = settings_,
                             .project = "test",
                             .registry_id = "1",
                             .names = []() -> Result<std::shared_ptr<const RowNames>> {
                               ADD_FAILURE() << "the loop waits for the registry";
                               return Error(ErrorCode::Unavailable, "it is locked");
                             },
                             .names_on_loop = []() -> Result<std::shared_ptr<const RowNames>> {
                               return Error(ErrorCode::Unavailable, "it does not answer");
                             },
                             .known_names = std::move(known)});
  };
  const auto told = open(names_);
  ASSERT_TRUE(told);
  EXPECT_EQ(read_on_loop(**told, key_).value(), row);
  const auto untold = open(nullptr);
  ASSERT_TRUE(untold);
  const auto nothing = read_on_loop(**untold, key_);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code(), ErrorCode::Unavailable);
  EXPECT_THAT(std::string(nothing.error().message()), HasSubstr("does not answer"));
}

TEST_F(JsonLayoutTest, ARebuildIsReadWhileTheRegistryDoesNotAnswerAndNoRowIsTakenForDamaged) {
  const std::string row = encode(7, values_of_all_types(), 5);
  ASSERT_TRUE(write(4, row));  // the rebuild, by another process
  const auto read_knowing = [&](std::shared_ptr<const RowNames> known) {
    const auto opened =
        open_redis_store({.settings = settings_,
                          .project = "test",
                          .registry_id = "1",
                          .names = []() -> Result<std::shared_ptr<const RowNames>> {
                            return Error(ErrorCode::Unavailable, "it does not answer");
                          },
                          .known_names = std::move(known)});
    return opened ? read_on_loop(**opened, key_) : Result<std::string>(opened.error());
  };
  EXPECT_EQ(read_knowing(without_the_next(*names_)).value_or("nothing"), row);
  auto before = std::make_shared<RowNames>(*without_the_next(*names_));
  before->schemas.erase(7);
  const auto of_new_schema = read_knowing(before);
  ASSERT_FALSE(of_new_schema) << "its values are there";
  EXPECT_EQ(of_new_schema.error().code(), ErrorCode::Unavailable);
}

}  // namespace
}  // namespace provender::online::redis::testing
