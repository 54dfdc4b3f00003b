#include "model/validate.hpp"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace provender {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Type kInt{Kind::Int64};
constexpr Type kText{Kind::String};

Location at(int line) {
  return {.file = "f.yaml", .line = line};
}

FeatureView view(std::string name,
                 std::vector<std::string> entities,
                 std::vector<Feature> features,
                 int line) {
  return {.name = std::move(name),
          .entities = std::move(entities),
          .source = {.text = "data/x.parquet"},
          .features = std::move(features),
          .where = at(line)};
}

/// Definitions without a fault.
Definitions sound() {
  return {
      .project = "streaming",
      .entities =
          {{.name = "user_id", .keys = {{.name = "user_id", .type = kText}}, .where = at(1)},
           {.name = "trip",
            .keys = {{.name = "vendor", .type = Type{Kind::Int32}}, {.name = "id", .type = kInt}},
            .where = at(2)}},
      .sql_views = {{.name = "ratings", .sql = "SELECT * FROM 'r.parquet'", .where = at(10)},
                    {.name = "recent", .sql = "SELECT * FROM ratings", .where = at(11)}},
      .feature_views = {view("profile",
                             {"user_id"},
                             {{.name = "age", .type = kInt, .where = at(21)},
                              {.name = "mean", .type = kInt}},
                             20),
                        view("trips",
                             {"user_id", "trip"},
                             {{.name = "length", .type = kInt}, {.name = "mean", .type = kInt}},
                             30)},
      .feature_services = {{.name = "recommender",
                            .items = {{.features = {"age"}, .where = at(41)},
                                      {.view = "trips",
                                       .alias = "ride",
                                       .keys = {{"user_id", "rider_id"}},
                                       .where = at(42)},
                                      {.view = "profile", .features = {"mean"}, .where = at(43)}},
                            .where = at(40)}}};
}

std::vector<Problem> problems_after(const std::function<void(Definitions&)>& spoil) {
  Definitions definitions = sound();
  spoil(definitions);
  return validate(definitions);
}

/// The only problem, as "line: message".
std::string problem_after(const std::function<void(Definitions&)>& spoil) {
  const auto problems = problems_after(spoil);
  EXPECT_THAT(problems, SizeIs(1));
  if (problems.empty()) return "";
  return std::to_string(problems[0].where.line) + ": " + problems[0].message;
}

/// In the order declared, before `validate` sorts.
FeatureView& profile(Definitions& d) {
  return d.feature_views[0];
}
ServiceItem& item(Definitions& d, std::size_t index) {
  return d.feature_services[0].items[index];
}

TEST(Validate, HasNothingToSayOfSoundDefinitions) {
  EXPECT_THAT(problems_after([](Definitions&) {}), IsEmpty());
}

TEST(Validate, SortsByName) {
  Definitions definitions = sound();
  validate(definitions);
  EXPECT_EQ(definitions.entities[0].name, "trip");
  EXPECT_EQ(definitions.entities[1].name, "user_id");
}

TEST(Validate, SaysAllThatIsWrongAtOnce) {
  const auto problems = problems_after([](Definitions& d) {
    profile(d).entities = {"user"};
    profile(d).features[0].name = "a__b";
    d.sql_views[1].sql = "";
  });
  EXPECT_THAT(problems, Contains(Field(&Problem::message, HasSubstr("entity 'user'"))));
  EXPECT_THAT(problems, Contains(Field(&Problem::message, HasSubstr("'a__b'"))));
  EXPECT_THAT(problems,
              Contains(Field(&Problem::message, HasSubstr("SQL view 'recent' is empty"))));
}

TEST(ProblemWithName, KnowsTheFormOfNames) {
  for (const auto* name : {"a", "A9_", "user_id", "features"}) {
    EXPECT_EQ(problem_with_name(name), std::nullopt) << name;
  }
  EXPECT_EQ(problem_with_name(std::string(128, 'a')), std::nullopt);
  EXPECT_THAT(*problem_with_name(std::string(129, 'a')), HasSubstr("at most 128"));
  EXPECT_THAT(*problem_with_name(""), HasSubstr("is empty"));
  EXPECT_THAT(*problem_with_name("a__b"), HasSubstr("'__'"));
  for (const auto* name : {"9a", "_a", "a-b", "a b", "a.b", "größe", "a:b", "a\n"}) {
    EXPECT_THAT(*problem_with_name(name), HasSubstr("is not a name")) << name;
  }
}

TEST(ProblemWithName, RefusesWordsOfRequestsForKeys) {
  for (const auto* name :
       {"features", "feature_service", "entities", "options", "full_feature_names"}) {
    EXPECT_THAT(*problem_with_key_name(name), HasSubstr("is a word of requests")) << name;
  }
  EXPECT_EQ(problem_with_key_name("feature"), std::nullopt);
  EXPECT_THAT(*problem_with_key_name("a__b"), HasSubstr("'__'"));
}

TEST(ValidateNames, ChecksTheFormOfEveryKind) {
  EXPECT_THAT(problem_after([](Definitions& d) { d.project = "my project"; }),
              HasSubstr("project 'my project' is not a name"));
  EXPECT_THAT(problem_after([](Definitions& d) {
                d.entities.push_back({.name = "a-b", .keys = {{.name = "k"}}, .where = at(5)});
              }),
              HasSubstr("5: entity 'a-b' is not a name"));
  EXPECT_THAT(problem_after([](Definitions& d) { d.sql_views[1].name = "a b"; }),
              HasSubstr("11: SQL view 'a b' is not a name"));
  EXPECT_THAT(problem_after([](Definitions& d) {
                d.feature_views[1].name = "9";
                d.feature_services.clear();
              }),
              HasSubstr("30: feature view '9' is not a name"));
  EXPECT_THAT(problem_after([](Definitions& d) { d.feature_services[0].name = "a__b"; }),
              HasSubstr("40: feature service 'a__b' has '__'"));
  EXPECT_THAT(problem_after([](Definitions& d) {
                profile(d).features[0].name = "x__y";
                d.feature_services.clear();
              }),
              HasSubstr("21: feature 'x__y' of feature view 'profile' has '__'"));
  EXPECT_THAT(
      problems_after([](Definitions& d) {
        d.feature_views.push_back(view("x__y", {"trip"}, {{.name = "x__y", .type = kInt}}, 50));
      }),
      ElementsAre(Field(&Problem::message, HasSubstr("feature view 'x__y' has '__'"))))
      << "once, though the short form gives both names";
  EXPECT_THAT(problem_after([](Definitions& d) { item(d, 1).alias = "a.b"; }),
              HasSubstr("42: alias 'a.b' in feature service 'recommender' is not a name"));
}

TEST(ValidateNames, RefusesTwoOfOneKindAndName) {
  EXPECT_EQ(problem_after([](Definitions& d) {
              d.entities.push_back({.name = "user_id", .keys = {{.name = "k"}}, .where = at(5)});
            }),
            "5: entity 'user_id' is declared twice (the other is at f.yaml:1)");
  EXPECT_THAT(problem_after([](Definitions& d) {
                d.sql_views.push_back({.name = "ratings", .sql = "SELECT 1", .where = at(12)});
              }),
              HasSubstr("12: SQL view 'ratings' is declared twice"));
  EXPECT_THAT(
      problem_after([](Definitions& d) {
        d.feature_views.push_back(view("trips", {"trip"}, {{.name = "x", .type = kInt}}, 50));
      }),
      HasSubstr("50: feature view 'trips' is declared twice"));
  EXPECT_THAT(problem_after([](Definitions& d) {
                d.feature_services.push_back(
                    {.name = "recommender", .items = {{.view = "trips"}}, .where = at(60)});
              }),
              HasSubstr("60: feature service 'recommender' is declared twice"));
}

TEST(ValidateNames, OneNameMayStandForThingsOfDifferentKinds) {
  EXPECT_THAT(problems_after([](Definitions& d) {
                d.sql_views.push_back({.name = "profile", .sql = "SELECT 1"});
              }),
              IsEmpty());
}

TEST(ValidateEntity, HasKeysOfKeyTypesAndNames) {
  EXPECT_THAT(
      problem_after([](Definitions& d) { d.entities.push_back({.name = "x", .where = at(5)}); }),
      HasSubstr("5: entity 'x' has no keys"));
  const auto with_key = [](std::vector<JoinKey> keys) {
    return problem_after(
        [&](Definitions& d) { d.entities.push_back({.name = "x", .keys = keys, .where = at(5)}); });
  };
  EXPECT_THAT(with_key({{.name = "k", .type = Type{Kind::Float64}}}),
              HasSubstr("5: key 'k' of entity 'x' is of type float64"));
  EXPECT_THAT(with_key({{.name = "k", .type = Type{Kind::Int64, true}}}),
              HasSubstr("is of type list<int64>"));
  EXPECT_THAT(with_key({{.name = "options"}}),
              HasSubstr("5: key 'options' of entity 'x' is a word of requests"));
  EXPECT_THAT(with_key({{.name = "k"}, {.name = "k"}}),
              HasSubstr("5: entity 'x' has key 'k' twice"));
}

TEST(ValidateEntity, OneKeyNameHasOneType) {
  EXPECT_EQ(problem_after([](Definitions& d) {
              d.entities.push_back(
                  {.name = "x", .keys = {{.name = "user_id", .type = kInt}}, .where = at(5)});
            }),
            "5: key 'user_id' is int64 in entity 'x' but string in entity 'user_id' (the other is "
            "at f.yaml:1): one name has one type");
  EXPECT_THAT(problems_after([](Definitions& d) {
                d.entities.push_back({.name = "x", .keys = {{.name = "user_id"}}});
              }),
              IsEmpty());
  EXPECT_THAT(problems_after([](Definitions& d) {
                d.entities.push_back({.name = "x", .keys = {{.name = "user_id", .type = kText}}});
              }),
              IsEmpty());
}

TEST(ValidateView, HasEntitiesThatExist) {
  EXPECT_THAT(problems_after([](Definitions& d) { profile(d).entities.clear(); }),
              Contains(AllOf(
                  Field(&Problem::message, HasSubstr("feature view 'profile' has no entities")))));
  EXPECT_EQ(problem_after([](Definitions& d) { profile(d).entities = {"usr_id"}; }),
            "20: feature view 'profile' is of entity 'usr_id', which is not declared (did you mean "
            "'user_id'?)");
  EXPECT_THAT(problem_after([](Definitions& d) { profile(d).entities = {"user_id", "user_id"}; }),
              HasSubstr("20: feature view 'profile' names entity 'user_id' twice"));
}

TEST(ValidateView, HasFeaturesOfTheirOwnNames) {
  EXPECT_THAT(problem_after([](Definitions& d) {
                profile(d).features.clear();
                d.feature_services.clear();
              }),
              HasSubstr("20: feature view 'profile' has no features"));
  EXPECT_THAT(problem_after([](Definitions& d) {
                profile(d).features.push_back({.name = "age", .type = kInt, .where = at(23)});
              }),
              HasSubstr("23: feature 'age' is declared twice in feature view 'profile'"));
  const auto with_feature = [](std::string name) {
    return problem_after([&](Definitions& d) {
      profile(d).source.created_timestamp = "loaded_at";
      profile(d).features.push_back({.name = name, .type = kInt});
    });
  };
  EXPECT_THAT(
      with_feature("user_id"),
      HasSubstr("20: feature 'user_id' of feature view 'profile' has the name of a join key"));
  EXPECT_THAT(with_feature("event_timestamp"),
              HasSubstr("has the name of the event timestamp column"));
  EXPECT_THAT(with_feature("loaded_at"), HasSubstr("has the name of the created timestamp column"));
}

TEST(ValidateSource, Exists) {
  EXPECT_THAT(problem_after([](Definitions& d) { profile(d).source.text = ""; }),
              HasSubstr("20: feature view 'profile' has no source"));
  EXPECT_THAT(problem_after([](Definitions& d) {
                profile(d).source = {.kind = Source::Kind::View, .text = "rating", .where = at(22)};
              }),
              HasSubstr("22: source of feature view 'profile' is SQL view 'rating', which is not "
                        "declared (did you mean 'ratings'?)"));
  EXPECT_THAT(problems_after([](Definitions& d) {
                profile(d).source = {.kind = Source::Kind::View, .text = "ratings"};
              }),
              IsEmpty());
}

TEST(ValidateSource, GivesColumnsToFeaturesAndKeys) {
  EXPECT_THAT(problems_after([](Definitions& d) {
                profile(d).source.columns = {{"age", "AGE YEARS"}, {"user_id", "uid"}};
              }),
              IsEmpty());
  EXPECT_THAT(problem_after([](Definitions& d) { profile(d).source.columns = {{"aeg", "x"}}; }),
              HasSubstr("gives a column for 'aeg', which is neither a feature nor a join key (did "
                        "you mean 'age'?)"));
  EXPECT_THAT(problem_after([](Definitions& d) { profile(d).source.columns = {{"age", ""}}; }),
              HasSubstr("gives 'age' a column without a name"));
}

TEST(ValidateSource, HasTwoDifferentTimestampColumns) {
  EXPECT_THAT(problem_after([](Definitions& d) { profile(d).source.event_timestamp = ""; }),
              HasSubstr("a timestamp column without a name"));
  EXPECT_THAT(problem_after([](Definitions& d) { profile(d).source.created_timestamp = ""; }),
              HasSubstr("a timestamp column without a name"));
  EXPECT_THAT(problem_after(
                  [](Definitions& d) { profile(d).source.created_timestamp = "event_timestamp"; }),
              HasSubstr("as event and as created timestamp"));
}

TEST(ValidateSource, HasHiveOnlyForFiles) {
  EXPECT_THAT(problem_after([](Definitions& d) {
                profile(d).source = {.kind = Source::Kind::Sql, .text = "SELECT 1", .hive = true};
              }),
              HasSubstr("hive is for files"));
}

TEST(ValidateSqlViews, DoNotReadEachOtherInACircle) {
  EXPECT_EQ(problem_after([](Definitions& d) { d.sql_views[0].sql = "SELECT * FROM recent"; }),
            "10: SQL views read each other in a circle: ratings → recent → ratings");
  EXPECT_THAT(problem_after([](Definitions& d) { d.sql_views[0].sql = "SELECT * FROM Ratings"; }),
              HasSubstr("10: SQL views read each other in a circle: ratings → ratings"));
  EXPECT_THAT(problems_after([](Definitions& d) {
                d.sql_views[0].sql = "SELECT ratings FROM 'recent' -- recent";
              }),
              IsEmpty());
}

TEST(ValidateSqlViews, DifferInMoreThanCase) {
  EXPECT_THAT(problem_after([](Definitions& d) {
                d.sql_views.push_back({.name = "RATINGS", .sql = "SELECT 1", .where = at(12)});
              }),
              HasSubstr("SQL views 'RATINGS' and 'ratings' differ only in case"));
  EXPECT_THAT(problem_after([](Definitions& d) { d.sql_views[1].sql = " ;\n"; }),
              HasSubstr("11: SQL view 'recent' is empty"));
}

TEST(ValidateService, TakesWhatExists) {
  EXPECT_THAT(problem_after([](Definitions& d) { d.feature_services[0].items.clear(); }),
              HasSubstr("40: feature service 'recommender' has no features"));
  EXPECT_THAT(problem_after([](Definitions& d) { item(d, 0) = {.where = at(41)}; }),
              HasSubstr("41: feature service 'recommender' has an item without view and features"));
  EXPECT_EQ(problem_after([](Definitions& d) { item(d, 0).features = {"agee"}; }),
            "41: feature service 'recommender': there is no feature or feature view 'agee' (did "
            "you mean 'age'?)");
  EXPECT_THAT(problem_after([](Definitions& d) { item(d, 1).view = "trip"; }),
              HasSubstr("42: feature service 'recommender': there is no feature view 'trip' (did "
                        "you mean 'trips'?)"));
  EXPECT_THAT(
      problem_after([](Definitions& d) { item(d, 1).features = {"lenght"}; }),
      HasSubstr("42: feature service 'recommender': feature view 'trips' has no feature 'lenght'"));
  EXPECT_THAT(problem_after([](Definitions& d) { item(d, 0).features = {"mean"}; }),
              HasSubstr("41: feature service 'recommender': 'mean' is ambiguous"));
}

TEST(ValidateService, HasRolesOfItsViewsKeys) {
  EXPECT_THAT(problem_after([](Definitions& d) { item(d, 1).keys = {{"usr_id", "x"}}; }),
              HasSubstr("42: feature service 'recommender': 'usr_id' is not a join key of feature "
                        "view 'trips' (did you mean 'user_id'?)"));
  EXPECT_THAT(problem_after([](Definitions& d) { item(d, 1).keys = {{"user_id", "features"}}; }),
              HasSubstr("42: feature service 'recommender': the column 'features' for key "
                        "'user_id' is a word of requests"));
  EXPECT_THAT(problem_after([](Definitions& d) { item(d, 1).keys = {{"id", "user_id"}}; }),
              HasSubstr("the column 'user_id' would be both"));
}

TEST(ValidateService, HasOutputNamesThatDoNotCollide) {
  EXPECT_THAT(problem_after([](Definitions& d) {
                item(d, 0).features = {"profile"};
                item(d, 2) = {.view = "trips", .features = {"mean"}, .where = at(43)};
              }),
              AllOf(HasSubstr("43: feature service 'recommender' has two features named 'mean': "
                              "profile:mean and trips:mean"),
                    HasSubstr("give one of them an alias")));
  EXPECT_THAT(problem_after([](Definitions& d) { item(d, 0).features = {"age", "age"}; }),
              HasSubstr("feature 'profile:age' is asked for twice"));
  EXPECT_THAT(
      problem_after([](Definitions& d) {
        item(d, 2).keys = {{"user_id", "other"}};
        item(d, 2).features = {"age"};
      }),
      HasSubstr("43: feature service 'recommender': two features would be named 'profile__age'"));
}

TEST(ValidateService, AliasesKeepRolesApart) {
  EXPECT_THAT(
      problems_after([](Definitions& d) { item(d, 2) = {.view = "trips", .features = {"mean"}}; }),
      IsEmpty());
}

}  // namespace
}  // namespace provender
