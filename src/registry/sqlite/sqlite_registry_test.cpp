#include "registry/sqlite/sqlite_registry.hpp"

#include <gmock/gmock.h>

#include "registry/sqlite/test_registry.hpp"

namespace provender::registry {
namespace {

using ::testing::SizeIs;
using SqliteRegistry = RegistryTest;

TEST_F(SqliteRegistry, IsEmptyAtFirst) {
  const auto registry = open();
  const auto snapshot = value_of(registry->snapshot());
  EXPECT_EQ(snapshot->version, 0);
  EXPECT_EQ(snapshot->registry_id.size(), 32);
  EXPECT_EQ(snapshot->definitions, Definitions{});
  EXPECT_THAT(value_of(registry->history()), SizeIs(0));
}

TEST_F(SqliteRegistry, AppliesAVersionThatAnotherProcessReads) {
  const auto registry = open();
  const auto applied = value_of(apply(*registry, streaming()));
  EXPECT_EQ(applied->version, 1);
  EXPECT_EQ(applied->applied_at, clock_.now());
  EXPECT_EQ(applied->definitions, streaming());

  const auto read = value_of(open(/*create=*/false)->snapshot());
  EXPECT_EQ(read->version, 1);
  EXPECT_EQ(read->definitions, streaming());
  EXPECT_EQ(read->registry_id, applied->registry_id);
  EXPECT_EQ(read->storage, applied->storage);
  EXPECT_EQ(read->schemas, applied->schemas);
}

TEST_F(SqliteRegistry, KeepsEveryVersion) {
  const auto registry = open();
  auto second = streaming();
  second.feature_views[0].ttl = std::chrono::days(7);
  PROVENDER_EXPECT_OK(apply(*registry, streaming()));
  clock_.set(clock_.now() + std::chrono::hours(1));
  PROVENDER_EXPECT_OK(apply(*registry, second));

  EXPECT_EQ(value_of(registry->definitions_at(1)), streaming());
  EXPECT_EQ(value_of(registry->definitions_at(2)), second);
  const auto history = value_of(registry->history());
  ASSERT_THAT(history, SizeIs(2));
  EXPECT_EQ(history[0].version, 2);
  EXPECT_EQ(history[0].applied_at, clock_.now());
  EXPECT_EQ(history[0].applied_by, "test@host");
  EXPECT_EQ(history[1].summary, "an edit");
}

TEST_F(SqliteRegistry, KnowsNoVersionThatNeverWas) {
  const auto registry = open();
  PROVENDER_EXPECT_ERROR(
      registry->definitions_at(0), ErrorCode::NotFound, "version 0 was never applied");
  PROVENDER_EXPECT_ERROR(
      registry->definitions_at(9), ErrorCode::NotFound, "version 9 was never applied");
}

TEST_F(SqliteRegistry, MakesNoVersionOfEqualDefinitions) {
  const auto registry = open();
  const auto first = value_of(apply(*registry, streaming()));
  auto moved = streaming();
  moved.feature_views[0].where = {.file = "b.yaml", .line = 3};
  EXPECT_EQ(value_of(apply(*registry, moved)), first);
  EXPECT_THAT(value_of(registry->history()), SizeIs(1));
}

TEST_F(SqliteRegistry, RefusesAPlanAgainstAnOldVersion) {
  const auto registry = open();
  const auto other = open();
  PROVENDER_EXPECT_OK(apply(*registry, streaming()));
  PROVENDER_EXPECT_ERROR(
      other->apply(
          {.definitions = many_views(1), .base_version = 0, .applied_by = "b", .summary = ""}),
      ErrorCode::Conflict,
      "the plan was made against version 0, but version 1 is applied");
  EXPECT_EQ(value_of(other->snapshot())->definitions, streaming());
}

TEST_F(SqliteRegistry, RefusesAKeyWithoutAType) {
  const auto registry = open();
  auto definitions = streaming();
  definitions.entities[0].keys[0].type.reset();
  PROVENDER_EXPECT_ERROR(apply(*registry, definitions),
                         ErrorCode::InvalidArgument,
                         "entity movie_id: key movie_id has no type");
  EXPECT_EQ(value_of(registry->snapshot())->version, 0);
}

TEST_F(SqliteRegistry, GivesTheSameSnapshotWhileNothingChanges) {
  const auto registry = open();
  const auto other = open();
  PROVENDER_EXPECT_OK(apply(*registry, streaming()));
  const auto first = value_of(registry->snapshot());
  PROVENDER_EXPECT_OK(
      other->runs().acquire("scheduler", "b", clock_.now(), std::chrono::seconds(10)));
  EXPECT_EQ(value_of(registry->snapshot()), first) << "leases and runs do not concern readers";

  PROVENDER_EXPECT_OK(other->rebuild("activity"));
  const auto second = value_of(registry->snapshot());
  EXPECT_NE(second, first);
  EXPECT_EQ(second->version, first->version);
  EXPECT_GT(second->revision, first->revision);
}

TEST_F(SqliteRegistry, SaysUnavailableWhileAnotherProcessHoldsTheFile) {
  const auto registry =
      value_of(open_sqlite_registry({.path = path_,
                                     .clock = clock_,
                                     .create = true,
                                     .busy_timeout = std::chrono::milliseconds(20)}));
  const auto other = value_of(database());
  PROVENDER_EXPECT_OK(other->run("BEGIN EXCLUSIVE"));
  PROVENDER_EXPECT_ERROR(registry->snapshot(), ErrorCode::Unavailable, "try again");
  PROVENDER_EXPECT_ERROR(
      registry->rebuild("activity"), ErrorCode::Unavailable, "another process is writing");
  PROVENDER_EXPECT_OK(other->run("ROLLBACK"));
  PROVENDER_EXPECT_OK(apply(*registry, streaming()));
}

TEST_F(SqliteRegistry, ReportsDefinitionsThatCannotBeRead) {
  PROVENDER_EXPECT_OK(apply(*open(), streaming()));
  run_sql("UPDATE versions SET definitions = '{'");
  const auto registry = open();
  PROVENDER_EXPECT_ERROR(
      registry->snapshot(), ErrorCode::Corruption, "the definitions of version 1 cannot be read");
  PROVENDER_EXPECT_ERROR(registry->definitions_at(1), ErrorCode::Corruption, "version 1");
}

TEST_F(SqliteRegistry, ReportsTablesThatContradictEachOther) {
  const std::vector<std::pair<const char*, const char*>> edits{
      {"DELETE FROM store_schemas WHERE store_id = 1; DELETE FROM stores WHERE store_id = 1",
       "view activity has no store"},
      {"UPDATE stores SET state = 'building' WHERE view = 'activity'",
       "view activity has no serving store"},
      {"DELETE FROM store_schemas WHERE store_id = 1",
       "view activity has a store without a schema"},
      {"DELETE FROM schema_fields WHERE schema_id = 1 AND position = 0",
       "lacks feature activity:ratings"},
      {"UPDATE fields SET type = 'int32' WHERE view = 'activity'",
       "lacks feature activity:ratings"},
      {"UPDATE fields SET type = 'number' WHERE view = 'activity'", "field 1 of schema 1"},
      {"DELETE FROM meta", "the table meta is empty"},
  };
  for (const auto& [sql, message] : edits) {
    std::filesystem::remove(path_);
    PROVENDER_EXPECT_OK(apply(*open(), streaming()));
    run_sql(sql);
    PROVENDER_EXPECT_ERROR(open()->snapshot(), ErrorCode::Corruption, message);
  }
}

}  // namespace
}  // namespace provender::registry
