#include "wire/read_reply.hpp"

#include <array>
#include <limits>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/errors.hpp"
#include "wire/fake_read.hpp"
#include "wire/value_json.hpp"

namespace provender::wire {
namespace {

constexpr Type kDouble{.kind = Kind::Float64};

Cell present(ValueView value) {
  return {.status = Status::Present,
          .value = value,
          .event_timestamp = Timestamp(std::chrono::milliseconds(990'500))};
}

std::string reply(std::string_view body,
                  const std::vector<PreparedRead::Feature>& features,
                  std::vector<Cell> cells) {
  json::Parser parser;
  const auto document = parser.parse(body);
  const auto request = parse_read_request(*document, 10);
  const FakePreparedRead prepared({{.name = "user_id", .type = kString}}, features);
  return read_reply(*request, prepared, FakeOnlineFeatures(features.size(), std::move(cells)));
}

TEST(ReadReply, AnswersTheSingleForm) {
  EXPECT_EQ(
      reply(R"({"user_id":"8a2f","features":["user_segment","watch_count_30d"]})",
            {{.name = "user_segment", .view = "v", .type = kString},
             {.name = "watch_count_30d", .view = "v", .type = {.kind = Kind::Int64}}},
            {present(ValueView(Kind::String, "power_user")), present(ValueView(std::int64_t{47}))}),
      R"({"user_id":"8a2f","features":{"user_segment":"power_user","watch_count_30d":47}})");
}

TEST(ReadReply, AddsTheMetadataThatIsAskedFor) {
  EXPECT_EQ(
      reply(
          R"({"user_id":"a","features":["f"],"options":{"include":["status","event_timestamp","age"]}})",
          {{.name = "f", .view = "v", .type = kDouble}},
          {present(ValueView(5.0))}),
      R"({"user_id":"a","features":{"f":5.0},"metadata":{"f":{"status":"PRESENT",)"
      R"("event_timestamp":"1970-01-01T00:16:30.500000Z","age_seconds":9.5}}})");
}

TEST(ReadReply, MakesNullAndInvalidOfWhatJsonCannotCarry) {
  EXPECT_EQ(reply(R"({"user_id":"a","features":["f"],"options":{"include":["status"]}})",
                  {{.name = "f", .view = "v", .type = kDouble}},
                  {present(ValueView(std::numeric_limits<double>::quiet_NaN()))}),
            R"({"user_id":"a","features":{"f":null},"metadata":{"f":{"status":"INVALID"}}})");
}

TEST(ReadReply, AnswersTheColumnForm) {
  EXPECT_EQ(reply(R"({"entities":{"user_id":["a","b"]},"features":["f"]})",
                  {{.name = "f", .view = "v", .type = kDouble}},
                  {present(ValueView(0.5)),
                   Cell{.status = Status::NotFound,
                        .value = ValueView::null(kDouble),
                        .event_timestamp = {}}}),
            R"({"results":[{"values":["a","b"],"statuses":["PRESENT","PRESENT"],)"
            R"("event_timestamps":["1970-01-01T00:00:00Z","1970-01-01T00:00:00Z"]},)"
            R"({"values":[0.5,null],"statuses":["PRESENT","NOT_FOUND"],)"
            R"("event_timestamps":["1970-01-01T00:16:30.500Z","1970-01-01T00:00:00Z"]}],)"
            R"("metadata":{"feature_names":["user_id","f"]}})");
}

TEST(ReadReply, NamesEachStatusInBothForms) {
  for (int i = 0; i < 5; ++i) {
    const auto status = static_cast<Status>(i);
    const std::vector<Cell> cells{
        {.status = status, .value = ValueView::null(kDouble), .event_timestamp = {}}};
    const std::vector<PreparedRead::Feature> features{{.name = "f", .view = "v", .type = kDouble}};
    const std::string quoted = "\"" + std::string(to_string(status)) + "\"";
    EXPECT_THAT(reply(R"({"entities":{"user_id":["a"]},"features":["f"]})", features, cells),
                testing::HasSubstr(R"("values":[null],"statuses":[)" + quoted + "]"));
    EXPECT_THAT(reply(R"({"user_id":"a","features":["f"],"options":{"include":["status"]}})",
                      features,
                      cells),
                testing::HasSubstr(R"("status":)" + quoted));
  }
}

TEST(ReadReply, WritesEachTypeInEachDialect) {
  const auto both = [](const ValueView& value) {
    std::string ours;
    std::string feast;
    json::Writer a(ours);
    json::Writer b(feast);
    write_value(a, value, Dialect::Provender);
    write_value(b, value, Dialect::Feast);
    return ours + " " + feast;
  };
  EXPECT_EQ(both(ValueView(0.1F)), "0.1 0.10000000149011612");
  EXPECT_EQ(both(ValueView(-0.0)), "-0.0 -0.0");
  EXPECT_EQ(both(ValueView(std::int64_t{INT64_MAX})), "9223372036854775807 9223372036854775807");
  EXPECT_EQ(both(ValueView(true)), "true true");
  EXPECT_EQ(both(ValueView(Kind::Bytes, std::string_view("\0\xff", 2))), R"("AP8=" "AP8=")");
  EXPECT_EQ(both(ValueView(Timestamp(std::chrono::microseconds(-1)))),
            R"("1969-12-31T23:59:59.999999Z" -1)");
}

std::string lists(std::string_view body, const ListView& list) {
  return reply(
      body, {{.name = "f", .view = "v", .type = {list.kind(), true}}}, {present(ValueView(list))});
}

TEST(ReadReply, WritesListsInEachForm) {
  const std::array<float, 2> floats{0.1F, -0.0F};
  const ListView finite(
      {.kind = Kind::Float32, .size = 2, .data = reinterpret_cast<const char*>(floats.data())});
  constexpr std::string_view kOne = R"({"user_id":"a","features":["f"]})";
  constexpr std::string_view kMany = R"({"entities":{"user_id":["a"]},"features":["f"]})";
  EXPECT_EQ(lists(kOne, finite), R"({"user_id":"a","features":{"f":[0.1,-0.0]}})");
  EXPECT_THAT(lists(kMany, finite), testing::HasSubstr(R"("values":[[0.10000000149011612,-0.0]])"));

  const std::array<std::int64_t, 2> numbers{INT64_MAX, 7};
  const std::uint8_t first_only = 1;
  const ListView with_null({.kind = Kind::Int64,
                            .size = 2,
                            .validity = &first_only,
                            .data = reinterpret_cast<const char*>(numbers.data())});
  EXPECT_THAT(lists(kOne, with_null), testing::HasSubstr(R"("f":[9223372036854775807,null])"));
  EXPECT_THAT(lists(kMany, with_null),
              testing::HasSubstr(R"("values":[[9223372036854775807,null]])"));

  const std::array<std::uint32_t, 2> ends{1, 3};
  const ListView texts({.kind = Kind::String,
                        .size = 2,
                        .ends = reinterpret_cast<const char*>(ends.data()),
                        .data = "a\"\n"});
  EXPECT_THAT(lists(kOne, texts), testing::HasSubstr(R"("f":["a","\"\n"])"));
  EXPECT_THAT(lists(kMany, texts), testing::HasSubstr(R"("values":[["a","\"\n"]])"));
  EXPECT_THAT(lists(kMany, ListView({.kind = Kind::Int32})),
              testing::HasSubstr(R"("values":[[]])"));
}

TEST(ReadReply, CallsAListWithNanInvalidInEachForm) {
  const std::array<double, 2> numbers{1.0, std::numeric_limits<double>::quiet_NaN()};
  const ListView list(
      {.kind = Kind::Float64, .size = 2, .data = reinterpret_cast<const char*>(numbers.data())});
  EXPECT_EQ(lists(R"({"user_id":"a","features":["f"],"options":{"include":["status"]}})", list),
            R"({"user_id":"a","features":{"f":null},"metadata":{"f":{"status":"INVALID"}}})");
  EXPECT_THAT(lists(R"({"entities":{"user_id":["a"]},"features":["f"]})", list),
              testing::HasSubstr(R"({"values":[null],"statuses":["INVALID"],)"));
}

TEST(ReadReply, GivesTheFeaturesOfOneStoredRowItsTime) {
  const auto at = [](int seconds) {
    return Cell{.status = Status::Present,
                .value = ValueView(std::int64_t{seconds}),
                .event_timestamp = Timestamp(std::chrono::seconds(seconds))};
  };
  constexpr Type kInt{.kind = Kind::Int64};
  const std::string text = reply(R"({"entities":{"user_id":["x","y"]},"features":["a","b","c"]})",
                                 {{.name = "a", .view = "v", .type = kInt, .row = 1},
                                  {.name = "b", .view = "v", .type = kInt, .row = 0},
                                  {.name = "c", .view = "v", .type = kInt, .row = 1}},
                                 {at(1), at(2), at(1), at(3), at(4), at(3)});
  constexpr std::string_view kOdd =
      R"("event_timestamps":["1970-01-01T00:00:01Z","1970-01-01T00:00:03Z"]})";
  constexpr std::string_view kEven =
      R"("event_timestamps":["1970-01-01T00:00:02Z","1970-01-01T00:00:04Z"]})";
  const std::size_t a = text.find(kOdd);
  const std::size_t b = text.find(kEven);
  ASSERT_NE(a, std::string::npos) << text;
  ASSERT_NE(b, std::string::npos) << text;
  EXPECT_LT(a, b);
  EXPECT_NE(text.find(kOdd, b), std::string::npos) << text;
}

TEST(ReadReply, CopiesWhatStandsBehindTheValuesOnlyWhereAllArePresent) {
  const auto feature = [](std::string name, std::size_t row) {
    return PreparedRead::Feature{.name = std::move(name), .view = "v", .type = kDouble, .row = row};
  };
  const Cell none{.status = Status::NullValue,
                  .value = ValueView::null(kDouble),
                  .event_timestamp = Timestamp(std::chrono::milliseconds(990'500))};
  const Cell nan = present(ValueView(std::numeric_limits<double>::quiet_NaN()));
  const Cell one = present(ValueView(1.5));
  Cell other = one;
  other.event_timestamp = Timestamp(std::chrono::seconds(7));
  const std::string text = reply(R"({"entities":{"user_id":["a"]},"features":["f"]})",
                                 {feature("a", 0),
                                  feature("b", 0),
                                  feature("c", 0),
                                  feature("d", 0),
                                  feature("e", 0),
                                  feature("f", 1),
                                  feature("g", 1)},
                                 {none, one, nan, one, none, other, other});
  const auto column = [](std::string_view value, std::string_view status, std::string_view time) {
    return fmt::format(
        R"({{"values":[{}],"statuses":["{}"],"event_timestamps":["{}"]}})", value, status, time);
  };
  constexpr std::string_view kTime = "1970-01-01T00:16:30.500Z";
  constexpr std::string_view kOther = "1970-01-01T00:00:07Z";
  EXPECT_THAT(text,
              ::testing::HasSubstr(
                  column("null", "NULL_VALUE", kTime) + "," + column("1.5", "PRESENT", kTime) +
                  "," + column("null", "INVALID", kTime) + "," + column("1.5", "PRESENT", kTime) +
                  "," + column("null", "NULL_VALUE", kTime) + "," +
                  column("1.5", "PRESENT", kOther) + "," + column("1.5", "PRESENT", kOther) + "]"));
}

TEST(ErrorReply, SaysWhichFieldIsWrong) {
  std::string text;
  write_error(
      text, Error(ErrorCode::InvalidArgument, "m"), {.field = "user_ids", .nearest = "user_id"});
  EXPECT_EQ(text,
            R"({"error":{"code":"invalid_argument","message":"m",)"
            R"("details":{"field":"user_ids","nearest":"user_id"}}})");
}

TEST(ErrorReply, HasOneFormForUsAndOneForFeast) {
  std::string ours;
  std::string feast;
  write_error(ours, Error(ErrorCode::InvalidArgument, "no \"x\""));
  write_feast_error(feast, Error(ErrorCode::InvalidArgument, "no x"));
  EXPECT_EQ(ours, R"({"error":{"code":"invalid_argument","message":"no \"x\"","details":{}}})");
  EXPECT_EQ(feast,
            R"("{\"module\":\"feast.errors\",\"class\":\"FeastError\",\"message\":\"no x\"}")");
  const auto class_of = [](ErrorCode code, bool of_service) {
    std::string text;
    write_feast_error(text, Error(code, ""), of_service);
    return text;
  };
  EXPECT_NE(class_of(ErrorCode::NotFound, false).find("FeatureViewNotFoundException"),
            std::string::npos);
  EXPECT_NE(class_of(ErrorCode::NotFound, true).find("FeatureServiceNotFoundException"),
            std::string::npos);
  EXPECT_NE(class_of(ErrorCode::PermissionDenied, false).find("FeastPermissionError"),
            std::string::npos);
}

}  // namespace
}  // namespace provender::wire
