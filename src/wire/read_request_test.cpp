#include "wire/read_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/fake_read.hpp"

namespace provender::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ReadRequestTest : public testing::Test {
 protected:
  Result<ReadRequest> parse(std::string_view body) {
    auto document = parser_.parse(body);
    if (!document) return std::move(document).error();
    return parse_read_request(*document, 3);
  }
  std::string parse_error(std::string_view body) {
    auto request = parse(body);
    return request ? "no error" : std::string(request.error().message());
  }
  std::string bind_error(std::string_view body, Type type = kString) {
    auto request = parse(body);
    if (!request) return std::string(request.error().message());
    const FakePreparedRead prepared({{.name = "user_id", .type = type}}, {});
    auto keys = bind_keys(*request, prepared);
    return keys ? "no error" : std::string(keys.error().message());
  }
  Value bind_one(std::string_view body, Type type) {
    auto request = parse(body);
    const FakePreparedRead prepared({{.name = "user_id", .type = type}}, {});
    const auto keys = bind_keys(*request, prepared);
    return to_value(keys.value().views.at(0));
  }

  json::Parser parser_;
};

TEST_F(ReadRequestTest, ReadsTheSingleForm) {
  auto request =
      parse(R"({"user_id":"8a2f","features":["a","v:b"],"options":{"include":["status","age"]}})");
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_EQ(request->form, ReadRequest::Form::Single);
  EXPECT_THAT(request->features.features, ElementsAre("a", "v:b"));
  EXPECT_TRUE(request->include_status);
  EXPECT_FALSE(request->include_event_timestamp);
  EXPECT_TRUE(request->include_age);
  ASSERT_NE(request->key("user_id"), nullptr);
}

TEST_F(ReadRequestTest, ReadsTheColumnForm) {
  auto request = parse(
      R"({"entities":{"user_id":["a","b"],"movie_id":[1,2]},"feature_service":"s","features":["x"],)"
      R"("full_feature_names":true,"request_context":{"ignored":1}})");
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_EQ(request->form, ReadRequest::Form::Columns);
  EXPECT_EQ(request->rows, 2U);
  EXPECT_EQ(request->features.service, "s");
  EXPECT_TRUE(request->features.features.empty());
  EXPECT_TRUE(request->features.full_names);
}

TEST_F(ReadRequestTest, TakesTheRestOfFeastsForm) {
  auto request = parse(
      R"({"entities":{"u":["a"]},"features":["v@latest:f","g"],"feature_service":null,"options":7})");
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_THAT(request->features.features, ElementsAre("v:f", "g"));
  EXPECT_FALSE(request->includes_metadata());
  request = parse(R"({"entities":{"u":["a"]},"features":null,"feature_service":"s"})");
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_EQ(request->features.service, "s");
  EXPECT_THAT(parse_error(R"({"entities":{"u":["a"]},"features":null})"), HasSubstr("is missing"));
  EXPECT_THAT(parse_error(R"({"u":"a","features":null})"), HasSubstr("must be a list"));
  EXPECT_THAT(parse_error(R"({"u":"a","feature_service":null})"), HasSubstr("name of a feature"));
}

TEST_F(ReadRequestTest, ForgetsTheRequestBefore) {
  ReadRequest request;
  const auto first = parser_.parse(
      R"({"features":["a","b"],"u":"x","full_feature_names":true,"options":{"include":["age"]}})");
  ASSERT_TRUE(request.parse(*first, 3));
  const auto second = parser_.parse(R"({"entities":{"u":["x","y"]},"features":["c"]})");
  ASSERT_TRUE(request.parse(*second, 3));
  EXPECT_THAT(request.features.features, ElementsAre("c"));
  EXPECT_FALSE(request.features.full_names);
  EXPECT_FALSE(request.include_age);
  EXPECT_EQ(request.keys.size(), 1U);
  EXPECT_EQ(request.rows, 2U);
  const auto third = parser_.parse(R"({"u":"x","feature_service":"s"})");
  ASSERT_TRUE(request.parse(*third, 3));
  EXPECT_TRUE(request.features.features.empty());
  EXPECT_EQ(request.form, ReadRequest::Form::Single);
  EXPECT_EQ(request.rows, 1U);
}

TEST_F(ReadRequestTest, NamesTheFieldOfAnErrorForPrograms) {
  const auto details = [&](std::string_view body) {
    ReadRequest request;
    const auto document = parser_.parse(body);
    if (request.parse(*document, 3)) {
      const FakePreparedRead prepared({{.name = "user_id", .type = kString}}, {});
      EXPECT_FALSE(bind_keys(request, prepared)) << body;
    }
    return request.details.field + " " + request.details.nearest;
  };
  EXPECT_EQ(details(R"({"features":7})"), "features ");
  EXPECT_EQ(details(R"({"features":["a",7]})"), "features[1] ");
  EXPECT_EQ(details(R"({"features":["a"],"options":{"includ":[]}})"), "options.includ include");
  EXPECT_EQ(details(R"({"features":["a"],"user_ids":"x"})"), "user_ids user_id");
  EXPECT_EQ(details(R"({"features":["a"]})"), "user_id ");
  EXPECT_EQ(details(R"({"features":["a"],"user_id":7})"), "user_id ");
  EXPECT_EQ(details(R"({"features":["a"],"entities":{"user_id":["x",7]}})"),
            "entities.user_id[1] ");
  EXPECT_EQ(details(R"({"features":["a"],"entities":{"movie_id":["x"]}})"), "entities.user_id ");
}

TEST_F(ReadRequestTest, RefusesWhatIsNoRequest) {
  EXPECT_THAT(parse_error("[]"), HasSubstr("must be a JSON object"));
  EXPECT_THAT(parse_error(R"({"user_id":"a"})"),
              HasSubstr("\"features\" or \"feature_service\" is missing"));
  EXPECT_THAT(parse_error(R"({"features":["a"],"feature_service":"s"})"), HasSubstr("both given"));
  EXPECT_THAT(parse_error(R"({"features":"a"})"), HasSubstr("must be a list"));
  EXPECT_THAT(parse_error(R"({"features":[1]})"), HasSubstr("names only"));
  EXPECT_THAT(parse_error(R"({"feature_service":1})"), HasSubstr("name of a feature service"));
  EXPECT_THAT(parse_error(R"({"features":["a"],"user_id":"x","user_id":"y"})"),
              HasSubstr("\"user_id\" twice"));
  EXPECT_THAT(parse_error(R"({"features":["a"],"options":[]})"),
              HasSubstr("\"options\" must be an object"));
  EXPECT_THAT(parse_error(R"({"features":["a"],"options":{"includ":[]}})"),
              HasSubstr("did you mean 'include'"));
  EXPECT_THAT(parse_error(R"({"features":["a"],"options":{"include":["ages"]}})"),
              HasSubstr("holds \"ages\""));
  EXPECT_THAT(parse_error(R"({"features":["a"],"full_feature_names":1})"),
              HasSubstr("true or false"));
}

TEST_F(ReadRequestTest, RefusesBadColumns) {
  EXPECT_THAT(parse_error(R"({"features":["a"],"entities":[]})"),
              HasSubstr("must be an object of key columns"));
  EXPECT_THAT(parse_error(R"({"features":["a"],"entities":{}})"), HasSubstr("holds no key column"));
  EXPECT_THAT(parse_error(R"({"features":["a"],"entities":{"u":"x"}})"),
              HasSubstr("\"entities.u\" must be a list"));
  EXPECT_THAT(parse_error(R"({"features":["a"],"entities":{"u":[1],"v":[1,2]}})"),
              HasSubstr("must be equally long"));
  EXPECT_THAT(parse_error(R"({"features":["a"],"entities":{"u":[1],"u":[1]}})"),
              HasSubstr("\"u\" twice"));
  EXPECT_THAT(parse_error(R"({"features":["a"],"entities":{"u":[1,2,3,4]}})"),
              HasSubstr("at most 3"));
}

TEST_F(ReadRequestTest, BindsKeysWithoutCoercion) {
  EXPECT_EQ(bind_one(R"({"features":["a"],"user_id":"007"})", kString), Value{std::string("007")});
  EXPECT_EQ(bind_one(R"({"features":["a"],"user_id":9223372036854775807})", kInt64),
            Value{std::int64_t{INT64_MAX}});
  EXPECT_EQ(bind_one(R"({"features":["a"],"user_id":"-9223372036854775808"})", kInt64),
            Value{std::int64_t{INT64_MIN}});
  EXPECT_THAT(bind_error(R"({"features":["a"],"user_id":7})"),
              HasSubstr("found an integer, expected text (string)"));
  EXPECT_THAT(bind_error(R"({"features":["a"],"user_id":7.0})", kInt64),
              HasSubstr("fraction or exponent"));
  EXPECT_THAT(bind_error(R"({"features":["a"],"user_id":"007"})", kInt64),
              HasSubstr("\"user_id\""));
  EXPECT_THAT(bind_error(R"({"features":["a"],"user_id":2147483648})", {.kind = Kind::Int32}),
              HasSubstr("2147483648 does not fit an integer of 32 bits (int32)"));
  EXPECT_THAT(bind_error(R"({"features":["a"],"user_id":9223372036854775808})", kInt64),
              HasSubstr("9223372036854775808 does not fit an integer of 64 bits (int64)"));
  EXPECT_THAT(bind_error(R"({"features":["a"],"user_id":1})", {.kind = Kind::Bool}),
              HasSubstr("true or false"));
}

TEST_F(ReadRequestTest, BindsKeysOfBytesAndTimestamps) {
  constexpr Type kRaw{.kind = Kind::Bytes};
  constexpr Type kMoment{.kind = Kind::Timestamp};
  EXPECT_EQ(bind_one(R"({"features":["a"],"user_id":"AP8="})", kRaw),
            Value{Bytes{std::string("\0\xff", 2)}});
  EXPECT_EQ(bind_one(R"({"features":["a"],"user_id":"1970-01-01T00:00:01.000001Z"})", kMoment),
            Value{Timestamp(std::chrono::microseconds(1'000'001))});
  EXPECT_THAT(bind_error(R"({"features":["a"],"user_id":"AP8"})", kRaw), HasSubstr("base64"));
  EXPECT_THAT(bind_error(R"({"features":["a"],"user_id":[0,255]})", kRaw), HasSubstr("list"));
  EXPECT_THAT(bind_error(R"({"features":["a"],"user_id":"yesterday"})", kMoment),
              HasSubstr("is not a timestamp"));
  EXPECT_THAT(bind_error(R"({"features":["a"],"user_id":1})", kMoment), HasSubstr("RFC 3339"));
}

TEST_F(ReadRequestTest, KeepsTheBytesOfEachRowApart) {
  auto request =
      parse(R"({"features":["a"],"entities":{"b":["AA==","/////////////////w==","AQI="]}})");
  ASSERT_TRUE(request) << request.error().message();
  const FakePreparedRead prepared({{.name = "b", .type = {.kind = Kind::Bytes}}}, {});
  const auto keys = bind_keys(*request, prepared);
  ASSERT_TRUE(keys) << keys.error().message();
  EXPECT_EQ(keys->views[0].get<std::string_view>(), std::string_view("\0", 1));
  EXPECT_EQ(keys->views[1].get<std::string_view>(), std::string(13, '\xff'));
  EXPECT_EQ(keys->views[2].get<std::string_view>(), "\1\2");
}

TEST_F(ReadRequestTest, NamesTheKeyThatIsWrong) {
  EXPECT_THAT(bind_error(R"({"features":["a"],"user_ids":"x"})"),
              HasSubstr("did you mean 'user_id'"));
  EXPECT_THAT(bind_error(R"({"features":["a"],"movie_id":"x"})"),
              HasSubstr("\"user_id\" (string) is missing"));
  EXPECT_THAT(bind_error(R"({"features":["a"],"user_id":null})"), HasSubstr("cannot be null"));
  EXPECT_THAT(bind_error(R"({"features":["a"],"user_id":["x"]})"),
              HasSubstr("batches are asked as"));
  EXPECT_THAT(bind_error(R"({"features":["a"],"entities":{"user_id":["x",null]}})"),
              HasSubstr("entities.user_id[1]"));
  EXPECT_EQ(
      bind_error(R"({"features":["a"],"user_id":"x","movie_id":"a known key that is not needed"})"),
      "no error");
}

TEST_F(ReadRequestTest, BindsColumnsRowAfterRow) {
  auto request = parse(R"({"features":["a"],"entities":{"b":["x","y"],"a":[1,2]}})");
  ASSERT_TRUE(request);
  const FakePreparedRead prepared({{.name = "a", .type = kInt64}, {.name = "b", .type = kString}},
                                  {});
  const auto keys = bind_keys(*request, prepared);
  ASSERT_TRUE(keys) << keys.error().message();
  ASSERT_EQ(keys->views.size(), 4U);
  EXPECT_EQ(keys->views[2].get<std::int64_t>(), 2);
  EXPECT_EQ(keys->views[3].get<std::string_view>(), "y");
}

}  // namespace
}  // namespace provender::wire
