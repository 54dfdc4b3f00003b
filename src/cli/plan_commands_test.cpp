#include "cli/testing/cli_fixture.hpp"

namespace provender::cli {
namespace {

using testing::HasSubstr;

Plan sample_plan() {
  Plan plan;
  plan.base_version = 2;
  plan.changes = {
      {.action = Action::Create, .kind = "entity", .name = "movie_id"},
      {.action = Action::Change,
       .kind = "feature view",
       .name = "user_activity",
       .details = {"ttl: 7d → 30d"},
       .consequences = {"is materialized anew"},
       .breaking = true},
      {.action = Action::Delete, .kind = "feature service", .name = "old", .breaking = true}};
  plan.ambiguous = {"rating"};
  plan.to_materialize = {"user_activity", "user_segment"};
  return plan;
}

constexpr std::string_view kPlanText =
    "+ entity movie_id\n"
    "~ feature view user_activity  breaking\n"
    "    ttl: 7d → 30d\n"
    "    ⇒ is materialized anew\n"
    "- feature service old  breaking\n"
    "\n"
    "1 created, 1 changed, 1 deleted, against version 2\n"
    "no longer clear without a view before them: rating\n"
    "to be materialized: user_activity and user_segment\n";

constexpr std::string_view kPlanJson =
    R"("base_version":2,"changes":[)"
    R"({"action":"create","kind":"entity","name":"movie_id","details":[],"consequences":[],"breaking":false},)"
    R"({"action":"change","kind":"feature view","name":"user_activity","details":["ttl: 7d → 30d"],)"
    R"("consequences":["is materialized anew"],"breaking":true},)"
    R"({"action":"delete","kind":"feature service","name":"old","details":[],"consequences":[],"breaking":true}],)"
    R"("ambiguous":["rating"],"to_materialize":["user_activity","user_segment"])";

class PlanCommands : public Cli {
 protected:
  PlanCommands() {
    data.plan = sample_plan();
    data.applied = {.version = 3,
                    .applied_at = at("2026-05-08T12:00:00Z"),
                    .applied_by = "ada@laptop",
                    .summary = "1 created, 1 changed, 1 deleted"};
  }
};

TEST_F(PlanCommands, PlanShowsChangesAndConsequences) {
  EXPECT_EQ(run({"plan"}), 0);
  EXPECT_EQ(out(), kPlanText);
  EXPECT_EQ(err(), "");
  EXPECT_EQ(opened, "/projects/streaming");
}

TEST_F(PlanCommands, PlanAsJson) {
  EXPECT_EQ(run({"plan", "--output", "json"}), 0);
  EXPECT_EQ(out(), "{" + std::string(kPlanJson) + "}\n");
}

TEST_F(PlanCommands, PlanColoursOnATerminalOnly) {
  console.out_is = {.is_terminal = true, .colour = true};
  run({"plan"});
  EXPECT_THAT(out(), HasSubstr("\x1b[32m+ entity movie_id\x1b[0m\n"));
}

TEST_F(PlanCommands, PlanSaysThatNothingChanges) {
  data.plan = Plan{.base_version = 2};
  run({"plan"});
  EXPECT_EQ(out(), "no changes, against version 2\n");
  data.plan = Plan{};
  run({"plan"});
  EXPECT_EQ(out(), "no changes, nothing is applied yet\n");
}

TEST_F(PlanCommands, PlanShowsAllProblemsBelowEachOther) {
  data.plan = Error(ErrorCode::InvalidArgument, "user.yaml:3: unknown key\nuser.yaml:9: no source");
  EXPECT_EQ(run({"plan"}), 2);
  EXPECT_EQ(err(), "error: user.yaml:3: unknown key\n       user.yaml:9: no source\n");
  EXPECT_EQ(run({"plan", "--output", "json"}), 2);
  EXPECT_EQ(err(),
            R"({"error":{"code":"invalid_argument",)"
            R"("message":"user.yaml:3: unknown key\nuser.yaml:9: no source","details":{}}})"
            "\n");
}

TEST_F(PlanCommands, ApplyWithYesDoesNotAsk) {
  EXPECT_EQ(run({"apply", "--yes"}), 0);
  EXPECT_EQ(data.applies, 1);
  EXPECT_EQ(out(), std::string(kPlanText) + "applied version 3\n");
  EXPECT_EQ(err(), "note: next: provender materialize\n");
}

TEST_F(PlanCommands, ApplyAsksAtATerminal) {
  console.answer = "y";
  EXPECT_EQ(run({"apply"}), 0);
  EXPECT_EQ(data.applies, 1);
  EXPECT_THAT(err(), HasSubstr("apply these changes? [y/N] "));
}

TEST_F(PlanCommands, ApplyTakesAnyOtherAnswerAsNo) {
  console.answer = "";
  EXPECT_EQ(run({"apply"}), 130);
  EXPECT_EQ(data.applies, 0);
  EXPECT_THAT(err(), HasSubstr("error: nothing was applied\n"));
}

TEST_F(PlanCommands, ApplyWithNobodyToAskNeedsYes) {
  EXPECT_EQ(run({"apply"}), 7);
  EXPECT_EQ(data.applies, 0);
  EXPECT_THAT(err(), HasSubstr("use --yes"));
}

TEST_F(PlanCommands, ApplyOfNothingNeedsNoAnswer) {
  data.plan = Plan{.base_version = 2};
  EXPECT_EQ(run({"apply"}), 0);
  EXPECT_EQ(data.applies, 0);
  EXPECT_EQ(out(), "no changes, against version 2\n");
  EXPECT_EQ(run({"apply", "--output", "json"}), 0);
  EXPECT_EQ(
      out(),
      R"({"plan":{"base_version":2,"changes":[],"ambiguous":[],"to_materialize":[]},"applied":null})"
      "\n");
}

TEST_F(PlanCommands, ApplyAsJsonShowsThePlanToThePersonThatItAsks) {
  console.answer = "yes";
  EXPECT_EQ(run({"apply", "--output", "json"}), 0);
  EXPECT_EQ(out(),
            "{\"plan\":{" + std::string(kPlanJson) +
                R"(},"applied":{"version":3,"applied_at":"2026-05-08T12:00:00.000000Z",)"
                R"("applied_by":"ada@laptop","summary":"1 created, 1 changed, 1 deleted"}})"
                "\n");
  EXPECT_THAT(err(), HasSubstr(kPlanText));
}

TEST_F(PlanCommands, HistoryListsVersions) {
  data.history = {data.applied,
                  {.version = 2,
                   .applied_at = at("2026-05-01T08:30:00.5Z"),
                   .applied_by = "ci@runner",
                   .summary = "3 created"}};
  EXPECT_EQ(run({"history"}), 0);
  EXPECT_EQ(out(),
            "VERSION  APPLIED               BY          CHANGES\n"
            "      3  2026-05-08T12:00:00Z  ada@laptop  1 created, 1 changed, 1 deleted\n"
            "      2  2026-05-01T08:30:00Z  ci@runner   3 created\n");
  EXPECT_EQ(run({"history", "--output", "json"}), 0);
  EXPECT_EQ(out(),
            R"({"versions":[{"version":3,"applied_at":"2026-05-08T12:00:00.000000Z",)"
            R"("applied_by":"ada@laptop","summary":"1 created, 1 changed, 1 deleted"},)"
            R"({"version":2,"applied_at":"2026-05-01T08:30:00.500000Z",)"
            R"("applied_by":"ci@runner","summary":"3 created"}]})"
            "\n");
}

TEST_F(PlanCommands, HistoryOfNothingIsNoTable) {
  EXPECT_EQ(run({"history"}), 0);
  EXPECT_EQ(out(), "");
  EXPECT_EQ(err(), "note: nothing is applied yet; see 'provender plan'\n");
}

TEST_F(PlanCommands, AStopReachesTheStore) {
  data.during = [](const Control& control) -> Result<> {
    if (control.stop.stop_requested()) return Error(ErrorCode::Cancelled, "stopped");
    return {};
  };
  stop.request_stop();
  EXPECT_EQ(run({"plan"}), 130);
  EXPECT_EQ(run({"apply", "--yes"}), 130);
  EXPECT_EQ(data.applies, 0);
  EXPECT_EQ(run({"doctor"}), 130);
}

}  // namespace
}  // namespace provender::cli
