/// The numbers that stored rows refer to, through the life of a view.
#include <gmock/gmock.h>

#include "registry/sqlite/test_registry.hpp"

namespace provender::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class Storage : public RegistryTest {
 protected:
  std::shared_ptr<const Snapshot> apply(const Definitions& definitions) {
    return value_of(RegistryTest::apply(*registry_, definitions));
  }
  /// A successful run into a store id of the view.
  std::shared_ptr<const Snapshot> materialize(const std::string& view, std::uint32_t store_id) {
    auto& log = registry_->runs();
    const auto lease =
        value_of(log.acquire("materialize:" + view, "h", clock_.now(), std::chrono::minutes(1)));
    auto run = value_of(log.begin_run({.view = view, .store_id = store_id, .version = 1}));
    run.finished = clock_.now();
    const auto finished = log.finish_run(run, lease);
    last_error_ = finished ? "" : std::string(finished.error().message());
    PROVENDER_EXPECT_OK(log.release(lease));
    return value_of(registry_->snapshot());
  }
  std::string last_error_;  ///< of materialize()

  std::vector<std::uint32_t> dead() {
    std::vector<std::uint32_t> ids;
    for (const auto& store : value_of(registry_->snapshot())->dead_stores) {
      ids.push_back(store.store_id);
    }
    return ids;
  }

  std::unique_ptr<Registry> registry_ = open();
  Definitions definitions_ = streaming();
  FeatureView& view_ =
      definitions_.feature_views[0];  ///< activity: ratings (int64), mean (float64)
};

TEST_F(Storage, ANewViewServesAtOnce) {
  const auto snapshot = apply(definitions_);
  const auto& activity = snapshot->storage.at("activity");
  EXPECT_FALSE(activity.building);
  EXPECT_THAT(activity.serving.fields, UnorderedElementsAre(Pair("ratings", 1), Pair("mean", 2)));
  const auto& schema = snapshot->schemas.at(activity.serving.schema_id);
  EXPECT_EQ(schema.id, activity.serving.schema_id);
  EXPECT_THAT(schema.fields,
              ElementsAre(RowSchema::Field{.id = 1, .type = kInt64},
                          RowSchema::Field{.id = 2, .type = kFloat64}));
  EXPECT_NE(activity.serving.store_id, snapshot->storage.at("affinity").serving.store_id);
  EXPECT_THAT(dead(), IsEmpty());
}

TEST_F(Storage, AnEntitySetIsASetOfNamesAndTypes) {
  definitions_.feature_views.push_back(view("habits", {"user_id"}, {{"habit", kString}}));
  definitions_.feature_views.push_back(view("likes", {"movie_id", "user_id"}, {{"like", kString}}));
  const auto first = apply(definitions_);
  const auto set_of = [](const Snapshot& snapshot, const std::string& name) {
    return snapshot.storage.at(name).serving.entity_set;
  };
  EXPECT_EQ(set_of(*first, "activity"), set_of(*first, "habits"));
  EXPECT_EQ(set_of(*first, "affinity"), set_of(*first, "likes"))
      << "the order of entities does not matter";
  EXPECT_NE(set_of(*first, "activity"), set_of(*first, "affinity"));

  auto retyped = definitions_;
  retyped.entities[1].keys[0].type = kInt64;
  const auto second = apply(retyped);
  EXPECT_NE(set_of(*second, "activity"), set_of(*first, "activity"));
  const auto third = apply(definitions_);
  EXPECT_EQ(set_of(*third, "activity"), set_of(*first, "activity"))
      << "the number is the same forever";
}

TEST_F(Storage, NothingMovesForAnEditThatConcernsNoRows) {
  const auto first = apply(definitions_);
  view_.ttl = std::chrono::days(1);
  const auto second = apply(definitions_);
  EXPECT_EQ(second->storage, first->storage);
  EXPECT_EQ(second->schemas, first->schemas);
}

TEST_F(Storage, AnAddedFeatureGetsANewSchemaUnderTheSameStore) {
  const auto first = apply(definitions_)->storage.at("activity");
  view_.features.push_back({.name = "age", .type = kInt32});
  const auto snapshot = apply(definitions_);
  const auto& second = snapshot->storage.at("activity");
  EXPECT_EQ(second.serving.store_id, first.serving.store_id);
  EXPECT_NE(second.serving.schema_id, first.serving.schema_id);
  EXPECT_FALSE(second.building);
  EXPECT_THAT(second.serving.fields,
              UnorderedElementsAre(Pair("ratings", 1), Pair("mean", 2), Pair("age", 3)));
  EXPECT_TRUE(snapshot->schemas.contains(first.serving.schema_id)) << "older rows are read with it";
}

TEST_F(Storage, AFieldNumberNeverComesBack) {
  apply(definitions_);
  const auto mean = view_.features[1];
  view_.features.pop_back();
  EXPECT_THAT(apply(definitions_)->storage.at("activity").serving.fields,
              ElementsAre(Pair("ratings", 1)));
  view_.features.push_back(mean);
  EXPECT_THAT(apply(definitions_)->storage.at("activity").serving.fields,
              UnorderedElementsAre(Pair("ratings", 1), Pair("mean", 3)));

  auto without_view = definitions_;
  without_view.feature_services.clear();
  without_view.feature_views.erase(without_view.feature_views.begin());
  apply(without_view);
  EXPECT_THAT(apply(definitions_)->storage.at("activity").serving.fields,
              UnorderedElementsAre(Pair("ratings", 4), Pair("mean", 5)));
}

TEST_F(Storage, ARetypedFeatureIsBuiltWhileItsOldValuesServe) {
  const auto first = apply(definitions_)->storage.at("activity");
  view_.features[0].type = kInt32;
  const auto snapshot = apply(definitions_);
  const auto& activity = snapshot->storage.at("activity");
  EXPECT_EQ(activity.serving.store_id, first.serving.store_id);
  EXPECT_EQ(activity.serving.schema_id, first.serving.schema_id);
  EXPECT_EQ(activity.serving.fields, first.serving.fields);
  const auto building = building_of(*snapshot, "activity");
  EXPECT_NE(building.store_id, first.serving.store_id);
  EXPECT_EQ(building.entity_set, first.serving.entity_set);
  EXPECT_THAT(building.fields, UnorderedElementsAre(Pair("ratings", 3), Pair("mean", 2)));
  EXPECT_TRUE(snapshot->schemas.contains(activity.serving.schema_id));
  EXPECT_TRUE(snapshot->schemas.contains(building.schema_id));
}

TEST_F(Storage, TheFirstCompleteRunSwitches) {
  apply(definitions_);
  view_.source.text = "elsewhere.parquet";
  const auto before = apply(definitions_);
  const auto& serving = before->storage.at("activity").serving;
  const auto building = building_of(*before, "activity");
  EXPECT_EQ(building.schema_id, serving.schema_id) << "the same fields need no new schema";

  clock_.set(clock_.now() + std::chrono::minutes(5));
  const auto after = materialize("activity", building.store_id);
  EXPECT_EQ(after->storage.at("activity").serving, building);
  EXPECT_FALSE(after->storage.at("activity").building);
  EXPECT_GT(after->revision, before->revision);
  EXPECT_EQ(after->version, before->version);
  ASSERT_THAT(dead(), ElementsAre(serving.store_id));
  EXPECT_EQ(after->dead_stores[0].since, clock_.now());
}

TEST_F(Storage, ARunIntoAnotherStoreSwitchesNothing) {
  const auto first = apply(definitions_)->storage.at("activity");
  const auto rebuilt = value_of(registry_->rebuild("activity"));
  EXPECT_EQ(materialize("activity", first.serving.store_id)->storage, rebuilt->storage);
  EXPECT_EQ(last_error_, "");

  const auto replaced = building_of(*rebuilt, "activity").store_id;
  const auto again = value_of(registry_->rebuild("activity"));
  EXPECT_EQ(materialize("activity", replaced)->storage, again->storage);
  EXPECT_THAT(last_error_, ::testing::HasSubstr("nobody reads what was written"));
  EXPECT_EQ(value_of(registry_->runs().runs("activity", 1)).at(0).error, last_error_);
  EXPECT_THAT(dead(), ElementsAre(replaced));
}

TEST_F(Storage, ASecondChangeReplacesTheUnfinishedBuilding) {
  apply(definitions_);
  view_.features[0].type = kInt32;
  const auto first = apply(definitions_);
  view_.features[0].type = kInt64;
  const auto second = apply(definitions_);
  const auto& serving = second->storage.at("activity").serving;
  EXPECT_EQ(serving.store_id, first->storage.at("activity").serving.store_id);
  EXPECT_THAT(serving.fields, UnorderedElementsAre(Pair("ratings", 1), Pair("mean", 2)));
  const auto building = building_of(*second, "activity");
  EXPECT_NE(building.store_id, building_of(*first, "activity").store_id);
  EXPECT_THAT(building.fields, UnorderedElementsAre(Pair("ratings", 4), Pair("mean", 2)))
      << "retyped back is retyped: the field has another number than the rows that still serve";
  EXPECT_THAT(dead(), ElementsAre(building_of(*first, "activity").store_id));
}

TEST_F(Storage, AFeatureAddedWhileBuildingIsBuiltAndOneRemovedNoLongerServed) {
  apply(definitions_);
  const auto building = building_of(*value_of(registry_->rebuild("activity")), "activity");
  view_.features.push_back({.name = "age", .type = kInt32});
  std::erase_if(view_.features, [](const Feature& feature) { return feature.name == "mean"; });
  const auto snapshot = apply(definitions_);
  const auto& activity = snapshot->storage.at("activity");
  const auto rebuilt = building_of(*snapshot, "activity");
  EXPECT_EQ(rebuilt.store_id, building.store_id);
  EXPECT_THAT(rebuilt.fields, UnorderedElementsAre(Pair("ratings", 1), Pair("age", 3)));
  EXPECT_THAT(activity.serving.fields, ElementsAre(Pair("ratings", 1)));
  EXPECT_TRUE(snapshot->schemas.contains(building.schema_id))
      << "rows of the new store written before";
}

TEST_F(Storage, OtherKeysServeAtOnceAndEmpty) {
  apply(definitions_);
  const auto rebuilt = value_of(registry_->rebuild("activity"));
  const auto& before = rebuilt->storage.at("activity");
  definitions_.entities[1].keys[0].type = kInt64;
  const auto after = apply(definitions_)->storage.at("activity");
  EXPECT_FALSE(after.building);
  EXPECT_NE(after.serving.store_id, before.serving.store_id);
  EXPECT_NE(after.serving.entity_set, before.serving.entity_set);
  EXPECT_EQ(after.serving.fields, before.serving.fields);
  EXPECT_THAT(dead(),
              ::testing::IsSupersetOf(
                  {before.serving.store_id, building_of(*rebuilt, "activity").store_id}));
}

TEST_F(Storage, ADeletedViewsStoresAreDeadAndItsIdsNeverComeBack) {
  const auto all = definitions_;
  const auto serving = apply(all)->storage.at("affinity").serving.store_id;
  const auto building = building_of(*value_of(registry_->rebuild("affinity")), "affinity").store_id;
  definitions_.feature_views.pop_back();
  const auto snapshot = apply(definitions_);
  EXPECT_FALSE(snapshot->storage.contains("affinity"));
  EXPECT_THAT(dead(), UnorderedElementsAre(serving, building));

  PROVENDER_EXPECT_OK(registry_->swept(std::vector{serving, building}));
  EXPECT_THAT(dead(), IsEmpty());
  EXPECT_GT(apply(all)->storage.at("affinity").serving.store_id, building);
}

TEST_F(Storage, OnlyDeadStoresCanBeSwept) {
  const auto live = apply(definitions_)->storage.at("activity").serving.store_id;
  PROVENDER_EXPECT_ERROR(registry_->swept(std::vector{live}),
                         ErrorCode::FailedPrecondition,
                         "in use by feature view activity");
  const auto before = value_of(registry_->snapshot());
  PROVENDER_EXPECT_OK(registry_->swept(std::vector{live + 100}));
  EXPECT_EQ(value_of(registry_->snapshot()), before)
      << "what somebody else has swept already is nothing new";
}

TEST_F(Storage, RebuildsOnlyWhatThereIs) {
  PROVENDER_EXPECT_ERROR(
      registry_->rebuild("nothing"), ErrorCode::NotFound, "no feature view nothing");
}

TEST_F(Storage, AViewThatRanOutOfFieldNumbersSaysSo) {
  apply(definitions_);
  run_sql("INSERT INTO fields VALUES ('activity', 65535, 'gone', 'int64')");
  view_.features.push_back({.name = "age", .type = kInt32});
  PROVENDER_EXPECT_ERROR(RegistryTest::apply(*registry_, definitions_),
                         ErrorCode::ResourceExhausted,
                         "feature view activity: no field number is left for feature age");
  EXPECT_EQ(value_of(registry_->snapshot())->version, 1);
}

}  // namespace
}  // namespace provender::registry
