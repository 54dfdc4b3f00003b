#include "definitions/loader.hpp"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "definitions/files.hpp"
#include "definitions/testing/folder.hpp"

namespace provender::definitions {
namespace {

using ::testing::ElementsAre;
using testing::Folder;
using ::testing::HasSubstr;

/// A project folder; a test writes its files.
class Loader : public ::testing::Test {
 protected:
  Loader() { folder_.write("provender.yaml", "project: streaming\ndefinitions: [features]\n"); }

  Result<Definitions> load() { return load_definitions(load_project(folder_.path()).value()); }

  std::string message() {
    const auto definitions = load();
    return definitions ? "no error" : std::string(definitions.error().message());
  }

  std::vector<std::string> file_names() {
    std::vector<Problem> problems;
    std::vector<std::string> names;
    for (const auto& file : find_files(load_project(folder_.path()).value(), problems)) {
      names.push_back(file.name);
    }
    return names;
  }

  Folder folder_;
};

constexpr std::string_view kExample = R"(
entities:
  user_id: {type: string, description: A subscriber.}      # one key of the entity's name
  trip: {keys: {vendor: int32, id: int64}}                 # several keys

features:                          # short form: one feature, one source, a feature view of the same name
  user_segment:    {entity: user_id, dtype: str, source: data/user_segment.parquet,    cadence: daily}
  watch_count_30d: {entity: user_id, dtype: int, source: data/watch_count_30d.parquet, cadence: hourly}
  last_genre:      {entity: user_id, dtype: str, source: data/last_genre.parquet,      cadence: 1m}

sql_views:                         # a source can be a SQL view over files
  ratings: SELECT user_id, movie_id, rating, ts AS event_timestamp FROM 'data/ratings/*.parquet'

feature_views:
  user_profile:
    entities: [user_id]
    source: {parquet: "data/profile/*.parquet", event_timestamp: updated, created_timestamp: loaded_at, columns: {age: AGE_YEARS}}
    features: {age: int32, country: string}
  user_activity:
    entities: [user_id]
    source: {sql: "SELECT … FROM ratings"}                 # or {view: ratings}, {csv: …}; hive: true; default column event_timestamp
    ttl: 30d
    cadence: "0 * * * *"           # or hourly, daily, 15m, streaming, manual
    features: {ratings_7d: int64, mean_rating: {type: float64, description: Mean of the last 7 days.}}
    owner: recsys@example.com
    tags: {tier: gold}

feature_services:
  recommender:
    features:
      - user_segment
      - user_activity:ratings_7d
      - {view: user_activity, as: friend, keys: {user_id: friend_id}, features: [ratings_7d]}   # another role of the same entity
)";

TEST_F(Loader, LoadsTheExampleOfTheReference) {
  folder_.write("features/user.yaml", kExample);
  const auto definitions = load();
  ASSERT_TRUE(definitions) << definitions.error().message();
  EXPECT_EQ(definitions->project, "streaming");
  EXPECT_EQ(definitions->entities.size(), 2U);
  EXPECT_EQ(definitions->sql_views.size(), 1U);
  EXPECT_EQ(definitions->feature_views.size(), 5U);
  EXPECT_EQ(definitions->feature_services.size(), 1U);
  const FeatureView* activity = definitions->feature_view("user_activity");
  ASSERT_NE(activity, nullptr);
  EXPECT_EQ(activity->where.file, "features/user.yaml");
  EXPECT_EQ(activity->where.line, 19);
}

TEST_F(Loader, MergesFilesOfFoldersBelow) {
  folder_.write("features/b.yaml", "features: {b: {entity: user_id, dtype: int, source: b.csv}}");
  folder_.write("features/a/x.yml", "entities: {user_id: string}");
  folder_.write("features/a.yaml", "features: {a: {entity: user_id, dtype: int, source: a.csv}}");
  folder_.write("features/empty.yaml", "");
  folder_.write("features/.hidden.yaml", "not: read");
  folder_.write("features/.git/config.yaml", "not: read");
  folder_.write("features/_helper.py", "not read");
  folder_.write("features/notes.txt", "not read");
  EXPECT_THAT(
      file_names(),
      ElementsAre("features/a.yaml", "features/a/x.yml", "features/b.yaml", "features/empty.yaml"));
  const auto definitions = load().value();
  EXPECT_EQ(definitions.entities.size(), 1U);
  EXPECT_EQ(definitions.feature_views.size(), 2U);
}

TEST_F(Loader, ReadsEachFileOnce) {
  folder_.write("provender.yaml", "project: p\ndefinitions: [features/a.yaml, features, .]\n");
  folder_.write("features/a.yaml", "");
  folder_.write("features/b.yaml", "");
  EXPECT_THAT(file_names(), ElementsAre("features/a.yaml", "features/b.yaml"));
}

TEST_F(Loader, PassesOverTheLinksThatEditorsLeave) {
  folder_.write("features/a.yaml", "");
  std::filesystem::create_symlink("nobody@nowhere:1", folder_.path() / "features/.#a.yaml");
  EXPECT_THAT(file_names(), ElementsAre("features/a.yaml"));
  EXPECT_EQ(message(), "no error");
}

TEST_F(Loader, SaysThatALinkLeadsNowhere) {
  folder_.write("features/a.yaml", "");
  std::filesystem::create_symlink("nowhere", folder_.path() / "features/b.yaml");
  EXPECT_THAT(message(), ::testing::StartsWith("features/b.yaml: "));
}

TEST_F(Loader, SaysWhatOfDefinitionsIsNotThere) {
  folder_.write("provender.yaml",
                "project: p\ndefinitions:\n  - featurs\n  - data.csv\n  - features.yaml\n");
  folder_.write("features/a.yaml", "");
  folder_.write("data.csv", "");
  EXPECT_EQ(
      message(),
      "provender.yaml:3: definitions: 'featurs' does not exist (did you mean 'features'?)\n"
      "provender.yaml:4: definitions: expected a folder, or a file of .yaml, .yml or .py, found "
      "'data.csv'\n"
      "provender.yaml:5: definitions: 'features.yaml' does not exist");
}

TEST_F(Loader, SaysThatTheDefaultFolderIsNotThere) {
  folder_.write("provender.yaml", "project: p\n");
  EXPECT_EQ(message(), "provender.yaml: definitions: 'features' does not exist");
}

TEST_F(Loader, ReportsTheProblemsOfAllFilesAtOnce) {
  folder_.write("features/a.yaml",
                "features:\n"
                "  a: {entity: user_id, dtype: strng, source: a.csv}\n"
                "  b: {entity: user_id, dtype: int, source: a.csv, ttl: 30}\n");
  folder_.write("features/b.yaml", "features: [\n");
  folder_.write("features/c.yaml",
                "feature_views: {c: {entities: [u], source: a.csv, featurs: {x: int}}}");
  EXPECT_EQ(message(),
            "features/a.yaml:2: features.a.dtype: 'strng' is not a type (did you mean 'string'?): "
            "expected bool, int32, "
            "int64, float32, float64, string, bytes, timestamp, or list<…> of one of them\n"
            "features/a.yaml:3: features.b.ttl: expected a duration with its unit (us ms s m h d "
            "w) such as 15m or 30d, "
            "found the number 30\n"
            "features/b.yaml:2: not valid YAML: expected ',' or ']' in the list that begins with "
            "'[' on line 1\n"
            "features/c.yaml:1: feature_views.c: unknown key 'featurs' (did you mean 'features'?)");
}

TEST_F(Loader, JoinsWhatValidationFinds) {
  folder_.write("features/a.yaml",
                "features:\n"
                "  a: {entity: user_id, dtype: int, source: a.csv, ttl: 30}\n"
                "feature_services:\n"
                "  s: {features: [a, 'a:b']}\n");
  const std::string found = message();
  EXPECT_THAT(found, HasSubstr("features/a.yaml:2: features.a.ttl: expected a duration"));
  EXPECT_THAT(found, HasSubstr("features/a.yaml:4: "));
}

/// A view whose features could not be read has none; that is no news, and neither are references to
/// it.
TEST_F(Loader, LeavesOutWhatOnlyFollows) {
  folder_.write("features/a.yaml",
                "feature_views:\n"
                "  v: {entities: [u], source: a.csv, features: {x: strng}}\n"
                "  w: {entities: [u], source: a.csv, features: [x]}\n"
                "feature_services:\n"
                "  s: {features: ['v:x']}\n");
  EXPECT_EQ(message(),
            "features/a.yaml:2: feature_views.v.features.x: 'strng' is not a type (did you mean "
            "'string'?): expected bool, int32, int64, float32, float64, string, bytes, timestamp, "
            "or list<…> of one of them\n"
            "features/a.yaml:3: feature_views.w.features: expected a map of features and types, "
            "{age: int32, country: "
            "{type: string, description: …}}, found a list");
}

TEST_F(Loader, ReportsNamesThatStandInTwoFiles) {
  folder_.write("features/a.yaml", "features:\n  a: {entity: user_id, dtype: int, source: a.csv}");
  folder_.write("features/b.yaml", "features:\n  a: {entity: user_id, dtype: int, source: b.csv}");
  EXPECT_THAT(message(), HasSubstr("features/b.yaml:2: "));
}

TEST_F(Loader, ReadsTwoHundredViewsInAMoment) {
  std::string text = "feature_views:\n";
  for (int i = 0; i < 200; ++i) {
    text += "  view_" + std::to_string(i) +
            ":\n    entities: [user_id]\n    source: {parquet: data/x.parquet, event_timestamp: "
            "ts}\n    cadence: hourly\n"
            "    ttl: 30d\n    owner: me\n    features: {";
    for (int j = 0; j < 10; ++j) {
      text += "f" + std::to_string(j) + ": int64, ";
    }
    text += "}\n";
  }
  folder_.write("features/many.yaml", text);
  const auto begin = std::chrono::steady_clock::now();
  const auto definitions = load();
  const auto time = std::chrono::steady_clock::now() - begin;
  ASSERT_TRUE(definitions) << definitions.error().message();
  EXPECT_EQ(definitions->feature_views.size(), 200U);
  RecordProperty(
      "milliseconds",
      static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()));
}

}  // namespace
}  // namespace provender::definitions
