#include "registry/plan.hpp"

#include <functional>
#include <tuple>

#include <gmock/gmock.h>

#include "registry/test_definitions.hpp"

namespace provender::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Snapshot applied(Definitions definitions) {
  return {.version = 7, .definitions = std::move(definitions)};
}

/// The plan for `streaming()` after `edit`.
Plan plan_after(const std::function<void(Definitions&)>& edit, const SourceRows& rows = {}) {
  auto proposed = streaming();
  edit(proposed);
  return make_plan(applied(streaming()), proposed, rows);
}

TEST(Plan, IsEmptyForEqualDefinitionsWhereverTheyStand) {
  const auto plan = plan_after([](Definitions& d) {
    d.feature_views[0].where = {.file = "elsewhere.yaml", .line = 12};
    d.feature_views[0].features[0].where.line = 99;
  });
  EXPECT_TRUE(plan.empty());
  EXPECT_EQ(plan.base_version, 7);
  EXPECT_EQ(plan.summary(), "no changes");
  EXPECT_THAT(plan.to_materialize, IsEmpty());
}

TEST(Plan, CreatesAllAgainstAnEmptyRegistry) {
  const auto plan = make_plan({}, streaming(), {});
  EXPECT_EQ(plan.base_version, 0);
  EXPECT_EQ(plan.summary(), "5 created");
  ASSERT_THAT(plan.changes, SizeIs(5));
  EXPECT_EQ(plan.changes[0].kind, "entity");
  EXPECT_EQ(plan.changes[2].kind, "feature view");
  EXPECT_EQ(plan.changes[4].kind, "feature service");
  EXPECT_THAT(plan.changes[2].consequences,
              ElementsAre("has no values online until it is materialized"));
  EXPECT_THAT(plan.to_materialize, ElementsAre("activity", "affinity"));
  for (const auto& change : plan.changes) {
    EXPECT_FALSE(change.breaking) << change.name;
  }
}

TEST(Plan, CountsWhatIsCreatedChangedAndDeleted) {
  const auto plan = plan_after([](Definitions& d) {
    d.feature_views[0].ttl = std::chrono::days(30);
    d.feature_views.pop_back();
    d.feature_views.push_back(view("popularity", {"movie_id"}, {{"views", kInt64}}));
    d.entities.push_back(entity("zone", kString));
  });
  EXPECT_EQ(plan.summary(), "2 created, 1 changed, 1 deleted");
}

/// The kind of an object, an edit of its declaration, and what the plan says about that.
using Edit = std::tuple<std::string, std::function<void(Definitions&)>, std::string>;

TEST(Plan, HasALineForEachPropertyThatDiffers) {
  const std::vector<Edit> edits{
      {"project", [](Definitions& d) { d.project = "other"; }, "name: streaming → other"},
      {"entity",
       [](Definitions& d) { d.entities[0].about.description = "A film."; },
       "description added"},
      {"entity",
       [](Definitions& d) { d.entities[0].keys[0].name = "film"; },
       "keys: movie_id (int64) → film (int64)"},
      {"feature view",
       [](Definitions& d) { d.feature_views[0].ttl = std::chrono::days(30); },
       "ttl: none → 30d"},
      {"feature view",
       [](Definitions& d) {
         d.feature_views[0].cadence = {.kind = Cadence::Kind::Every,
                                       .every = std::chrono::minutes(15)};
       },
       "cadence: manual → 15m"},
      {"feature view",
       [](Definitions& d) { d.feature_views[1].entities = {"user_id"}; },
       "entities: user_id, movie_id → user_id"},
      {"feature view",
       [](Definitions& d) { d.feature_views[0].source.text = "new/*.parquet"; },
       "source: parquet data/activity.parquet → parquet new/*.parquet"},
      {"feature view",
       [](Definitions& d) { d.feature_views[0].source.kind = Source::Kind::Csv; },
       "source: parquet data/activity.parquet → csv data/activity.parquet"},
      {"feature view",
       [](Definitions& d) { d.feature_views[0].source.event_timestamp = "ts"; },
       "event timestamp: event_timestamp → ts"},
      {"feature view",
       [](Definitions& d) { d.feature_views[0].source.created_timestamp = "loaded"; },
       "created timestamp: none → loaded"},
      {"feature view",
       [](Definitions& d) {
         d.feature_views[0].source.timestamp_unit = TimestampUnit::Milliseconds;
       },
       "timestamp unit: none → milliseconds"},
      {"feature view",
       [](Definitions& d) { d.feature_views[0].source.columns["mean"] = "MEAN"; },
       "column of mean: none → MEAN"},
      {"feature view",
       [](Definitions& d) { d.feature_views[0].source.hive = true; },
       "hive: no → yes"},
      {"feature view",
       [](Definitions& d) {
         d.feature_views[0].features.push_back({.name = "age", .type = kInt32});
       },
       "feature age added (int32)"},
      {"feature view",
       [](Definitions& d) { d.feature_views[0].features.pop_back(); },
       "feature mean removed (float64)"},
      {"feature view",
       [](Definitions& d) { d.feature_views[0].features[0].type = kInt32; },
       "feature ratings: int64 → int32"},
      {"feature view",
       [](Definitions& d) {
         std::swap(d.feature_views[0].features[0], d.feature_views[0].features[1]);
       },
       "order of features: ratings, mean → mean, ratings"},
      {"feature view",
       [](Definitions& d) { d.feature_views[0].features[0].about.tags["pii"] = "no"; },
       "feature ratings: tag pii: none → no"},
      {"feature view",
       [](Definitions& d) { d.feature_views[0].about.owner = "me"; },
       "owner: none → me"},
      {"feature view",
       [](Definitions& d) { d.feature_views[0].about.tags["tier"] = ""; },
       "tag tier: none → ''"},
      {"feature service",
       [](Definitions& d) { d.feature_services[0].items[0].features = {"mean"}; },
       "feature activity:ratings removed"},
      {"feature service",
       [](Definitions& d) { d.feature_services[0].items[0].keys["user_id"] = "friend"; },
       "feature activity:ratings (user_id = friend) added"},
      {"feature service",
       [](Definitions& d) { d.feature_services[0].items[0].alias = "mine"; },
       "feature activity:ratings as mine added"},
  };
  for (const auto& [kind, edit, detail] : edits) {
    const auto plan = plan_after(edit);
    ASSERT_THAT(plan.changes, SizeIs(1)) << detail;
    EXPECT_EQ(plan.changes[0].action, Action::Change);
    EXPECT_EQ(plan.changes[0].kind, kind);
    EXPECT_THAT(plan.changes[0].details, ::testing::Contains(detail));
  }
}

TEST(Plan, AnnotationsAndReadTimePropertiesHaveNoConsequence) {
  const auto plan = plan_after([](Definitions& d) {
    auto& view = d.feature_views[0];
    view.about = {.description = "d", .owner = "o", .tags = {{"tier", "gold"}}};
    view.features[0].about.description = "f";
    view.ttl = std::chrono::hours(1);
    view.cadence = {.kind = Cadence::Kind::Streaming};
    d.feature_services[0].about.owner = "o";
  });
  ASSERT_THAT(plan.changes, SizeIs(2));
  for (const auto& change : plan.changes) {
    EXPECT_THAT(change.consequences, IsEmpty());
    EXPECT_FALSE(change.breaking);
  }
  EXPECT_THAT(plan.to_materialize, IsEmpty());
}

TEST(Plan, RebuildsAViewWhoseTypeChangesAndCallsItBreaking) {
  const auto plan =
      plan_after([](Definitions& d) { d.feature_views[0].features[0].type = kInt32; });
  ASSERT_THAT(plan.changes, SizeIs(1));
  EXPECT_TRUE(plan.changes[0].breaking);
  EXPECT_THAT(
      plan.changes[0].consequences,
      ElementsAre(
          "is materialized anew, the old values serve until then: the type of ratings changes",
          "readers of ratings see another type then"));
  EXPECT_THAT(plan.to_materialize, ElementsAre("activity"));
}

TEST(Plan, TellsHowManyRowsAMaterializationReads) {
  const SourceRows rows{{"activity", 1200}, {"affinity", 1}};
  const auto says = [](const Plan& plan, std::string_view text) {
    EXPECT_THAT(plan.changes[0].consequences, ::testing::Contains(text));
  };
  EXPECT_THAT(make_plan({}, streaming(), rows).changes[3].consequences,
              ElementsAre("has no values online until it is materialized (1 row)"));
  says(plan_after([](Definitions& d) { d.feature_views[0].features[0].type = kInt32; }, rows),
       "is materialized anew (1200 rows), the old values serve until then: the type of ratings "
       "changes");
  says(plan_after([](Definitions& d) { d.entities[1].keys[0].type = kInt64; }, rows),
       "feature view activity has other join keys: it serves no values until it is materialized "
       "(1200 rows)");
  says(plan_after(
           [](Definitions& d) {
             d.feature_views[0].features.push_back({.name = "age", .type = kInt32});
           },
           rows),
       "age has no values until it is materialized (1200 rows)");
}

TEST(Plan, AnAddedFeatureNeedsARunAndARemovedOneBreaksReaders) {
  const auto added = plan_after([](Definitions& d) {
    d.feature_views[0].features.push_back({.name = "age", .type = kInt32});
  });
  EXPECT_FALSE(added.changes[0].breaking);
  EXPECT_THAT(added.changes[0].consequences,
              ElementsAre("age has no values until it is materialized"));
  EXPECT_THAT(added.to_materialize, ElementsAre("activity"));

  const auto removed = plan_after([](Definitions& d) { d.feature_views[0].features.pop_back(); });
  EXPECT_TRUE(removed.changes[0].breaking);
  EXPECT_THAT(removed.changes[0].consequences, ElementsAre("requests for mean fail"));
  EXPECT_THAT(removed.to_materialize, IsEmpty());
}

TEST(Plan, TellsWhichViewsANewKeyTypeEmpties) {
  const auto plan = plan_after([](Definitions& d) { d.entities[1].keys[0].type = kInt64; });
  ASSERT_THAT(plan.changes, SizeIs(1));
  EXPECT_EQ(plan.changes[0].name, "user_id");
  EXPECT_TRUE(plan.changes[0].breaking);
  EXPECT_THAT(
      plan.changes[0].consequences,
      ElementsAre(
          "feature view activity has other join keys: it serves no values until it is materialized",
          "feature view affinity has other join keys: it serves no values until it is "
          "materialized"));
  EXPECT_THAT(plan.to_materialize, ElementsAre("activity", "affinity"));
}

TEST(Plan, TakesTheAppliedTypeForAKeyWithoutOne) {
  EXPECT_TRUE(plan_after([](Definitions& d) { d.entities[1].keys[0].type.reset(); }).empty());
}

TEST(Plan, TheOrderOfEntitiesDoesNotTouchStoredRows) {
  const auto plan =
      plan_after([](Definitions& d) { d.feature_views[1].entities = {"movie_id", "user_id"}; });
  ASSERT_THAT(plan.changes, SizeIs(1));
  EXPECT_THAT(plan.changes[0].consequences, IsEmpty());
  EXPECT_THAT(plan.to_materialize, IsEmpty());
}

TEST(Plan, DeletionsAreBreaking) {
  const auto plan = plan_after([](Definitions& d) {
    d.feature_views.erase(d.feature_views.begin());
    d.feature_services.clear();
  });
  ASSERT_THAT(plan.changes, SizeIs(2));
  EXPECT_TRUE(plan.changes[0].breaking);
  EXPECT_THAT(
      plan.changes[0].consequences,
      ElementsAre("its rows are removed from the online store; requests for ratings, mean fail"));
  EXPECT_TRUE(plan.changes[1].breaking);
}

TEST(Plan, AServiceThatLosesAFeatureBreaksAndOneThatGainsDoesNot) {
  const auto gains = plan_after(
      [](Definitions& d) { d.feature_services[0].items[0].features.emplace_back("mean"); });
  EXPECT_FALSE(gains.changes[0].breaking);
  const auto loses =
      plan_after([](Definitions& d) { d.feature_services[0].items[0].features = {"mean"}; });
  EXPECT_TRUE(loses.changes[0].breaking);
  EXPECT_THAT(loses.changes[0].consequences,
              ElementsAre("its readers no longer get activity:ratings"));
}

TEST(Plan, ListsBareNamesThatBecomeAmbiguous) {
  const auto plan = plan_after([](Definitions& d) {
    d.feature_views.push_back(
        view("popularity", {"movie_id"}, {{"mean", kFloat64}, {"rank", kInt64}}));
    d.feature_views.push_back(view("trend", {"movie_id"}, {{"rank", kInt64}}));
  });
  EXPECT_THAT(plan.ambiguous, ElementsAre("mean"))
      << "rank is new, so nobody can have relied on it";
}

TEST(Plan, WarnsWhenABareNameComesToMeanAnotherView) {
  const auto plan = plan_after([](Definitions& d) {
    d.feature_views.push_back(view("mean", {"movie_id"}, {{"mean", kFloat64}}));
  });
  EXPECT_THAT(plan.ambiguous, IsEmpty());
  ASSERT_THAT(plan.changes, SizeIs(1));
  EXPECT_TRUE(plan.changes[0].breaking);
  EXPECT_THAT(plan.changes[0].consequences,
              ::testing::Contains("the bare name mean means mean:mean now, not activity:mean"));
}

TEST(Plan, WarnsAtTheViewThatGivesABareNameUp) {
  auto before = streaming();
  before.feature_views.push_back(view("mean", {"movie_id"}, {{"mean", kFloat64}}));
  const auto plan = make_plan(applied(before), streaming(), {});
  ASSERT_THAT(plan.changes, SizeIs(1));
  EXPECT_THAT(plan.changes[0].consequences,
              ::testing::Contains("the bare name mean means activity:mean now, not mean:mean"));
}

/// A view that reads `outer`, which reads `inner`.
Definitions with_sql() {
  auto definitions = streaming();
  definitions.sql_views = {
      {.name = "inner_events", .sql = "SELECT * FROM 'data/*.parquet'"},
      {.name = "outer_events", .sql = "SELECT user_id, 1 AS n FROM \"Inner_Events\""},
      {.name = "unused", .sql = "SELECT 1"}};
  definitions.feature_views[0].source = {.kind = Source::Kind::View, .text = "outer_events"};
  definitions.feature_views[1].source = {.kind = Source::Kind::Sql,
                                         .text = "SELECT * FROM outer_events"};
  return definitions;
}

TEST(Plan, RebuildsTheViewsThatReadAChangedSqlViewThroughOthers) {
  auto proposed = with_sql();
  proposed.sql_views[0].sql += " WHERE true";
  proposed.sql_views[2].sql = "SELECT 2";
  const auto plan = make_plan(applied(with_sql()), proposed, {});
  ASSERT_THAT(plan.changes, SizeIs(2));
  EXPECT_THAT(plan.changes[0].details, ElementsAre("sql changed"));
  ASSERT_THAT(plan.changes[0].consequences, SizeIs(2));
  EXPECT_THAT(
      plan.changes[0].consequences[0],
      HasSubstr("feature view activity is materialized anew, the old values serve until then"));
  EXPECT_THAT(plan.changes[1].consequences, IsEmpty());
  EXPECT_THAT(plan.to_materialize, ElementsAre("activity", "affinity"));
}

TEST(Plan, AnotherOrderOfFeaturesBreaksTiesOfSqlOtherwise) {
  auto proposed = with_sql();
  std::swap(proposed.feature_views[0].features[0], proposed.feature_views[0].features[1]);
  const auto plan = make_plan(applied(with_sql()), proposed, {});
  EXPECT_THAT(plan.to_materialize, ElementsAre("activity"));
  ASSERT_THAT(plan.changes, SizeIs(1));
  EXPECT_THAT(plan.changes[0].consequences,
              ElementsAre("breaks ties between its rows in another order"));
}

/// What `edit` of the first view calls for.
StorageChange storage_after(const std::function<void(FeatureView&)>& edit) {
  const auto before = with_sql();
  auto after = before;
  edit(after.feature_views[0]);
  return storage_change(before, before.feature_views[0], after, after.feature_views[0]);
}

TEST(StorageChange, IsTheGreatestThatTheEditCallsFor) {
  EXPECT_EQ(storage_after([](FeatureView&) {}), StorageChange::None);
  EXPECT_EQ(storage_after([](FeatureView& v) { v.ttl = std::chrono::days(1); }),
            StorageChange::None);
  EXPECT_EQ(storage_after([](FeatureView& v) { std::swap(v.features[0], v.features[1]); }),
            StorageChange::None);
  EXPECT_EQ(storage_after([](FeatureView& v) { v.features.pop_back(); }), StorageChange::NewSchema);
  EXPECT_EQ(storage_after([](FeatureView& v) { v.features[0].name = "other"; }),
            StorageChange::NewSchema);
  EXPECT_EQ(storage_after([](FeatureView& v) {
              v.features[0].type = {.kind = Kind::Int64, .is_list = true};
            }),
            StorageChange::NewStore);
  EXPECT_EQ(storage_after([](FeatureView& v) { v.source.text = "inner_events"; }),
            StorageChange::NewStore);
  EXPECT_EQ(storage_after([](FeatureView& v) { v.source.columns["mean"] = "m"; }),
            StorageChange::NewStore);
  EXPECT_EQ(storage_after([](FeatureView& v) { v.source.columns["user_id"] = "u"; }),
            StorageChange::NewStore);
  EXPECT_EQ(storage_after([](FeatureView& v) {
              v.features[0].type = kInt32;
              v.entities = {"movie_id"};
            }),
            StorageChange::NewKeys);
}

TEST(StorageChange, MappingTheColumnOfANewFeatureKeepsTheRows) {
  EXPECT_EQ(storage_after([](FeatureView& v) {
              v.features.push_back({.name = "age", .type = kInt32});
              v.source.columns["age"] = "AGE_YEARS";
            }),
            StorageChange::NewSchema);
}

}  // namespace
}  // namespace provender::registry
