#include <limits>

#include "cli/testing/cli_fixture.hpp"

namespace provender::cli {
namespace {

using testing::ElementsAre;

class GetCommandTest : public Cli {
 protected:
  GetCommandTest() {
    data.keys = {{"user_id", {Kind::String}}};
    data.known_keys = {"user_id"};
    data.asked_features = {{"user_segment", "user_segment", {Kind::String}},
                           {"watch_count_30d", "watch_count_30d", {Kind::Int64}},
                           {"score", "scores", {Kind::Float64}}};
    data.values = {{.status = Status::Present,
                    .value = {std::string("power_user")},
                    .event_timestamp = at("2026-05-06")},
                   {.status = Status::OutsideMaxAge,
                    .value = {},
                    .event_timestamp = at("2026-05-08T11:59:48Z")},
                   {.status = Status::NotFound, .value = {}, .event_timestamp = std::nullopt}};
  }
};

TEST_F(GetCommandTest, ShowsValueStatusAndAge) {
  EXPECT_EQ(run({"get", "user_id=8a2f", "--features", "user_segment,watch_count_30d,score"}), 0);
  EXPECT_EQ(out(),
            "FEATURE          VALUE       STATUS              AGE\n"
            "user_segment     power_user  PRESENT          2d 12h\n"
            "watch_count_30d  null        OUTSIDE_MAX_AGE     12s\n"
            "score            null        NOT_FOUND             -\n");
  EXPECT_EQ(err(), "");
  EXPECT_THAT(data.request.features, ElementsAre("user_segment", "watch_count_30d", "score"));
  EXPECT_THAT(data.read_keys, ElementsAre(Value{std::string("8a2f")}));
}

TEST_F(GetCommandTest, AsJsonIsTheAnswerOfTheServer) {
  EXPECT_EQ(run({"get", "user_id=8a2f", "--service", "s", "--full-names", "--output", "json"}), 0);
  EXPECT_EQ(out(),
            R"({"user_id":"8a2f","features":{"user_segment":"power_user",)"
            R"("watch_count_30d":null,"score":null},"metadata":{)"
            R"("user_segment":{"status":"PRESENT",)"
            R"("event_timestamp":"2026-05-06T00:00:00.000000Z","age_seconds":216000.0},)"
            R"("watch_count_30d":{"status":"OUTSIDE_MAX_AGE",)"
            R"("event_timestamp":"2026-05-08T11:59:48.000000Z","age_seconds":12.0},)"
            R"("score":{"status":"NOT_FOUND","event_timestamp":null,"age_seconds":null}}})"
            "\n");
  EXPECT_EQ(data.request.service, "s");
  EXPECT_TRUE(data.request.full_names);
}

TEST_F(GetCommandTest, SaysInJsonThatANumberCannotBeCarried) {
  data.asked_features = {{"score", "scores", {Kind::Float64}}};
  data.values = {{.status = Status::Present,
                  .value = {std::numeric_limits<double>::quiet_NaN()},
                  .event_timestamp = data.now}};
  EXPECT_EQ(run({"get", "user_id=8a2f", "--features", "score", "--output", "json"}), 0);
  EXPECT_EQ(out(),
            R"({"user_id":"8a2f","features":{"score":null},"metadata":{"score":)"
            R"({"status":"INVALID","event_timestamp":"2026-05-08T12:00:00.000000Z",)"
            R"("age_seconds":0.0}}})"
            "\n");
}

TEST_F(GetCommandTest, AsOfReadsOfflineAndCountsAgesFromThatTime) {
  data.asked_features = {{"embedding", "e", {Kind::Float32, true}}};
  data.values = {{.status = Status::Present,
                  .value = {ValueList{{1.5F}, {}}},
                  .event_timestamp = at("2026-05-06")}};
  EXPECT_EQ(run({"get", "user_id=8a2f", "--features", "embedding", "--as-of", "2026-05-07"}), 0);
  EXPECT_EQ(out(),
            "FEATURE    VALUE        STATUS   AGE\n"
            "embedding  [1.5, null]  PRESENT   1d\n");
  EXPECT_EQ(data.read_as_of, at("2026-05-07"));
  EXPECT_EQ(data.online_opened, 0);
  EXPECT_THAT(data.read_keys, ElementsAre(Value{std::string("8a2f")}));
  run({"get", "user_id=8a2f", "--features", "e", "--as-of", "2026-05-07", "--output", "json"});
  EXPECT_THAT(out(), testing::HasSubstr(R"("features":{"embedding":[1.5,null]})"));
}

TEST_F(GetCommandTest, PointsToTheStatusWhereNothingIsKnown) {
  data.values.assign(3, {.status = Status::NotFound, .value = {}, .event_timestamp = {}});
  EXPECT_EQ(run({"get", "user_id=nobody", "--features", "a"}), 0);
  EXPECT_EQ(err(),
            "note: nothing is known of this entity online; 'provender status' shows what is "
            "materialized\n");
}

TEST_F(GetCommandTest, RefusesKeysThatDoNotFitBeforeItReads) {
  EXPECT_EQ(run({"get", "userid=8a2f", "--features", "a"}), 2);
  EXPECT_THAT(err(), testing::HasSubstr("did you mean 'user_id'?"));
  EXPECT_THAT(data.read_keys, ElementsAre());
}

TEST_F(GetCommandTest, PassesOnWhatPreventsARead) {
  data.online_read = Error(ErrorCode::Corruption, "online store: page 7 is damaged");
  EXPECT_EQ(run({"get", "user_id=8a2f", "--features", "a"}), 10);
  EXPECT_EQ(err(), "error: online store: page 7 is damaged\n");
}

TEST_F(GetCommandTest, AStopReachesTheOfflineStore) {
  data.during = [](const Control& control) -> Result<> {
    if (control.stop.stop_requested()) return Error(ErrorCode::Cancelled, "stopped");
    return {};
  };
  stop.request_stop();
  EXPECT_EQ(run({"get", "user_id=8a2f", "--features", "e", "--as-of", "2026-05-07"}), 130);
}

}  // namespace
}  // namespace provender::cli
