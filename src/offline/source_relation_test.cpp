#include "offline/source_relation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offline/historical_query.hpp"
#include "offline/latest_query.hpp"

namespace provender::offline {
namespace {

using ::testing::HasSubstr;

/// A view of one key and two features, over one part.
class SourceRelationTest : public ::testing::Test {
 protected:
  SourceRelationTest() {
    view_.source.columns["age"] = "AGE YEARS";
    view_.features.push_back({.name = "age", .type = {Kind::Int32}});
    view_.features.push_back({.name = "score", .type = {Kind::Float64}});
    shape_.parts.push_back({.from = "src",
                            .columns = {{"user_id", "BIGINT", {}},
                                        {"event_timestamp", "TIMESTAMP", {}},
                                        {"AGE YEARS", "BIGINT", {}},
                                        {"score", "DOUBLE", {}}},
                            .position = "n",
                            .place = "p"});
  }

  Result<SourceRelation> plan() {
    return plan_relation({.view = view_, .keys = keys_, .features = features_}, shape_);
  }

  FeatureView view_{.name = "user"};
  std::vector<JoinKey> keys_{{.name = "user_id", .type = Type{Kind::Int64}}};
  std::vector<std::size_t> features_{0};
  SourceShape shape_;
};

TEST_F(SourceRelationTest, ReadsOnlyWhatIsAskedAndSkipsRowsWithoutKeyOrTime) {
  const auto relation = plan();
  ASSERT_TRUE(relation);
  EXPECT_EQ(
      compile_relation(*relation, /*with_features=*/true),
      R"(SELECT "user_id" AS k0, epoch_us("event_timestamp") AS ts, )"
      R"(CAST("AGE YEARS" AS INTEGER) AS f0, CAST(NULL AS BIGINT) AS created, n AS o FROM src )"
      R"(WHERE NOT ("user_id" IS NULL OR "event_timestamp" IS NULL))");
  EXPECT_THAT(compile_relation(*relation, false), ::testing::Not(HasSubstr("f0")));
}

TEST_F(SourceRelationTest, ProfilesOnlyColumnsThatMayLoseSomething) {
  const auto relation = plan();
  ASSERT_TRUE(relation);
  const auto checked = checked_columns(relation->parts[0]);
  ASSERT_EQ(checked.size(), 2U);
  EXPECT_EQ(checked[0]->name, "ts");
  EXPECT_EQ(checked[1]->name, "f0");
  EXPECT_THAT(compile_profile(relation->parts[0], 1), HasSubstr("BETWEEN -2147483648"));
  EXPECT_EQ(
      compile_offender(relation->parts[0], *checked[1]),
      R"(SELECT p, coalesce(TRY(CAST("AGE YEARS" AS VARCHAR)), 'a time out of range') FROM src )"
      R"(WHERE "AGE YEARS" IS NOT NULL AND NOT )"
      R"(coalesce("AGE YEARS" BETWEEN -2147483648 AND 2147483647, false) ORDER BY n LIMIT 1)");
}

TEST_F(SourceRelationTest, NamesAMissingColumnWithTheNearest) {
  view_.source.columns["age"] = "AGE_YEARS";
  const auto relation = plan();
  ASSERT_FALSE(relation);
  EXPECT_EQ(
      relation.error().message(),
      "the source has no column 'AGE_YEARS' for feature 'age' (int32) (did you mean 'AGE YEARS'?); "
      "it has user_id, event_timestamp, AGE YEARS and score");
}

TEST_F(SourceRelationTest, NamesBothTypesOfAColumnThatNeverFits) {
  shape_.parts[0].columns[0].native_type = "VARCHAR";
  const auto relation = plan();
  ASSERT_FALSE(relation);
  EXPECT_THAT(
      std::string(relation.error().message()),
      HasSubstr(
          "'user_id' of the source is VARCHAR, which does not fit join key 'user_id' (int64)"));
}

TEST_F(SourceRelationTest, ReadsAllFeaturesWhereTheyDecideTies) {
  shape_.ties_by_features = true;
  const auto relation = plan();
  ASSERT_TRUE(relation);
  EXPECT_EQ(tie_order(*relation, view_),
            "created DESC NULLS LAST, f0 DESC NULLS LAST, f1 IS NOT NULL DESC NULLS LAST, "
            "list_value(f1) DESC NULLS LAST, signbit(f1) ASC");
  EXPECT_EQ(tie_order(*relation, view_, Best::Last),
            "created ASC NULLS FIRST, f0 ASC NULLS FIRST, f1 IS NOT NULL ASC NULLS FIRST, "
            "list_value(f1) ASC NULLS FIRST, signbit(f1) DESC");
}

TEST_F(SourceRelationTest, KeepsBlobKeysFromTheParquetReadersFilters) {
  keys_[0].type = Type{Kind::Bytes};
  shape_.parts[0].columns[0].native_type = "BLOB";
  const auto relation = plan();
  ASSERT_TRUE(relation);
  EXPECT_THAT(compile_relation(*relation, /*with_features=*/true),
              HasSubstr(R"(("user_id" || ''::BLOB) AS k0)"));
}

TEST_F(SourceRelationTest, TheLatestRowComesFirstOfItsKey) {
  const auto relation = plan();
  ASSERT_TRUE(relation);
  const std::string all =
      compile_latest(*relation, view_, Timestamp(Duration(5)), /*many_per_key=*/false);
  EXPECT_THAT(all,
              HasSubstr("WHERE ts <= 5 ORDER BY k0, ts DESC, created DESC NULLS LAST, o DESC"));
  EXPECT_THAT(all, ::testing::Not(HasSubstr("SEMI JOIN")));
  EXPECT_THAT(compile_latest(*relation, view_, Timestamp(Duration(5)), /*many_per_key=*/true),
              HasSubstr("SEMI JOIN (SELECT k0, max(ts) AS ts"));
}

TEST_F(SourceRelationTest, AJoinEndsWithOneTable) {
  const auto relation = plan();
  ASSERT_TRUE(relation);
  const auto statements = compile_view_join({.view = view_,
                                             .relation = *relation,
                                             .name = "user",
                                             .spine_table = "s",
                                             .result_table = "r",
                                             .features = {0},
                                             .strictly_before = true});
  ASSERT_EQ(statements.size(), 5U);
  EXPECT_THAT(statements[0].sql, HasSubstr("s.t > h.seen"));
  EXPECT_THAT(statements[2].sql, HasSubstr("CREATE TEMP TABLE r AS"));
  EXPECT_EQ(statements[3].sql, "DROP TABLE r_times");
  EXPECT_EQ(statements[4].sql, "DROP TABLE r_rows");
}

TEST(Answer, GivesEverySpineRowInItsOrder) {
  const ResultColumn result{.result_table = "r0", .feature = 2, .type = {Kind::Bytes}};
  const AnswerColumn column{.value = value_expression(result),
                            .status = status_expression(result),
                            .name = "f\"x",
                            .type = result.type,
                            .as_base64 = true};
  EXPECT_EQ(compile_answer({.spine = "spine",
                            .spine_columns = {"spine.\"a\""},
                            .columns = {column},
                            .result_tables = {"r0"},
                            .with_status = false}),
            "SELECT spine.\"a\", to_base64(r0.f2) AS \"f\"\"x\" FROM spine LEFT JOIN r0 ON r0.r = "
            "spine.rowid ORDER BY spine.rowid");
  EXPECT_EQ(
      compile_answer({.spine = "'s.parquet' AS spine",
                      .spine_columns = {"spine.a"},
                      .columns = {{.value = "f(row)", .status = "g(row)", .name = "x", .type = {}}},
                      .result_tables = {},
                      .with_status = true}),
      "SELECT spine.a, f(row) AS \"x\", g(row) AS \"x__status\" FROM 's.parquet' AS spine");
}

}  // namespace
}  // namespace provender::offline
