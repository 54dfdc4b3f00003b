#include "model/reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/selection.hpp"

namespace provender {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using Texts = std::vector<std::string>;

std::string refused_reference(std::string_view text) {
  const auto item = parse_reference(text);
  EXPECT_FALSE(item) << text;
  return item ? "" : std::string(item.error().message());
}

TEST(Reference, IsANameAndARole) {
  const auto plain = parse_reference("user:age").value();
  EXPECT_THAT(plain.features, ElementsAre("user:age"));
  EXPECT_EQ(plain.alias, "");
  EXPECT_THAT(plain.keys, IsEmpty());

  const auto role = parse_reference("trip:* as last (id=last_id,  vendor = last_vendor)").value();
  EXPECT_THAT(role.features, ElementsAre("trip:*"));
  EXPECT_EQ(role.alias, "last");
  EXPECT_THAT(role.keys, ElementsAre(Pair("id", "last_id"), Pair("vendor", "last_vendor")));

  EXPECT_EQ(parse_reference("user as buyer").value().alias, "buyer");
  EXPECT_THAT(parse_reference("user(user_id=buyer_id)").value().keys,
              ElementsAre(Pair("user_id", "buyer_id")));
}

TEST(Reference, WhatIsWrittenWrongIsSaid) {
  EXPECT_THAT(refused_reference("user:age (user_id = a"),
              HasSubstr("expected view:feature as ALIAS"));
  EXPECT_THAT(refused_reference("user:age (user_id = a) as b"),
              HasSubstr("expected view:feature as ALIAS"));
  EXPECT_THAT(refused_reference("(user_id = a)"), HasSubstr("expected view:feature as ALIAS"));
  EXPECT_THAT(refused_reference("user:age (user_id)"),
              HasSubstr("found 'user_id' in its parentheses"));
  EXPECT_THAT(refused_reference("user:age ()"), HasSubstr("found '' in its parentheses"));
  EXPECT_THAT(refused_reference("user:age (user_id = )"), HasSubstr("expected KEY = COLUMN"));
  EXPECT_THAT(refused_reference("user:age (k = a, k = b)"),
              HasSubstr("its key 'k' is given two columns"));
  EXPECT_THAT(refused_reference("user:age as my-buyer"),
              HasSubstr("its alias 'my-buyer' is not a name"));
}

TEST(Reference, ListsAreSplitOutsideOfParentheses) {
  EXPECT_THAT(split_references("a, b:c as d (k = x, l = y),e"),
              ElementsAre("a", "b:c as d (k = x, l = y)", "e"));
  EXPECT_THAT(split_references("a"), ElementsAre("a"));
  EXPECT_THAT(split_references("a,,b("), ElementsAre("a", "", "b("));
}

TEST(Reference, IsReadAsARoleIsWritten) {
  const ServiceItem item{
      .view = "", .alias = "last", .keys = {{"id", "last_id"}, {"vendor", "v"}}, .features = {}};
  const std::string text = "trip:mean" + role_text(item.alias, item.keys);
  EXPECT_EQ(text, "trip:mean as last (id = last_id, vendor = v)");
  const auto read = parse_reference(text).value();
  EXPECT_EQ(read.alias, item.alias);
  EXPECT_EQ(read.keys, item.keys);
  EXPECT_EQ(role_text({}, {}), "");
}

/// Users, and what they have to do with each other.
Definitions users_and_sellers() {
  const Type id{.kind = Kind::Int64};
  const auto feature = [](std::string name) {
    return Feature{.name = std::move(name), .type = Type{.kind = Kind::String}};
  };
  return {.entities = {{.name = "user_id", .keys = {{.name = "user_id", .type = id}}}},
          .feature_views = {
              {.name = "user",
               .entities = {"user_id"},
               .features = {feature("country"), feature("segment")}},
              {.name = "seller", .entities = {"user_id"}, .features = {feature("segment")}}}};
}

Result<Selection> asked_roles(const Texts& features, bool full_names = true) {
  return select(users_and_sellers(),
                {.features = features, .service = {}, .full_names = full_names});
}

std::string problem_of_roles(const Texts& features, bool full_names = true) {
  const auto selection = asked_roles(features, full_names);
  EXPECT_FALSE(selection);
  if (selection) return "";
  EXPECT_EQ(selection.error().code(), ErrorCode::InvalidArgument);
  return std::string(selection.error().message());
}

TEST(RolesOfARequest, AreTheSameViewForOtherKeys) {
  const auto selection = asked_roles({"user:country as seller (user_id = seller_id)",
                                      "user:country as buyer (user_id = buyer_id)",
                                      "user:segment as buyer (user_id = buyer_id)",
                                      "user:country"});
  ASSERT_TRUE(selection) << selection.error().message();
  Texts names;
  for (const SelectedFeature& feature : selection->features) {
    names.push_back(feature.name);
  }
  EXPECT_THAT(names,
              ElementsAre("seller__country", "buyer__country", "buyer__segment", "user__country"));
  ASSERT_EQ(selection->views.size(), 3U);
  EXPECT_THAT(selection->views[0].request_keys, ElementsAre("seller_id"));
  EXPECT_THAT(selection->views[1].request_keys, ElementsAre("buyer_id"));
  EXPECT_THAT(selection->views[2].request_keys, ElementsAre("user_id"));
  ASSERT_EQ(selection->keys.size(), 3U);
  EXPECT_EQ(selection->keys[1].name, "buyer_id");
  EXPECT_EQ(selection->keys[1].type, Type{.kind = Kind::Int64});
}

TEST(RolesOfARequest, HaveKeysOfTheirView) {
  EXPECT_THAT(problem_of_roles({"user:country as buyer (usr_id = buyer_id)"}),
              HasSubstr("'usr_id' is not a join key of feature view 'user' (did you mean "
                        "'user_id'?); its keys are user_id"));
  EXPECT_THAT(problem_of_roles({"user:country as buyer (user_id = options)"}),
              HasSubstr("the column 'options' for key 'user_id' is a word of requests"));
}

TEST(RolesOfARequest, AreToldApart) {
  const std::string seller = "user:country as seller (user_id = seller_id)";
  EXPECT_THAT(problem_of_roles({seller, "user:* as seller (user_id = seller_id)"}),
              HasSubstr("feature 'user:country as seller' is asked for twice"));
  EXPECT_THAT(problem_of_roles({seller, "user:country as seller (user_id = buyer_id)"}),
              AllOf(HasSubstr("two features would be named 'seller__country'"),
                    HasSubstr("give one of the two another alias (as)")));
  EXPECT_THAT(problem_of_roles({"user:country (user_id = a)", "user:country (user_id = b)"}),
              HasSubstr("user:country (user_id = a) and user:country (user_id = b); give one of "
                        "the two another alias (as)"));
  EXPECT_THAT(problem_of_roles({seller, "user:country as buyer (user_id = buyer_id)"}, false),
              AllOf(HasSubstr("user:country as seller and user:country as buyer"),
                    HasSubstr("ask for full names (view__feature, or alias__feature)")));
  EXPECT_THAT(problem_of_roles({"segment as buyer (user_id = buyer_id)"}),
              HasSubstr("'segment' is ambiguous: feature views user and seller have it"));
}

TEST(RolesOfARequest, AllThatIsWrongIsSaidAtOnce) {
  EXPECT_THAT(problem_of_roles({"user:contry as buyer (user_id = buyer_id)", "user:country as 1"}),
              AllOf(HasSubstr("no feature 'contry' (did you mean 'country'?)"),
                    HasSubstr("its alias '1'")));
}

}  // namespace
}  // namespace provender
