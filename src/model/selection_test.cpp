#include "model/selection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace provender {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Names = std::vector<std::string>;

Feature feature(std::string name) {
  return {.name = std::move(name), .type = Type{Kind::Int64}};
}

Definitions example() {
  const Type text{Kind::String};
  return {
      .entities = {{.name = "user_id", .keys = {{.name = "user_id", .type = text}}},
                   {.name = "trip",
                    .keys = {{.name = "vendor", .type = Type{Kind::Int32}},
                             {.name = "id", .type = Type{Kind::Int64}}}}},
      .feature_views = {{.name = "user_segment",
                         .entities = {"user_id"},
                         .features = {feature("user_segment")}},
                        {.name = "activity",
                         .entities = {"user_id"},
                         .features = {feature("ratings"), feature("mean")}},
                        {.name = "trips",
                         .entities = {"trip"},
                         .features = {feature("mean"), feature("length")}},
                        {.name = "clash", .entities = {"trip"}, .features = {feature("user_id")}}},
      .feature_services = {
          {.name = "recommender",
           .items = {{.features = {"user_segment"}},
                     {.view = "activity", .features = {"ratings"}},
                     {.view = "activity",
                      .alias = "friend",
                      .keys = {{"user_id", "friend_id"}},
                      .features = {"ratings"}}}},
          {.name = "everything_of_trips", .items = {{.view = "trips"}}},
          {.name = "pair",
           .items = {{.view = "activity", .keys = {{"user_id", "a"}}, .features = {"ratings"}},
                     {.view = "activity", .keys = {{"user_id", "b"}}, .features = {"mean"}}}},
          {.name = "same_role_twice",
           .items = {{.view = "activity", .keys = {{"user_id", "a"}}, .features = {"mean"}},
                     {.view = "activity", .keys = {{"user_id", "b"}}, .features = {"mean"}}}},
          {.name = "mistyped",
           .items =
               {{.view = "trips", .keys = {{"id", "x"}, {"vendor", "x"}}, .features = {"mean"}}}},
          {.name = "self",
           .items = {{.view = "activity",
                      .keys = {{"usr_id", "x"}, {"user_id", "options"}},
                      .features = {"mean"}}}}}};
}

Result<Selection> select_features(const Names& features, bool full_names = false) {
  return select(example(), {.features = features, .full_names = full_names});
}

Selection selected(const Names& features, bool full_names = false) {
  auto selection = select_features(features, full_names);
  EXPECT_TRUE(selection) << selection.error().message();
  return selection.value_or(Selection{});
}

Selection of_service(std::string_view service, bool full_names = false) {
  auto selection = select(example(), {.service = service, .full_names = full_names});
  EXPECT_TRUE(selection) << selection.error().message();
  return selection.value_or(Selection{});
}

std::string message_of(const Result<Selection>& selection, ErrorCode code) {
  EXPECT_FALSE(selection);
  if (selection) return "";
  EXPECT_EQ(selection.error().code(), code);
  return std::string(selection.error().message());
}

std::string refused_request(const Names& features, bool full_names = false) {
  return message_of(select_features(features, full_names), ErrorCode::InvalidArgument);
}

std::string not_found(const Names& features) {
  return message_of(select_features(features, /*full_names=*/false), ErrorCode::NotFound);
}

std::string refusal_of_service(std::string_view service, bool full_names = false) {
  return message_of(select(example(), {.service = service, .full_names = full_names}),
                    ErrorCode::InvalidArgument);
}

std::string service_not_found(std::string_view service) {
  return message_of(select(example(), {.service = service}), ErrorCode::NotFound);
}

Names output(const Selection& selection) {
  Names names;
  for (const auto& column : selection.features) {
    names.push_back(column.name);
  }
  return names;
}

Names views(const Selection& selection) {
  Names names;
  for (const auto& view : selection.views) {
    names.push_back(view.view);
  }
  return names;
}

Names keys(const Selection& selection) {
  Names names;
  for (const auto& key : selection.keys) {
    names.push_back(key.name);
  }
  return names;
}

TEST(Select, TakesFeaturesInTheOrderAsked) {
  const Selection selection = selected({"trips:length", "activity:ratings", "trips:mean"});
  EXPECT_THAT(output(selection), ElementsAre("length", "ratings", "mean"));
  EXPECT_THAT(views(selection), ElementsAre("trips", "activity"));
  EXPECT_THAT(keys(selection), ElementsAre("id", "vendor", "user_id"));
  EXPECT_EQ(selection.features[1].view, 1);
  EXPECT_EQ(selection.features[2].view, 0);
  EXPECT_EQ(selection.features[2].feature, "mean");
  EXPECT_EQ(selection.views[0].alias, "trips");
  EXPECT_THAT(selection.views[0].request_keys, ElementsAre("id", "vendor"));
  EXPECT_EQ(selection.keys[1].type, Type{Kind::Int32});
}

TEST(Select, ABareNameIsTheViewOfThatNameElseTheOnlyFeature) {
  EXPECT_THAT(output(selected({"user_segment", "length"})), ElementsAre("user_segment", "length"));
  EXPECT_THAT(output(selected({"activity"})), ElementsAre("ratings", "mean"));
  EXPECT_THAT(output(selected({"activity:*"})), ElementsAre("ratings", "mean"));
}

TEST(Select, GivesFullNamesOnRequest) {
  EXPECT_THAT(output(selected({"trips:mean", "activity:mean"}, /*full_names=*/true)),
              ElementsAre("trips__mean", "activity__mean"));
}

TEST(Select, NamesWhatIsUnknownWithTheNearest) {
  EXPECT_THAT(not_found({"user_segmnt"}),
              HasSubstr("no feature or feature view 'user_segmnt' (did you mean 'user_segment'?)"));
  EXPECT_THAT(not_found({"lenght"}), HasSubstr("did you mean 'length'?"));
  EXPECT_THAT(not_found({"trip:mean"}),
              HasSubstr("no feature view 'trip' (did you mean 'trips'?)"));
  EXPECT_THAT(not_found({"trips:meen"}),
              HasSubstr("feature view 'trips' has no feature 'meen' (did you mean 'mean'?)"));
  EXPECT_THAT(not_found({"trips:"}), HasSubstr("has no feature ''"));
  EXPECT_THAT(not_found({""}), HasSubstr("no feature or feature view ''"));
  EXPECT_THAT(service_not_found("recomender"),
              HasSubstr("no feature service 'recomender' (did you mean 'recommender'?)"));
}

TEST(Select, NamesEverythingThatIsUnknown) {
  const std::string message = not_found({"nowhere", "trips:meen"});
  EXPECT_THAT(message, HasSubstr("'nowhere'"));
  EXPECT_THAT(message, HasSubstr("'meen'"));
  EXPECT_THAT(refused_request({"nowhere", "mean"}), HasSubstr("'nowhere'"))
      << "and an ambiguous one";
}

TEST(Select, RefusesAnAmbiguousName) {
  EXPECT_THAT(
      refused_request({"mean"}),
      HasSubstr(
          "'mean' is ambiguous: feature views activity and trips have it; write activity:mean"));
}

TEST(Select, RefusesAFeatureAskedTwice) {
  EXPECT_THAT(refused_request({"activity:mean", "activity:mean"}),
              HasSubstr("feature 'activity:mean' is asked for twice"));
  EXPECT_THAT(refused_request({"activity", "ratings"}, true),
              HasSubstr("feature 'activity:ratings' is asked for twice"));
}

TEST(Select, RefusesOutputNamesThatCollide) {
  EXPECT_THAT(
      refused_request({"activity:mean", "trips:mean"}),
      HasSubstr(
          "two features would be named 'mean': activity:mean and trips:mean; ask for full names"));
}

TEST(Select, RefusesAnOutputNameThatIsAKey) {
  EXPECT_THAT(
      refused_request({"clash:user_id", "activity:mean"}),
      HasSubstr(
          "feature clash:user_id would have the name of the key 'user_id'; ask for full names"));
  EXPECT_THAT(output(selected({"clash:user_id"})), ElementsAre("user_id"));
  EXPECT_THAT(output(selected({"clash:user_id", "activity:mean"}, /*full_names=*/true)),
              ElementsAre("clash__user_id", "activity__mean"));
}

TEST(Select, WantsFeaturesOrAService) {
  EXPECT_THAT(message_of(select(example(), {}), ErrorCode::InvalidArgument),
              HasSubstr("exactly one of the two"));
  const Names features{"user_segment"};
  EXPECT_THAT(message_of(select(example(), {.features = features, .service = "recommender"}),
                         ErrorCode::InvalidArgument),
              HasSubstr("exactly one of the two"));
}

TEST(SelectService, GivesTheSameViewInTwoRoles) {
  const Selection selection = of_service("recommender", /*full_names=*/true);
  EXPECT_THAT(output(selection),
              ElementsAre("user_segment__user_segment", "activity__ratings", "friend__ratings"));
  EXPECT_THAT(views(selection), ElementsAre("user_segment", "activity", "activity"));
  EXPECT_EQ(selection.views[2].alias, "friend");
  EXPECT_THAT(selection.views[2].request_keys, ElementsAre("friend_id"));
  EXPECT_THAT(keys(selection), ElementsAre("user_id", "friend_id"));
  EXPECT_EQ(selection.keys[1].type, Type{Kind::String});
}

TEST(SelectService, RolesCollideWithoutFullNames) {
  EXPECT_THAT(
      refusal_of_service("recommender"),
      HasSubstr(
          "two features would be named 'ratings': activity:ratings and activity:ratings as friend; "
          "ask for full names"));
}

TEST(SelectService, TakesAllOfAView) {
  EXPECT_THAT(output(of_service("everything_of_trips")), ElementsAre("mean", "length"));
}

TEST(SelectService, RolesNeedNoAliasWhereNamesDiffer) {
  const Selection selection = of_service("pair");
  EXPECT_THAT(output(selection), ElementsAre("ratings", "mean"));
  EXPECT_THAT(views(selection), ElementsAre("activity", "activity"));
  EXPECT_THAT(keys(selection), ElementsAre("a", "b"));
}

TEST(SelectService, RolesOfOneAliasCollideAlsoUnderFullNames) {
  EXPECT_THAT(refusal_of_service("same_role_twice", true),
              HasSubstr("give one of the two another alias"));
}

TEST(SelectService, RefusesAColumnOfTwoTypes) {
  EXPECT_THAT(refusal_of_service("mistyped"),
              HasSubstr("the column 'x' would be both int64 and int32"));
}

TEST(SelectService, RefusesARoleOfKeysThatTheViewDoesNotHave) {
  const std::string message = refusal_of_service("self");
  EXPECT_THAT(
      message,
      HasSubstr("'usr_id' is not a join key of feature view 'activity' (did you mean 'user_id'?)"));
  EXPECT_THAT(message, HasSubstr("the column 'options' for key 'user_id' is a word of requests"));
}

TEST(Select, TakesAKeysTypeFromWhereItIsKnown) {
  Definitions definitions = example();
  definitions.entities.push_back({.name = "person", .keys = {{.name = "user_id"}}});
  definitions.feature_views.push_back(
      {.name = "early", .entities = {"person"}, .features = {feature("first")}});
  const Names features{"early:first", "activity:mean"};
  EXPECT_EQ(select(definitions, {.features = features}).value().keys[0].type, Type{Kind::String});
}

}  // namespace
}  // namespace provender
