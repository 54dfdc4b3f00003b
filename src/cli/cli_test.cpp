#include "cli/testing/cli_fixture.hpp"

namespace provender::cli {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

TEST_F(Cli, ShowsTheVersionWithoutOpeningAnything) {
  services = {};
  EXPECT_EQ(run({"version"}), 0);
  EXPECT_THAT(out(), MatchesRegex("provender [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_EQ(run({"version", "--output", "json"}), 0);
  EXPECT_THAT(out(), StartsWith("{\"version\":\""));
}

TEST_F(Cli, ShowsHelpAsData) {
  EXPECT_EQ(run({"--help"}), 0);
  EXPECT_THAT(out(), HasSubstr("historical"));
  EXPECT_EQ(err(), "");
}

TEST_F(Cli, TellsOfAWrongCommandLineOnTheErrorStream) {
  EXPECT_EQ(run({"plann"}), 2);
  EXPECT_EQ(out(), "");
  EXPECT_EQ(err(),
            "error: unknown command 'plann' (did you mean 'plan'?); see 'provender --help'\n");
  EXPECT_EQ(run({"plann", "--output", "json"}), 2);
  EXPECT_THAT(err(), StartsWith(R"({"error":{"code":"invalid_argument","message":"unknown)"));
}

TEST_F(Cli, MakesAProjectWhereItIsToldTo) {
  std::filesystem::path made;
  services.init_project = [&](const std::filesystem::path& folder) {
    made = folder;
    return Result<>();
  };
  EXPECT_EQ(run({"init", "shop"}), 0);
  EXPECT_EQ(made, "shop");
  EXPECT_EQ(out(), "new project in shop\n");
  EXPECT_THAT(err(),
              StartsWith("note: it has a small example; try\n  cd shop\n  provender apply\n"));
  EXPECT_EQ(run({"init", "--output", "json"}), 0);
  EXPECT_EQ(out(), "{\"project\":\".\"}\n");
}

TEST_F(Cli, PassesOnThatThereIsNoProject) {
  services.find_project = [](const std::filesystem::path&) -> Result<std::filesystem::path> {
    return Error(ErrorCode::NotFound, "no provender.yaml in /tmp or above");
  };
  for (const char* command : {"plan", "apply", "history", "features", "status", "run", "serve"}) {
    EXPECT_EQ(run({command}), 3) << command;
    EXPECT_EQ(err(), "error: no provender.yaml in /tmp or above\n");
  }
}

TEST_F(Cli, WorksInAnotherFolderOnRequest) {
  const auto here = std::filesystem::current_path();
  std::filesystem::path seen;
  services.find_project = [&](const std::filesystem::path&) -> Result<std::filesystem::path> {
    seen = std::filesystem::current_path();
    return seen;
  };
  EXPECT_EQ(run({"-C", "/", "status"}), 0);
  EXPECT_EQ(seen, "/");
  std::filesystem::current_path(here);
  EXPECT_EQ(run({"-C", "/no/such/folder", "status"}), 3);
  EXPECT_THAT(err(), HasSubstr("/no/such/folder"));
}

TEST_F(Cli, ShowsANewTokenAsDataAndWhatToDoWithItBeside) {
  services.make_token = [] { return server::NewToken{.token = "pv_secret", .hash = "aa"}; };
  EXPECT_EQ(run({"token", "web"}), 0);
  EXPECT_EQ(out(), "pv_secret\n");
  EXPECT_THAT(err(), HasSubstr("- {name: web, hash: \"sha256:aa\", scopes: [read]}"));
  EXPECT_EQ(run({"token", "web", "--output", "json"}), 0);
  EXPECT_EQ(out(), "{\"name\":\"web\",\"token\":\"pv_secret\",\"hash\":\"sha256:aa\"}\n");
  EXPECT_EQ(run({"token"}), 2);
}

TEST_F(Cli, LogsWhatIsGraveEnough) {
  services.open_store = [&](const OpenOptions& options) -> Result<std::unique_ptr<FeatureStore>> {
    options.logger->log(LogLevel::Debug, "opening");
    options.logger->log(LogLevel::Info, "opened");
    options.logger->log(LogLevel::Warning, "old format");
    return make_fake_store(data);
  };
  run({"plan"});
  EXPECT_EQ(err(), "2026-05-08T12:00:00Z warning old format\n");
  run({"run"});
  EXPECT_EQ(err(), "2026-05-08T12:00:00Z info opened\n2026-05-08T12:00:00Z warning old format\n");
  run({"plan", "--log-level", "debug"});
  EXPECT_THAT(err(), StartsWith("2026-05-08T12:00:00Z debug opening\n"));
  run({"run", "--log-level", "error"});
  EXPECT_EQ(err(), "");
}

}  // namespace
}  // namespace provender::cli
