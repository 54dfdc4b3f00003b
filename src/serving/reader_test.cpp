#include "serving/reader.hpp"

#include <atomic>
#include <deque>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/key_codec.hpp"
#include "codec/row_codec.hpp"
#include "codec/value_columns.hpp"
#include "online/memory/memory_store.hpp"
#include "serving/prepared.hpp"
#include "serving/testing_registry.hpp"

namespace provender::serving {
namespace {

using registry::Snapshot;

constexpr Type kString{.kind = Kind::String};
constexpr Type kInt64{.kind = Kind::Int64};
constexpr Timestamp kNow{std::chrono::hours(24)};

/// A registry that is what the test says.
class FakeRegistry final : public TestingRegistry {
 public:
  Result<std::shared_ptr<const Snapshot>> snapshot() override {
    ++looks;
    const std::scoped_lock stopped(stop);
    if (away) return Error(ErrorCode::Unavailable, "the registry is away");
    return current;
  }
  Result<Definitions> definitions_at(std::uint64_t version) override {
    ++looks;
    const std::scoped_lock stopped(stop);
    if (version == 1) return first;
    return Error(ErrorCode::NotFound, "no such version");
  }

  std::shared_ptr<const Snapshot> current;
  Definitions first;
  bool away = false;
  std::atomic<int> looks = 0;
  std::mutex stop;  ///< whoever holds it keeps the registry from answering
};

FeatureView view(const std::string& name,
                 std::vector<std::string> entities,
                 std::vector<Feature> features) {
  FeatureView result;
  result.name = name;
  result.entities = std::move(entities);
  result.features = std::move(features);
  return result;
}

/// Two views of users, one with a ttl, and one of users and genres.
Snapshot sample() {
  Snapshot snapshot;
  snapshot.version = 2;
  snapshot.revision = 7;
  Definitions& definitions = snapshot.definitions;
  definitions.entities = {
      {.name = "genre", .keys = {{.name = "genre", .type = kString}}, .about = {}, .where = {}},
      {.name = "user_id", .keys = {{.name = "user_id", .type = kInt64}}, .about = {}, .where = {}}};
  definitions.feature_views = {
      view(
          "activity", {"user_id"}, {{.name = "watched", .type = kInt64, .about = {}, .where = {}}}),
      view("affinity",
           {"user_id", "genre"},
           {{.name = "score", .type = kInt64, .about = {}, .where = {}}}),
      view("profile",
           {"user_id"},
           {{.name = "country", .type = kString, .about = {}, .where = {}},
            {.name = "plan", .type = kString, .about = {}, .where = {}}})};
  definitions.feature_views[0].ttl = std::chrono::hours(1);
  definitions.feature_services = {
      {.name = "all",
       .items =
           {{.view = "activity", .alias = "", .keys = {}, .features = {"watched"}, .where = {}},
            {.view = "activity",
             .alias = "friend",
             .keys = {{"user_id", "friend_id"}},
             .features = {"watched"},
             .where = {}}},
       .about = {},
       .where = {}}};
  snapshot.storage = {
      {"activity",
       {.serving = {.store_id = 11, .entity_set = 1, .schema_id = 101, .fields = {{"watched", 1}}},
        .building = {}}},
      {"affinity",
       {.serving = {.store_id = 12, .entity_set = 2, .schema_id = 102, .fields = {{"score", 1}}},
        .building = {}}},
      {"profile",
       {.serving = {.store_id = 13,
                    .entity_set = 1,
                    .schema_id = 103,
                    .fields = {{"country", 1}, {"plan", 2}}},
        .building = {}}}};
  snapshot.schemas = {
      {101, {.id = 101, .fields = {{.id = 1, .type = kInt64}}}},
      {102, {.id = 102, .fields = {{.id = 1, .type = kInt64}}}},
      {103, {.id = 103, .fields = {{.id = 1, .type = kString}, {.id = 2, .type = kString}}}},
      {104, {.id = 104, .fields = {{.id = 1, .type = kString}}}}};
  return snapshot;
}

struct Read {
  std::vector<Status> statuses;
  std::vector<std::string> values;
  std::vector<std::optional<Timestamp>> times;
};

class ReaderTest : public testing::Test {
 protected:
  ReaderTest() {
    registry_.current = std::make_shared<const Snapshot>(sample());
    reader_ = make_reader(registry_, *store_, clock_);
  }

  void put(std::uint32_t entity_set,
           std::uint32_t store_id,
           const RowSchema& schema,
           const std::vector<Value>& key,
           Timestamp time,
           const std::vector<Value>& values) {
    std::vector<ValueView> parts;
    for (const Value& part : key) {
      parts.push_back(
          to_view(part, std::holds_alternative<std::int64_t>(part.storage) ? kInt64 : kString));
    }
    const std::string key_bytes = codec::encode_key(parts).value();
    std::deque<codec::ValueColumn> columns;
    std::vector<ColumnView> views;
    for (std::size_t i = 0; i < values.size(); ++i) {
      columns.emplace_back(schema.fields[i].type, std::vector<Value>{values[i]});
      views.push_back(columns.back().view());
    }
    std::string row;
    const RowOrder order{.event_timestamp = time.time_since_epoch().count(),
                         .created_timestamp = INT64_MIN,
                         .sequence = 0};
    ASSERT_TRUE(codec::RowEncoder(schema).encode(key_bytes, order, views, 0, row));
    if (newer_format_) row[24] = 2;
    if (flip_a_bit_) row.back() = static_cast<char>(row.back() ^ 1);
    const online::WriteRow write{
        .entity_set = entity_set, .key = key_bytes, .store_id = store_id, .row = row};
    ASSERT_TRUE(store_->write({&write, 1}));
  }
  void put_activity(std::int64_t user, Timestamp time, std::int64_t watched) {
    put(1, 11, sample().schemas.at(101), {Value{user}}, time, {Value{watched}});
  }

  Read read(const FeatureRequest& request, const std::vector<ValueView>& keys) {
    Read result;
    auto prepared = reader_->prepare(request);
    if (!prepared) {
      ADD_FAILURE() << prepared.error().message();
      return result;
    }
    reader_->read(
        *prepared, keys, [&](Result<std::reference_wrapper<const OnlineFeatures>> features) {
          ASSERT_TRUE(features) << features.error().message();
          for (std::size_t row = 0; row < features->get().rows(); ++row) {
            for (std::size_t i = 0; i < (*prepared)->features().size(); ++i) {
              const Cell cell = features->get().cell(row, i);
              result.statuses.push_back(cell.status);
              result.values.push_back(to_text(cell.value));
              result.times.push_back(cell.event_timestamp);
            }
          }
        });
    return result;
  }
  std::string prepare_error(const FeatureRequest& request) {
    auto prepared = reader_->prepare(request);
    return prepared ? "no error" : std::string(prepared.error().message());
  }

  FakeRegistry registry_;
  std::unique_ptr<online::OnlineStore> store_ = online::open_memory_store();
  ManualClock clock_{kNow};
  std::unique_ptr<OnlineReader> reader_;
  bool flip_a_bit_ = false;
  bool newer_format_ = false;
};

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(ReaderTest, GivesValuesOfSeveralViewsAndEntities) {
  put_activity(1, kNow, 47);
  put(2,
      12,
      sample().schemas.at(102),
      {Value{std::string("drama")}, Value{std::int64_t{1}}},
      kNow,
      {Value{std::int64_t{9}}});
  const auto got = read({.features = {"watched", "score"}, .service = ""},
                        {ValueView(std::int64_t{1}), ValueView(Kind::String, "drama")});
  EXPECT_THAT(got.statuses, ElementsAre(Status::Present, Status::Present));
  EXPECT_THAT(got.values, ElementsAre("47", "9"));
}

TEST_F(ReaderTest, KeepsTheOrderOfTheRowsAsked) {
  put_activity(1, kNow, 10);
  put_activity(3, kNow, 30);
  const auto got = read({.features = {"watched"}, .service = ""},
                        {ValueView(std::int64_t{3}),
                         ValueView(std::int64_t{2}),
                         ValueView(std::int64_t{1}),
                         ValueView(std::int64_t{3})});
  EXPECT_THAT(got.values, ElementsAre("30", "null", "10", "30"));
  EXPECT_EQ(got.statuses[1], Status::NotFound);
  EXPECT_EQ(got.times[1], std::nullopt);
}

TEST_F(ReaderTest, ReadsOneViewInTwoRoles) {
  put_activity(1, kNow, 10);
  put_activity(2, kNow, 20);
  auto prepared = reader_->prepare({.features = {}, .service = "all", .full_names = true});
  ASSERT_TRUE(prepared) << prepared.error().message();
  EXPECT_EQ((*prepared)->features()[1].name, "friend__watched");
  const auto got = read({.features = {}, .service = "all", .full_names = true},
                        {ValueView(std::int64_t{1}), ValueView(std::int64_t{2})});
  EXPECT_THAT(got.values, ElementsAre("10", "20"));
  EXPECT_THAT((*prepared)->known_keys(),
              testing::UnorderedElementsAre("friend_id", "genre", "user_id"));
}

TEST_F(ReaderTest, JudgesTtlByTheClockWithBothEdgesInside) {
  put_activity(1, kNow - std::chrono::hours(1), 1);
  put_activity(2, kNow - std::chrono::hours(1) - std::chrono::microseconds(1), 2);
  const auto got = read({.features = {"watched"}, .service = ""},
                        {ValueView(std::int64_t{1}), ValueView(std::int64_t{2})});
  EXPECT_THAT(got.statuses, ElementsAre(Status::Present, Status::OutsideMaxAge));
  EXPECT_THAT(got.values, ElementsAre("1", "null"));
  EXPECT_EQ(got.times[1], kNow - std::chrono::hours(1) - std::chrono::microseconds(1));
}

TEST_F(ReaderTest, NeverServesARowBeforeItsTime) {
  put_activity(1, kNow + std::chrono::microseconds(1), 1);
  const auto got = read({.features = {"watched"}, .service = ""}, {ValueView(std::int64_t{1})});
  EXPECT_THAT(got.statuses, ElementsAre(Status::NotFound));
}

TEST_F(ReaderTest, TellsNullFromAFeatureYoungerThanTheRow) {
  put(1,
      13,
      sample().schemas.at(103),
      {Value{std::int64_t{1}}},
      kNow,
      {Value{std::string("DE")}, Value{}});
  put(1, 13, sample().schemas.at(104), {Value{std::int64_t{2}}}, kNow, {Value{std::string("FR")}});
  const auto got = read({.features = {"country", "plan"}, .service = ""},
                        {ValueView(std::int64_t{1}), ValueView(std::int64_t{2})});
  EXPECT_THAT(got.statuses,
              ElementsAre(Status::Present, Status::NullValue, Status::Present, Status::NotFound));
  EXPECT_THAT(got.values, ElementsAre("DE", "null", "FR", "null"));
}

TEST_F(ReaderTest, KnowsTheTypeOfTheValuesThatAreServed) {
  auto retyped = sample();
  retyped.definitions.feature_views[0].features[0].type = {.kind = Kind::Float64};
  retyped.revision = 8;
  registry_.current = std::make_shared<const Snapshot>(retyped);
  ASSERT_TRUE(reader_->refresh());
  const FeatureRequest request{.features = {"watched"}, .service = ""};
  EXPECT_EQ((*reader_->prepare(request))->features()[0].type, kInt64);

  auto rebuilt = retyped;
  rebuilt.schemas.emplace(
      106, RowSchema{.id = 106, .fields = {{.id = 2, .type = {.kind = Kind::Float64}}}});
  rebuilt.storage.at("activity").serving = {
      .store_id = 14, .entity_set = 1, .schema_id = 106, .fields = {{"watched", 2}}};
  rebuilt.revision = 9;
  registry_.current = std::make_shared<const Snapshot>(rebuilt);
  ASSERT_TRUE(reader_->refresh());
  EXPECT_EQ((*reader_->prepare(request))->features()[0].type, Type{.kind = Kind::Float64});
}

TEST_F(ReaderTest, CallsARowWithAFlippedBitInvalid) {
  flip_a_bit_ = true;
  put_activity(1, kNow, 47);
  flip_a_bit_ = false;
  put_activity(2, kNow, 48);
  const auto got = read({.features = {"watched"}, .service = ""},
                        {ValueView(std::int64_t{1}), ValueView(std::int64_t{2})});
  EXPECT_THAT(got.statuses, ElementsAre(Status::Invalid, Status::Present));
}

TEST_F(ReaderTest, LooksOnceForASchemaThatItDoesNotKnow) {
  const RowSchema newer{.id = 105, .fields = {{.id = 1, .type = kInt64}}};
  put(1, 11, newer, {Value{std::int64_t{1}}}, kNow, {Value{std::int64_t{5}}});
  auto got = read({.features = {"watched"}, .service = ""}, {ValueView(std::int64_t{1})});
  EXPECT_THAT(got.statuses, ElementsAre(Status::Invalid));

  const int looks = registry_.looks;
  read({.features = {"watched"}, .service = ""}, {ValueView(std::int64_t{1})});
  EXPECT_EQ(registry_.looks, looks);

  auto next = sample();
  next.revision = 8;
  next.schemas.emplace(105, newer);
  registry_.current = std::make_shared<const Snapshot>(next);
  ASSERT_TRUE(reader_->refresh());
  got = read({.features = {"watched"}, .service = ""}, {ValueView(std::int64_t{1})});
  EXPECT_THAT(got.statuses, ElementsAre(Status::Present));
  EXPECT_THAT(got.values, ElementsAre("5"));
}

TEST_F(ReaderTest, ReadsRowsOfASchemaThatIsNewerThanWhatWasPrepared) {
  const FeatureRequest request{.features = {"watched"}, .service = ""};
  const auto prepared = *reader_->prepare(request);
  const RowSchema newer{.id = 105, .fields = {{.id = 1, .type = kInt64}}};
  put(1, 11, newer, {Value{std::int64_t{1}}}, kNow, {Value{std::int64_t{5}}});
  auto next = sample();
  next.revision = 8;
  next.schemas.emplace(105, newer);
  registry_.current = std::make_shared<const Snapshot>(next);
  const std::vector<ValueView> keys{ValueView(std::int64_t{1})};
  Status status = Status::NotFound;
  reader_->read(
      prepared, keys, [&](const auto& features) { status = features->get().cell(0, 0).status; });
  EXPECT_EQ(status, Status::Present);
}

TEST_F(ReaderTest, CountsTheRowsThatItCannotReadByReason) {
  flip_a_bit_ = true;
  put_activity(1, kNow, 47);
  flip_a_bit_ = false;
  put_activity(2, kNow, 48);
  newer_format_ = true;
  put_activity(3, kNow, 49);
  newer_format_ = false;
  put(1,
      11,
      {.id = 105, .fields = {{.id = 1, .type = kInt64}}},
      {Value{std::int64_t{4}}},
      kNow,
      {Value{std::int64_t{5}}});
  const auto prepared = *reader_->prepare({.features = {"watched"}, .service = ""});
  const std::vector<ValueView> keys{ValueView(std::int64_t{1}),
                                    ValueView(std::int64_t{2}),
                                    ValueView(std::int64_t{3}),
                                    ValueView(std::int64_t{4}),
                                    ValueView(std::int64_t{5})};
  std::vector<Status> statuses;
  UnreadableRows unreadable;
  reader_->read(prepared, keys, [&](const auto& features) {
    for (std::size_t row = 0; row < keys.size(); ++row) {
      statuses.push_back(features->get().cell(row, 0).status);
    }
    unreadable = features->get().unreadable();
  });
  EXPECT_THAT(
      statuses,
      ElementsAre(
          Status::Invalid, Status::Present, Status::Invalid, Status::Invalid, Status::NotFound));
  EXPECT_EQ(unreadable.checksum, 1U);
  EXPECT_EQ(unreadable.format, 1U);
  EXPECT_EQ(unreadable.schema, 1U);
}

TEST_F(ReaderTest, AsksForTheRowsOfAnEntityInTheOrderOfTheirStoreIds) {
  put_activity(1, kNow, 10);
  put(1,
      13,
      sample().schemas.at(103),
      {Value{std::int64_t{1}}},
      kNow,
      {Value{std::string("DE")}, Value{}});
  const FeatureRequest request{.features = {"country", "watched"}, .service = ""};
  const auto prepared = std::static_pointer_cast<const Prepared>(*reader_->prepare(request));
  EXPECT_THAT(prepared->groups()[0].store_ids, ElementsAre(11U, 13U));
  EXPECT_THAT(read(request, {ValueView(std::int64_t{1})}).values, ElementsAre("DE", "10"));
  EXPECT_NE(prepared->features()[0].row, prepared->features()[1].row);
}

TEST_F(ReaderTest, AsksTheRegistryOnceForAVersionThatNeverWas) {
  EXPECT_THAT(prepare_error({.features = {}, .service = "all@9"}), HasSubstr("no such version"));
  const int looks = registry_.looks;
  EXPECT_THAT(prepare_error({.features = {}, .service = "all@9"}), HasSubstr("no such version"));
  EXPECT_EQ(registry_.looks, looks);
}

/// A loop that nothing is asked of: the memory store never waits.
class NoLoop final : public EventLoop {
 public:
  std::unique_ptr<Watch> watch(int /*file*/, Watcher& /*watcher*/) override { return nullptr; }
  std::unique_ptr<Timer> timer(std::function<void()> /*on_time*/) override { return nullptr; }
  void post(std::function<void()> /*work*/) override {}
};

TEST_F(ReaderTest, LoopsAreServedWhileTheRegistryDoesNotAnswer) {
  put_activity(1, kNow, 47);
  const RowSchema newer{.id = 105, .fields = {{.id = 1, .type = kInt64}}};
  put(1, 11, newer, {Value{std::int64_t{2}}}, kNow, {Value{std::int64_t{5}}});
  NoLoop loop;
  reader_->refresh().value();
  const auto on_loop = reader_->on_loop(loop);
  const std::unique_lock stopped(registry_.stop);
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(on_loop->refresh().value(), 2U);
    const auto prepared = on_loop->prepare({.features = {"watched"}, .service = ""});
    ASSERT_TRUE(prepared) << prepared.error().message();
    const auto pinned = on_loop->prepare({.features = {}, .service = "all@1"});
    ASSERT_FALSE(pinned);
    EXPECT_EQ(pinned.error().code(), ErrorCode::Unavailable);
    const std::vector<ValueView> keys{ValueView(std::int64_t{1}), ValueView(std::int64_t{2})};
    on_loop->read(*prepared, keys, [&](const auto& features) {
      EXPECT_EQ(features->get().cell(0, 0).status, Status::Present);
      EXPECT_EQ(features->get().cell(1, 0).status, Status::Invalid);
    });
  }
  // One wait of a tenth of a second for each of the two things that only the registry knows.
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

TEST_F(ReaderTest, LoopsNoticeAChangeWithoutLookingThemselves) {
  NoLoop loop;
  const auto on_loop = reader_->on_loop(loop);
  EXPECT_EQ(on_loop->refresh().value(), 2U);
  registry_.first = sample().definitions;
  EXPECT_TRUE(on_loop->prepare({.features = {}, .service = "all@1", .full_names = true}));
  auto next = sample();
  next.revision = 8;
  next.version = 3;
  {
    const std::scoped_lock change(registry_.stop);
    registry_.current = std::make_shared<const Snapshot>(next);
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (on_loop->refresh().value() != 3U) {
    ASSERT_LT(std::chrono::steady_clock::now(), until);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST_F(ReaderTest, GivesTheSameObjectUntilTheRegistryChanges) {
  const FeatureRequest request{.features = {"watched"}, .service = ""};
  const auto first = *reader_->prepare(request);
  EXPECT_EQ(*reader_->prepare(request), first);
  auto next = sample();
  next.revision = 8;
  registry_.current = std::make_shared<const Snapshot>(next);
  EXPECT_EQ(reader_->refresh().value(), 2U);
  EXPECT_NE(*reader_->prepare(request), first);
}

TEST_F(ReaderTest, GoesOnServingWhileTheRegistryIsAway) {
  put_activity(1, kNow, 47);
  const FeatureRequest request{.features = {"watched"}, .service = ""};
  ASSERT_TRUE(reader_->prepare(request));
  registry_.away = true;
  EXPECT_FALSE(reader_->refresh());
  EXPECT_THAT(read(request, {ValueView(std::int64_t{1})}).values, ElementsAre("47"));
}

TEST_F(ReaderTest, ReadsAServiceAsAVersionDeclaredIt) {
  registry_.first = sample().definitions;
  registry_.first.feature_services[0].items.pop_back();
  const auto pinned = *reader_->prepare({.features = {}, .service = "all@1"});
  EXPECT_EQ(pinned->features().size(), 1U);
  EXPECT_THAT(prepare_error({.features = {}, .service = "all@2"}), HasSubstr("no such version"));
  EXPECT_THAT(prepare_error({.features = {}, .service = "all@x"}),
              HasSubstr("behind @ stands the number"));
  EXPECT_THAT(prepare_error({.features = {}, .service = "none@1"}),
              HasSubstr("applied version 1 has no feature service none"));
}

TEST_F(ReaderTest, SaysThatNothingIsApplied) {
  registry_.current = std::make_shared<const Snapshot>();
  ASSERT_TRUE(reader_->refresh());
  EXPECT_THAT(prepare_error({.features = {"watched"}, .service = ""}),
              HasSubstr("provender apply"));
}

TEST_F(ReaderTest, RefusesAKeyThatIsTooLong) {
  auto prepared = *reader_->prepare({.features = {"score"}, .service = ""});
  const std::string genre(480, 'x');
  const std::vector<ValueView> keys{ValueView(std::int64_t{1}), ValueView(Kind::String, genre)};
  std::vector<ValueView> ordered;
  for (const auto& key : prepared->keys()) {
    ordered.push_back(key.name == "user_id" ? keys[0] : keys[1]);
  }
  const auto message = [&] {
    std::string out;
    reader_->read(prepared, ordered, [&](const auto& features) {
      out = features ? "" : features.error().message();
    });
    return out;
  };
  EXPECT_EQ(message(),
            "the entity key (genre, user_id) takes 490 bytes encoded, more than the 480 allowed");
  const std::vector<ValueView> row = ordered;
  ordered[ordered[0].type().kind == Kind::String ? 0 : 1] = ValueView(Kind::String, "short");
  ordered.insert(ordered.end(), row.begin(), row.end());
  EXPECT_THAT(message(), HasSubstr("row 1: the entity key (genre, user_id) takes 490"));
}

}  // namespace
}  // namespace provender::serving
