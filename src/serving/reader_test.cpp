#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serving/prepared.hpp"
#include "serving/testing_reader.hpp"

namespace provender::serving {
namespace {

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
