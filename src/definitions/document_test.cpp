#include "definitions/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "definitions/testing/read_text.hpp"

namespace provender::definitions {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::read_text;

constexpr Type kString{.kind = Kind::String};
constexpr Type kInt64{.kind = Kind::Int64};

TEST(Document, ReadsTheShortForm) {
  const auto [loaded, problems] = read_text(R"(
features:
  user_segment:
    entity: user_id
    dtype: str
    source: data/user_segment.parquet
    cadence: daily
    ttl: 30d
    description: How much.
    owner: a@b
    tags: {tier: gold}
  count: {entity: user_id, dtype: int, source: data/count.CSV}
)");
  EXPECT_THAT(problems, IsEmpty());
  ASSERT_EQ(loaded.definitions.feature_views.size(), 2U);
  const FeatureView& view = loaded.definitions.feature_views[0];
  const Annotations about{.description = "How much.", .owner = "a@b", .tags = {{"tier", "gold"}}};
  EXPECT_EQ(view.name, "user_segment");
  EXPECT_THAT(view.entities, ElementsAre("user_id"));
  EXPECT_EQ(view.source.kind, Source::Kind::Parquet);
  EXPECT_EQ(view.source.text, "data/user_segment.parquet");
  EXPECT_EQ(view.source.event_timestamp, "event_timestamp");
  EXPECT_EQ(view.ttl, std::chrono::hours(24 * 30));
  EXPECT_EQ(view.cadence, parse_cadence("daily").value());
  EXPECT_EQ(view.about, about);
  EXPECT_THAT(view.features,
              ElementsAre(Feature{.name = "user_segment", .type = kString, .about = about}));
  EXPECT_EQ(view.where.line, 3);
  EXPECT_EQ(loaded.definitions.feature_views[1].source.kind, Source::Kind::Csv);
  EXPECT_EQ(loaded.definitions.feature_views[1].ttl, std::nullopt);
}

TEST(Document, ReadsFeatureViews) {
  const auto [loaded, problems] = read_text(R"(
feature_views:
  user_profile:
    entities: [user_id, genre]
    source: {csv: "data/*.csv", event_timestamp: updated, created_timestamp: loaded_at, timestamp_unit: ms,
             columns: {age: AGE_YEARS}, hive: true}
    ttl: 250ms
    cadence: "0 * * * *"
    features: {age: int32, scores: {type: list<float32>, description: Scores., owner: me, tags: {a: b}}}
    owner: recsys@example.com
  other:
    entities: [user_id]
    source: {view: ratings}
    features: {mean: float}
)");
  EXPECT_THAT(problems, IsEmpty());
  ASSERT_EQ(loaded.definitions.feature_views.size(), 2U);
  const FeatureView& view = loaded.definitions.feature_views[0];
  const Source source{.kind = Source::Kind::Csv,
                      .text = "data/*.csv",
                      .event_timestamp = "updated",
                      .created_timestamp = "loaded_at",
                      .timestamp_unit = TimestampUnit::Milliseconds,
                      .columns = {{"age", "AGE_YEARS"}},
                      .hive = true};
  EXPECT_EQ(view.source, source);
  EXPECT_EQ(view.ttl, std::chrono::milliseconds(250));
  EXPECT_THAT(
      view.features,
      ElementsAre(
          Feature{.name = "age", .type = {.kind = Kind::Int32}},
          Feature{.name = "scores",
                  .type = {.kind = Kind::Float32, .is_list = true},
                  .about = {.description = "Scores.", .owner = "me", .tags = {{"a", "b"}}}}));
  EXPECT_EQ(loaded.definitions.feature_views[1].source.kind, Source::Kind::View);
}

TEST(Document, ReadsEntitiesOfOneAndSeveralKeys) {
  const auto [loaded, problems] = read_text(R"(
entities:
  user_id: {type: string, description: A subscriber.}
  trip: {keys: {vendor: int32, id: }}
  movie_id: int
  genre:
)");
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_THAT(
      loaded.definitions.entities,
      ElementsAre(Entity{.name = "user_id",
                         .keys = {{"user_id", kString}},
                         .about = {.description = "A subscriber."}},
                  Entity{.name = "trip",
                         .keys = {{"vendor", Type{.kind = Kind::Int32}}, {"id", std::nullopt}}},
                  Entity{.name = "movie_id", .keys = {{"movie_id", kInt64}}},
                  Entity{.name = "genre", .keys = {{"genre", std::nullopt}}}));
}

TEST(Document, ReadsServicesOfReferencesAndRoles) {
  const auto [loaded, problems] = read_text(R"(
feature_services:
  recommender:
    description: What to watch.
    features:
      - user_segment
      - user_activity:ratings_7d
      - "profile:*"
      - {view: user_activity, as: friend, keys: {user_id: friend_id}, features: [ratings_7d]}
      - {view: movies}
)");
  EXPECT_THAT(problems, IsEmpty());
  ASSERT_EQ(loaded.definitions.feature_services.size(), 1U);
  EXPECT_EQ(loaded.definitions.feature_services[0].about.description, "What to watch.");
  EXPECT_THAT(loaded.definitions.feature_services[0].items,
              ElementsAre(ServiceItem{.features = {"user_segment"}},
                          ServiceItem{.view = "user_activity", .features = {"ratings_7d"}},
                          ServiceItem{.view = "profile"},
                          ServiceItem{.view = "user_activity",
                                      .alias = "friend",
                                      .keys = {{"user_id", "friend_id"}},
                                      .features = {"ratings_7d"}},
                          ServiceItem{.view = "movies"}));
}

TEST(Document, MakesAnEntityThatIsOnlyNamedOnceWithoutAType) {
  const auto [loaded, problems] = read_text(R"(
features:
  a: {entity: user_id, dtype: str, source: a.csv}
  b: {entity: user_id, dtype: str, source: b.csv}
)");
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_THAT(loaded.definitions.entities,
              ElementsAre(Entity{.name = "user_id", .keys = {{"user_id", std::nullopt}}}));
}

TEST(Document, AcceptsSectionsWithNothingInThem) {
  EXPECT_THAT(
      read_text("entities:\nfeatures:\nsql_views:\nfeature_views:\nfeature_services:\n").problems,
      IsEmpty());
  EXPECT_THAT(read_text("# nothing yet\n").problems, IsEmpty());
}

TEST(Document, UsesAnAliasWhereItStands) {
  const auto [loaded, problems] = read_text(R"(
feature_views:
  a: {entities: [user_id], source: &files {parquet: a.parquet, event_timestamp: ts}, features: {x: int}}
  b: {entities: [user_id], source: *files, features: {y: int}}
)");
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_EQ(loaded.definitions.feature_views[1].source, loaded.definitions.feature_views[0].source);
}

TEST(Document, KnowsWhichNamesItCouldNotRead) {
  EXPECT_FALSE(read_text("featurs: {}").loaded.has_all_names);
  EXPECT_FALSE(read_text("features: [a]").loaded.has_all_names);
  EXPECT_FALSE(read_text("features: {").loaded.has_all_names);
  const auto bad_ttl =
      read_text("features: {a: {entity: u, dtype: int, source: a.csv, ttl: 30}}").loaded;
  EXPECT_TRUE(bad_ttl.has_all_names);
  EXPECT_THAT(bad_ttl.unread_views, IsEmpty());
  const auto no_entity = read_text("features: {a: {dtype: int, source: a.csv}}").loaded;
  EXPECT_TRUE(no_entity.has_all_names);
  EXPECT_THAT(no_entity.unread_views, ElementsAre("a"));
  const auto no_features = read_text("feature_views: {b: {entities: [u], source: a.csv}}").loaded;
  EXPECT_THAT(no_features.unread_views, ElementsAre("b"));
}

}  // namespace
}  // namespace provender::definitions
