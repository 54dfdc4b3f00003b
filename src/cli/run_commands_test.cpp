#include "cli/testing/cli_fixture.hpp"

namespace provender::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Run good_run() {
  return {.id = 8,
          .view = "user_segment",
          .store_id = 1,
          .version = 2,
          .end = at("2026-05-08T12:00:00Z"),
          .started = at("2026-05-08T12:00:00Z"),
          .finished = at("2026-05-08T12:00:01.25Z"),
          .rows_read = 1'234'567,
          .rows_written = 1'000'000,
          .rows_kept = 234'567,
          .rows_skipped = 3,
          .watermark = at("2026-05-06"),
          .error = ""};
}

Run bad_run() {
  Run run = good_run();
  run.id = 9;
  run.view = "last_genre";
  run.rows_read = run.rows_written = run.rows_kept = run.rows_skipped = 0;
  run.watermark.reset();
  run.error = "data/last_genre.parquet: not a Parquet file";
  return run;
}

constexpr std::string_view kGoodRunJson =
    R"({"id":8,"view":"user_segment","version":2,"end":"2026-05-08T12:00:00.000000Z",)"
    R"("started":"2026-05-08T12:00:00.000000Z","finished":"2026-05-08T12:00:01.250000Z",)"
    R"("rows_read":1234567,"rows_written":1000000,"rows_kept":234567,"rows_skipped":3,)"
    R"("watermark":"2026-05-06T00:00:00.000000Z","error":null,"skipped":false})";

class RunCommands : public Cli {
 protected:
  RunCommands() {
    data.runs = {good_run()};
    data.status = {{.view = "last_genre",
                    .cadence = "1m",
                    .freshness = ViewStatus::Freshness::Never,
                    .due = true,
                    .rebuilding = true,
                    .last_runs = {bad_run()}},
                   {.view = "user_segment",
                    .cadence = "daily",
                    .freshness = ViewStatus::Freshness::Fresh,
                    .last_end = at("2026-05-08T11:59:30Z"),
                    .watermark = at("2026-05-06"),
                    .next_due = at("2026-05-09"),
                    .rows = 1'234'567,
                    .last_runs = {good_run()}}};
  }
};

constexpr std::string_view kStatusText =
    "VIEW          CADENCE  FRESHNESS               ROWS  WATERMARK             MATERIALIZED  "
    "NEXT DUE  LAST RUN\n"
    "last_genre    1m       never, rebuilding          0  -                     -             "
    "now         failed\n"
    "user_segment  daily    fresh              1,234,567  2026-05-06T00:00:00Z  30s ago       "
    "in 12h      1.25 s\n"
    "\n"
    "failed: last_genre, run of 2026-05-08T12:00:00Z: data/last_genre.parquet: not a Parquet "
    "file\n";

TEST_F(RunCommands, MaterializeReportsEachView) {
  EXPECT_EQ(run({"materialize", "user_segment", "--full", "--end", "2026-05-08"}), 0);
  EXPECT_EQ(out(),
            "VIEW           ENTITIES    WRITTEN     KEPT  SKIPPED  WATERMARK               TIME\n"
            "user_segment  1,234,567  1,000,000  234,567        3  2026-05-06T00:00:00Z  1.25 s\n");
  EXPECT_EQ(err(), "");
  EXPECT_THAT(data.materialize_options.views, ElementsAre("user_segment"));
  EXPECT_TRUE(data.materialize_options.full);
  EXPECT_EQ(data.materialize_options.end, at("2026-05-08"));
}

TEST_F(RunCommands, MaterializeAsJson) {
  EXPECT_EQ(run({"materialize", "--output", "json"}), 0);
  EXPECT_EQ(out(), "{\"runs\":[" + std::string(kGoodRunJson) + "]}\n");
}

TEST_F(RunCommands, MaterializeFailsIfAViewDoesButReportsTheOthers) {
  data.runs = {good_run(), bad_run()};
  EXPECT_EQ(run({"materialize"}), 1);
  EXPECT_THAT(out(), HasSubstr("1,234,567"));
  EXPECT_THAT(out(), HasSubstr("failed\n"));
}

TEST_F(RunCommands, MaterializeOfNothingSaysSo) {
  data.runs.clear();
  EXPECT_EQ(run({"materialize"}), 0);
  EXPECT_EQ(out(), "");
  EXPECT_EQ(err(), "note: there is no feature view to materialize; see 'provender plan'\n");
}

TEST_F(RunCommands, StatusShowsEachViewAndTheErrorsOfLastRuns) {
  EXPECT_EQ(run({"status"}), 0);
  EXPECT_EQ(out(), kStatusText);
}

TEST_F(RunCommands, ARunThatWasStoppedHasNotFailed) {
  data.status.front().last_runs.front().error = kRunStopped;
  EXPECT_EQ(run({"status"}), 0);
  EXPECT_THAT(out(), HasSubstr("now        stopped\n"));
  EXPECT_THAT(out(), testing::Not(HasSubstr("failed")));
}

TEST_F(RunCommands, StatusAsJson) {
  data.status.erase(data.status.begin());
  EXPECT_EQ(run({"status", "--output", "json"}), 0);
  EXPECT_EQ(
      out(),
      R"({"views":[{"view":"user_segment","cadence":"daily","freshness":"fresh",)"
      R"("rows":1234567,"watermark":"2026-05-06T00:00:00.000000Z",)"
      R"("last_end":"2026-05-08T11:59:30.000000Z",)"
      R"("next_due":"2026-05-09T00:00:00.000000Z","due":false,"rebuilding":false,"last_runs":[)" +
          std::string(kGoodRunJson) + "]}]}\n");
}

TEST_F(RunCommands, RunOnceShowsTheStatus) {
  EXPECT_EQ(run({"run", "--once"}), 0);
  EXPECT_TRUE(data.ran_once);
  EXPECT_EQ(out(), kStatusText);
}

TEST_F(RunCommands, RunOnceShowsTheStatusTooIfARunFailed) {
  data.runs = {good_run(), bad_run()};
  EXPECT_EQ(run({"run", "--once"}), 1);
  EXPECT_EQ(out(), kStatusText);
}

TEST_F(RunCommands, RunOnceSkipsAViewThatAnotherRunHasInWork) {
  provender::Run held = bad_run();
  held.error = "materialize:last_genre is held by another";
  held.skipped = true;
  data.runs = {held};
  EXPECT_EQ(run({"run", "--once"}), 0);
  EXPECT_EQ(out(), kStatusText);
  EXPECT_EQ(err(), "note: skipped last_genre: materialize:last_genre is held by another\n");
  EXPECT_EQ(run({"run", "--once", "--output", "json"}), 0);
  EXPECT_THAT(out(), HasSubstr(R"(is held by another","skipped":true}]})"));
  EXPECT_EQ(run({"materialize"}), 1);
  EXPECT_THAT(out(), HasSubstr("skipped\n"));
}

TEST_F(RunCommands, AViewThatIsDueSaysSinceWhenOrNow) {
  data.status.front().next_due = data.now - std::chrono::minutes(2);
  EXPECT_EQ(run({"status"}), 0);
  EXPECT_THAT(out(), HasSubstr("2m ago      failed\n"));
}

TEST_F(RunCommands, RunEndsWellWhenItIsStopped) {
  data.during = [](const Control&) -> Result<> { return Error(ErrorCode::Cancelled, "stopped"); };
  EXPECT_EQ(run({"run"}), 0);
  EXPECT_EQ(err(), "");
  EXPECT_EQ(run({"run", "--once"}), 130);
  data.during = [](const Control&) -> Result<> { return Error(ErrorCode::Io, "disk"); };
  EXPECT_EQ(run({"run"}), 11);
}

TEST_F(RunCommands, ServePassesOnItsOptions) {
  services.serve = [&](const std::filesystem::path& project,
                       const server::ServeOptions& options,
                       Logger& logger,
                       const std::stop_token&) -> Result<> {
    EXPECT_EQ(project, "/projects/streaming");
    EXPECT_EQ(options.port, 0);
    EXPECT_EQ(options.host, std::nullopt);
    logger.log(LogLevel::Info, "listening");
    return {};
  };
  EXPECT_EQ(run({"serve", "--port", "0"}), 0);
  EXPECT_EQ(err(), "2026-05-08T12:00:00Z info listening\n");
}

}  // namespace
}  // namespace provender::cli
