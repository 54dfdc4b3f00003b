#include "model/definitions.hpp"

#include <gtest/gtest.h>

#include "model/problem.hpp"

namespace provender {
namespace {

std::vector<std::string> names_of(const std::vector<JoinKey>& keys) {
  std::vector<std::string> names;
  for (const JoinKey& key : keys) {
    names.push_back(key.name);
  }
  return names;
}

TEST(Definitions, FindsByName) {
  const Definitions definitions{.entities = {{.name = "user"}, {.name = "movie"}},
                                .sql_views = {{.name = "ratings"}},
                                .feature_views = {{.name = "profile"}},
                                .feature_services = {{.name = "recommender"}}};
  EXPECT_EQ(definitions.entity("movie"), &definitions.entities[1]);
  EXPECT_EQ(definitions.sql_view("ratings"), &definitions.sql_views[0]);
  EXPECT_EQ(definitions.sql_view("Ratings"), &definitions.sql_views[0]);
  EXPECT_EQ(definitions.feature_view("Profile"), nullptr);
  EXPECT_EQ(definitions.feature_view("profile"), &definitions.feature_views[0]);
  EXPECT_EQ(definitions.feature_service("recommender"), &definitions.feature_services[0]);
  EXPECT_EQ(definitions.entity("ratings"), nullptr);
}

TEST(Definitions, AreEqualWhereverTheyStand) {
  const Entity here{.name = "user", .where = {.file = "a.yaml", .line = 1}};
  const Entity there{.name = "user", .where = {.file = "b.yaml", .line = 9}};
  EXPECT_EQ(here, there);
}

TEST(JoinKeys, AreInOrderOfTheirNamesWhateverTheOrderOfEntities) {
  const Definitions definitions{
      .entities = {{.name = "user", .keys = {{.name = "user_id"}}},
                   {.name = "trip", .keys = {{.name = "vendor"}, {.name = "id"}}},
                   {.name = "rider", .keys = {{.name = "user_id"}}}}};
  const std::vector<std::string> expected{"id", "user_id", "vendor"};
  EXPECT_EQ(names_of(join_keys(definitions, {.entities = {"user", "trip"}})), expected);
  EXPECT_EQ(names_of(join_keys(definitions, {.entities = {"trip", "user", "rider"}})), expected);
}

TEST(Problem, AreOneErrorWithALineEachInOrder) {
  const Error error = to_error({{.where = {.file = "b.yaml", .line = 2}, .message = "late"},
                                {.where = {.file = "a.yaml", .line = 10}, .message = "ten"},
                                {.where = {.file = "a.yaml", .line = 9}, .message = "nine"},
                                {.where = {.file = "a.yaml", .line = 9}, .message = "nine"},
                                {.where = {.file = "a.yaml"}, .message = "somewhere"},
                                {.where = {}, .message = "nowhere"}});
  EXPECT_EQ(error.code(), ErrorCode::InvalidArgument);
  EXPECT_EQ(error.message(),
            "nowhere\na.yaml: somewhere\na.yaml:9: nine\na.yaml:10: ten\nb.yaml:2: late");
}

}  // namespace
}  // namespace provender
