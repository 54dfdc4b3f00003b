#include "cli/testing/cli_fixture.hpp"

namespace provender::cli {
namespace {

class Doctor : public Cli {
 protected:
  Doctor() {
    data.history = {{.version = 3, .applied_at = at("2026-05-08T11:00:00Z")}};
    data.plan = Plan{.base_version = 3};
    data.keys = {{"user_id", {Kind::String}}};
    data.asked_features = {{"user_segment", "user_segment", {Kind::String}}};
    data.values = {{}};
    data.features.emplace_back(FeatureInfo{.name = "user_segment",
                                           .view = "user_segment",
                                           .entities = {"user_id"},
                                           .keys = data.keys,
                                           .type = {Kind::String},
                                           .source = "data/user_segment.parquet",
                                           .cadence = "daily",
                                           .ttl = {},
                                           .description = "",
                                           .owner = "",
                                           .tags = {}});
    data.status = {
        {.view = "user_segment", .cadence = "daily", .freshness = ViewStatus::Freshness::Fresh}};
  }
};

TEST_F(Doctor, FindsNothingInASoundProject) {
  EXPECT_EQ(run({"doctor"}), 0);
  EXPECT_EQ(out(),
            "ok      project: /projects/streaming\n"
            "ok      registry: version 3 of 2026-05-08T11:00:00Z\n"
            "ok      definitions, sources, offline engine: as applied\n"
            "ok      online store: can be read\n"
            "ok      freshness: no view is behind its cadence\n");
}

TEST_F(Doctor, SaysWhatToDoAboutEachThing) {
  data.plan = Error(ErrorCode::InvalidArgument, "a.yaml:3: no such file\na.yaml:5: no column");
  data.online_read = Error(ErrorCode::Corruption, "data.mdb: not ours");
  data.status[0].freshness = ViewStatus::Freshness::Late;
  data.history.clear();
  EXPECT_EQ(run({"doctor"}), 1);
  EXPECT_EQ(out(),
            "ok      project: /projects/streaming\n"
            "warning registry: nothing is applied yet\n"
            "        → run 'provender apply'\n"
            "failed  definitions, sources, offline engine: a.yaml:3: no such file\n"
            "          a.yaml:5: no column\n"
            "        → correct what is named, then run 'provender plan'\n"
            "failed  online store: data.mdb: not ours\n"
            "        → it is a cache: once the cause is away, 'provender materialize --full' "
            "rebuilds it\n"
            "warning freshness: not up to date: user_segment\n"
            "        → run 'provender materialize'; 'provender status' shows the last errors\n");
}

TEST_F(Doctor, WarningsAloneAreNoFailure) {
  data.status[0].freshness = ViewStatus::Freshness::Never;
  EXPECT_EQ(run({"doctor"}), 0);
}

TEST_F(Doctor, TellsWhereThereIsNoProject) {
  services.find_project = [](const std::filesystem::path&) -> Result<std::filesystem::path> {
    return Error(ErrorCode::NotFound, "no provender.yaml in /tmp or above");
  };
  EXPECT_EQ(run({"doctor"}), 1);
  EXPECT_EQ(out(),
            "failed  project: no provender.yaml in /tmp or above\n"
            "        → go to the project's folder, use -C DIR, or make one with 'provender "
            "init'\n");
}

TEST_F(Doctor, TellsWhyAStoreDoesNotOpenAsJson) {
  services.open_store = [](const OpenOptions&) -> Result<std::unique_ptr<FeatureStore>> {
    return Error(ErrorCode::InvalidArgument, "provender.yaml:4: unknown key 'onlin'");
  };
  EXPECT_EQ(run({"doctor", "--output", "json"}), 1);
  EXPECT_EQ(out(),
            R"({"checks":[{"name":"project","result":"ok","found":"/projects/streaming",)"
            R"("advice":""},{"name":"set-up","result":"failed",)"
            R"("found":"provender.yaml:4: unknown key 'onlin'",)"
            R"("advice":"correct provender.yaml or what it names"}]})"
            "\n");
}

}  // namespace
}  // namespace provender::cli
