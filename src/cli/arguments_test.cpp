#include "cli/arguments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace provender::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Arguments parsed(const std::vector<std::string>& words) {
  auto result = parse_arguments(words);
  EXPECT_TRUE(result.has_value()) << result.error().message();
  return result ? std::get<Arguments>(*result) : Arguments{};
}

std::string error_of(const std::vector<std::string>& words) {
  const auto result = parse_arguments(words);
  EXPECT_FALSE(result.has_value());
  return result ? "" : std::string(result.error().message());
}

std::string help_of(const std::vector<std::string>& words) {
  const auto result = parse_arguments(words);
  EXPECT_TRUE(result.has_value());
  return result ? std::get<Help>(*result).text : "";
}

TEST(Arguments, TakeProgramOptionsBeforeAndBehindTheCommand) {
  const Arguments before = parsed({"-C", "p", "--output", "json", "--log-level", "debug", "plan"});
  EXPECT_EQ(before.folder, "p");
  EXPECT_EQ(before.output, OutputFormat::Json);
  EXPECT_EQ(before.log_level, LogLevel::Debug);
  EXPECT_TRUE(std::holds_alternative<PlanCommand>(before.command));
  const Arguments behind = parsed({"plan", "--output", "json", "-C", "p"});
  EXPECT_EQ(behind.folder, "p");
  EXPECT_EQ(behind.output, OutputFormat::Json);
  EXPECT_EQ(behind.log_level, std::nullopt);
}

TEST(Arguments, ReadHistorical) {
  const auto options = std::get<HistoricalCommand>(parsed({"historical",
                                                           "--entities",
                                                           "spine.csv",
                                                           "--features",
                                                           "a,b:c",
                                                           "--features",
                                                           "d",
                                                           "--out",
                                                           "train.parquet",
                                                           "--event-timestamp",
                                                           "ts",
                                                           "--strictly-before",
                                                           "--known-by-created",
                                                           "--with-status",
                                                           "--full-names"})
                                                       .command)
                           .options;
  EXPECT_EQ(options.spine, "spine.csv");
  EXPECT_EQ(options.out, "train.parquet");
  EXPECT_THAT(options.features.features, ElementsAre("a", "b:c", "d"));
  EXPECT_EQ(options.features.service, "");
  EXPECT_TRUE(options.features.full_names);
  EXPECT_EQ(options.event_timestamp, "ts");
  EXPECT_TRUE(options.strictly_before);
  EXPECT_TRUE(options.known_by_created);
  EXPECT_TRUE(options.with_status);
}

TEST(Arguments, LeaveTheCommasOfARoleToIt) {
  const auto get = std::get<GetCommand>(parsed({"get",
                                                "from=1",
                                                "--features",
                                                "trip:fare as first (vendor = a, id = b), user:age",
                                                "--features",
                                                "d"})
                                            .command);
  EXPECT_THAT(get.request.features,
              ElementsAre("trip:fare as first (vendor = a, id = b)", "user:age", "d"));
}

TEST(Arguments, ReadGetWithKeysOnBothSidesOfTheFeatures) {
  const auto get = std::get<GetCommand>(parsed({"get",
                                                "user_id=8a2f",
                                                "--features",
                                                "a,b",
                                                "movie_id=-5",
                                                "--as-of",
                                                "2026-05-07 22:00"})
                                            .command);
  EXPECT_THAT(get.keys, ElementsAre("user_id=8a2f", "movie_id=-5"));
  EXPECT_THAT(get.request.features, ElementsAre("a", "b"));
  EXPECT_EQ(get.as_of, parse_timestamp("2026-05-07T22:00:00Z").value());
}

TEST(Arguments, ReadMaterialize) {
  const auto options =
      std::get<MaterializeCommand>(
          parsed({"materialize", "user_segment", "last_genre", "--end", "2026-05-08", "--full"})
              .command)
          .options;
  EXPECT_THAT(options.views, ElementsAre("user_segment", "last_genre"));
  EXPECT_EQ(options.end, parse_timestamp("2026-05-08").value());
  EXPECT_TRUE(options.full);
  EXPECT_EQ(std::get<MaterializeCommand>(parsed({"materialize"}).command).options.end,
            std::nullopt);
}

TEST(Arguments, ReadServeAndRun) {
  const auto serve = std::get<ServeCommand>(
      parsed({"serve", "--host", "::1", "--port", "0", "--threads", "3"}).command);
  EXPECT_EQ(serve.options.host, "::1");
  EXPECT_EQ(serve.options.port, 0);
  EXPECT_EQ(serve.options.threads, 3);
  EXPECT_EQ(std::get<ServeCommand>(parsed({"serve"}).command).options.port, std::nullopt);
  EXPECT_TRUE(std::get<RunCommand>(parsed({"run", "--once"}).command).once);
}

TEST(Arguments, TakeTheNameOfACommandAsAWord) {
  EXPECT_EQ(std::get<DescribeCommand>(parsed({"describe", "status"}).command).name, "status");
  EXPECT_EQ(std::get<InitCommand>(parsed({"init", "run"}).command).folder, "run");
  EXPECT_EQ(std::get<InitCommand>(parsed({"init"}).command).folder, ".");
}

TEST(Arguments, NameTheNearestCommandAndOption) {
  EXPECT_EQ(error_of({"materialise"}),
            "unknown command 'materialise' (did you mean 'materialize'?); see 'provender --help'");
  EXPECT_EQ(error_of({"apply", "--yess"}),
            "unknown option '--yess' (did you mean '--yes'?); see 'provender apply --help'");
  EXPECT_EQ(error_of({"plan", "extra"}), "unexpected word 'extra'; see 'provender plan --help'");
  EXPECT_EQ(error_of({}), "no command is given; see 'provender --help'");
}

TEST(Arguments, AskForExactlyOneOfFeaturesAndService) {
  EXPECT_EQ(error_of({"get", "user_id=1"}),
            "give either --features or --service; see 'provender get --help'");
  EXPECT_EQ(error_of({"get", "user_id=1", "--features", "a", "--service", "s"}),
            "give either --features or --service; see 'provender get --help'");
}

TEST(Arguments, RefuseValuesOfAWrongForm) {
  EXPECT_THAT(error_of({"serve", "--port", "65536"}), HasSubstr("--port"));
  EXPECT_THAT(error_of({"serve", "--port", "http"}), HasSubstr("--port"));
  EXPECT_THAT(error_of({"serve", "--threads", "0"}), HasSubstr("--threads"));
  EXPECT_THAT(error_of({"materialize", "--end", "yesterday"}), HasSubstr("--end"));
  EXPECT_THAT(error_of({"get", "k=1", "--features", "a", "--as-of", "13:00"}),
              HasSubstr("--as-of"));
  EXPECT_THAT(error_of({"--output", "xml", "plan"}),
              HasSubstr("--output: expected table|json, found 'xml'"));
  EXPECT_THAT(error_of({"--log-level", "loud", "plan"}),
              HasSubstr("--log-level: expected debug|info|warning|error, found 'loud'"));
  EXPECT_THAT(error_of({"historical", "--features", "a", "--entities", "x"}), HasSubstr("--out"));
  EXPECT_THAT(error_of({"describe"}), HasSubstr("NAME"));
}

TEST(Arguments, ShowHelpOfTheProgramAndOfEachCommand) {
  EXPECT_THAT(help_of({"--help"}), HasSubstr("materialize"));
  EXPECT_THAT(help_of({"-h"}), HasSubstr("doctor"));
  EXPECT_THAT(help_of({"get", "--help"}), HasSubstr("--as-of"));
}

TEST(Arguments, KnowThatJsonIsAskedForEvenWhenTheRestIsWrong) {
  using Words = std::vector<std::string>;
  EXPECT_TRUE(asks_for_json(Words{"plann", "--output", "json"}));
  EXPECT_TRUE(asks_for_json(Words{"--output=json"}));
  EXPECT_FALSE(asks_for_json(Words{"--output", "table", "json"}));
}

}  // namespace
}  // namespace provender::cli
