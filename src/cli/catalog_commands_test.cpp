#include "cli/testing/cli_fixture.hpp"

namespace provender::cli {
namespace {

class CatalogCommands : public Cli {
 protected:
  CatalogCommands() {
    const std::vector<PreparedRead::Key> user = {{"user_id", {Kind::String}}};
    data.features = {{.name = "user_segment",
                      .view = "user_segment",
                      .entities = {"user_id"},
                      .keys = user,
                      .type = {Kind::String},
                      .source = "data/user_segment.parquet",
                      .cadence = "daily",
                      .ttl = std::nullopt,
                      .description = "",
                      .owner = "",
                      .tags = {}},
                     {.name = "ratings_7d",
                      .view = "user_activity",
                      .entities = {"user_id"},
                      .keys = user,
                      .type = {Kind::Int64},
                      .source = "sql: SELECT *\n  FROM ratings",
                      .cadence = "0 * * * *",
                      .ttl = std::chrono::hours(24 * 30),
                      .description = "Ratings of a week.",
                      .owner = "recsys@example.com",
                      .tags = {{"tier", "gold"}}}};
    data.catalog = {
        .version = 1,
        .entities = {{.name = "user_id",
                      .keys = user,
                      .description = "A subscriber.",
                      .owner = "",
                      .tags = {}}},
        .views = {{.name = "user_activity",
                   .entities = {"user_id"},
                   .keys = user,
                   .source = "sql: SELECT *\n  FROM ratings",
                   .event_timestamp = "ts",
                   .created_timestamp = "",
                   .cadence = "0 * * * *",
                   .ttl = std::chrono::hours(24 * 30),
                   .features = {{"ratings_7d", "user_activity", {Kind::Int64}}},
                   .description = "",
                   .owner = "recsys@example.com",
                   .tags = {{"tier", "gold"}}}},
        .services = {{.name = "recommender",
                      .features = {"user_segment:user_segment", "friend=user_activity:ratings_7d"},
                      .description = "",
                      .owner = "",
                      .tags = {}}}};
    data.status = {{.view = "user_activity",
                    .cadence = "0 * * * *",
                    .freshness = ViewStatus::Freshness::Late,
                    .last_end = at("2026-05-08T10:00:00Z"),
                    .watermark = at("2026-05-08T09:59:58Z"),
                    .rows = 1234}};
  }
};

TEST_F(CatalogCommands, FeaturesListsWhatIsRegistered) {
  EXPECT_EQ(run({"features"}), 0);
  EXPECT_EQ(out(),
            "FEATURE       VIEW           ENTITY   TYPE    SOURCE                      CADENCE    "
            "FRESHNESS\n"
            "user_segment  user_segment   user_id  string  data/user_segment.parquet   daily      "
            "-\n"
            "ratings_7d    user_activity  user_id  int64   sql: SELECT * FROM ratings  0 * * * *  "
            "late\n");
}

TEST_F(CatalogCommands, FeaturesAsJson) {
  data.features.erase(data.features.begin());
  EXPECT_EQ(run({"features", "--output", "json"}), 0);
  EXPECT_EQ(out(),
            R"({"features":[{"name":"ratings_7d","view":"user_activity","entities":["user_id"],)"
            R"("keys":[{"name":"user_id","type":"string"}],"type":"int64",)"
            R"("source":"sql: SELECT *\n  FROM ratings","cadence":"0 * * * *","ttl":"30d",)"
            R"("freshness":"late","description":"Ratings of a week.",)"
            R"("owner":"recsys@example.com","tags":{"tier":"gold"}}]})"
            "\n");
}

TEST_F(CatalogCommands, FeaturesOfNothingIsNoTable) {
  data.features.clear();
  EXPECT_EQ(run({"features"}), 0);
  EXPECT_EQ(out(), "");
  EXPECT_EQ(err(), "note: no features are registered; see 'provender plan'\n");
}

TEST_F(CatalogCommands, DescribesAFeatureView) {
  EXPECT_EQ(run({"describe", "user_activity"}), 0);
  EXPECT_EQ(out(),
            "feature view     user_activity\n"
            "entities         user_id\n"
            "keys             user_id string\n"
            "source           sql: SELECT * FROM ratings\n"
            "event timestamp  ts\n"
            "ttl              30d\n"
            "cadence          0 * * * *\n"
            "feature          ratings_7d int64\n"
            "freshness        late\n"
            "materialized to  2026-05-08T10:00:00Z\n"
            "watermark        2026-05-08T09:59:58Z\n"
            "rows             1,234\n"
            "owner            recsys@example.com\n"
            "tag              tier: gold\n");
}

TEST_F(CatalogCommands, DescribesAFeatureByEitherOfItsNames) {
  EXPECT_EQ(run({"describe", "ratings_7d"}), 0);
  const std::string by_name = out();
  EXPECT_EQ(by_name,
            "feature       ratings_7d\n"
            "feature view  user_activity\n"
            "entities      user_id\n"
            "keys          user_id string\n"
            "type          int64\n"
            "source        sql: SELECT * FROM ratings\n"
            "ttl           30d\n"
            "cadence       0 * * * *\n"
            "freshness     late\n"
            "description   Ratings of a week.\n"
            "owner         recsys@example.com\n"
            "tag           tier: gold\n");
  EXPECT_EQ(run({"describe", "user_activity:ratings_7d"}), 0);
  EXPECT_EQ(out(), by_name);
  EXPECT_TRUE(opened_to_read);
}

TEST_F(CatalogCommands, DescribesAViewAndItsOnlyFeatureOfTheSameNameOnce) {
  ViewInfo& view = data.catalog.views.front();
  view.name = data.features.back().name = data.features.back().view = "ratings_7d";
  view.description = "Ratings of a week.";
  EXPECT_EQ(run({"describe", "ratings_7d"}), 0);
  EXPECT_THAT(out(), testing::Not(testing::HasSubstr("\n\n")));
  view.description = "Something else.";
  EXPECT_EQ(run({"describe", "ratings_7d"}), 0);
  EXPECT_THAT(out(), testing::HasSubstr("\n\nfeature       ratings_7d\n"));
  view.description = "Ratings of a week.";
  data.features.back().tags["pii"] = "no";
  EXPECT_EQ(run({"describe", "ratings_7d"}), 0);
  EXPECT_THAT(out(), testing::HasSubstr("\ntag           pii: no\n"));
}

TEST_F(CatalogCommands, DescribesAnEntityAndAService) {
  EXPECT_EQ(run({"describe", "user_id"}), 0);
  EXPECT_EQ(out(),
            "entity       user_id\n"
            "keys         user_id string\n"
            "description  A subscriber.\n");
  EXPECT_EQ(run({"describe", "recommender"}), 0);
  EXPECT_EQ(out(),
            "feature service  recommender\n"
            "feature          user_segment:user_segment\n"
            "feature          friend=user_activity:ratings_7d\n");
}

TEST_F(CatalogCommands, DescribesAsJsonWithAListPerKind) {
  EXPECT_EQ(run({"describe", "recommender", "--output", "json"}), 0);
  EXPECT_EQ(out(),
            R"({"entities":[],"feature_views":[],"features":[],"feature_services":[)"
            R"({"name":"recommender","features":["user_segment:user_segment",)"
            R"("friend=user_activity:ratings_7d"],"description":"","owner":"","tags":{}}]})"
            "\n");
  EXPECT_EQ(run({"describe", "user_activity", "--output", "json"}), 0);
  EXPECT_EQ(
      out(),
      R"({"entities":[],"feature_views":[{"name":"user_activity","entities":["user_id"],)"
      R"("keys":[{"name":"user_id","type":"string"}],)"
      R"("source":"sql: SELECT *\n  FROM ratings","event_timestamp":"ts",)"
      R"("created_timestamp":"","cadence":"0 * * * *","ttl":"30d",)"
      R"("features":[{"name":"ratings_7d","type":"int64"}],"freshness":"late",)"
      R"("description":"","owner":"recsys@example.com","tags":{"tier":"gold"}}],"features":[],)"
      R"("feature_services":[]})"
      "\n");
}

TEST_F(CatalogCommands, DescribeNamesTheNearest) {
  EXPECT_EQ(run({"describe", "recomender"}), 3);
  EXPECT_EQ(err(),
            "error: no feature, feature view, feature service or entity is called 'recomender' "
            "(did you mean 'recommender'?)\n");
}

}  // namespace
}  // namespace provender::cli
