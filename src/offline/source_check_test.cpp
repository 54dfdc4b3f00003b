#include "offline/source_check.hpp"

#include <functional>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace provender::offline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

SourceColumn column(std::string name, std::string native_type, std::optional<Type> type) {
  return {.name = std::move(name), .native_type = std::move(native_type), .type = type};
}

/// Knows sources by their text, and cannot do more.
class KnownSources final : public OfflineStore {
 public:
  std::map<std::string, SourceInfo> sources;
  std::vector<std::string> inspected;
  std::function<void()> during = [] {};

  Result<SourceInfo> inspect(const Definitions& /*definitions*/,
                             const Source& source,
                             const Control& /*control*/) override {
    during();
    inspected.push_back(source.text);
    const auto found = sources.find(source.text);
    if (found == sources.end()) return Error(ErrorCode::NotFound, "no file matches 'x'");
    return found->second;
  }
  Result<HistoricalReport> historical(const HistoricalRequest& /*request*/,
                                      const Control& /*control*/) override {
    return Error(ErrorCode::Unimplemented, "");
  }
  Result<std::vector<ValueAsOf>> as_of(const Definitions& /*definitions*/,
                                       const Selection& /*selection*/,
                                       std::span<const Value> /*keys*/,
                                       Timestamp /*t*/,
                                       const Control& /*control*/) override {
    return Error(ErrorCode::Unimplemented, "");
  }
  Result<std::unique_ptr<LatestReader>> latest(const Definitions& /*definitions*/,
                                               const FeatureView& /*view*/,
                                               Timestamp /*end*/,
                                               const Control& /*control*/) override {
    return Error(ErrorCode::Unimplemented, "");
  }
};

class SourceCheck : public ::testing::Test {
 protected:
  SourceCheck() {
    definitions_.entities.push_back(
        {.name = "user", .keys = {{.name = "user"}}, .where = {"f.yaml", 1}});
    add_view("a", 10);
    sources_.sources["a"] = good_source();
  }

  void add_view(const std::string& name, int line) {
    FeatureView view{.name = name, .entities = {"user"}};
    view.where = {"f.yaml", line};
    view.source.text = name;
    view.source.where = {"f.yaml", line + 1};
    view.features.push_back({.name = "age", .type = {Kind::Int32}, .where = {"f.yaml", line + 2}});
    definitions_.feature_views.push_back(std::move(view));
  }

  static SourceInfo good_source() {
    return {.columns = {column("user", "BIGINT", Type{Kind::Int64}),
                        column("event_timestamp", "TIMESTAMP", Type{Kind::Timestamp}),
                        column("age", "INTEGER", Type{Kind::Int32})}};
  }

  std::vector<std::string> resolve() {
    std::vector<std::string> out;
    auto resolved = resolve_sources(sources_, definitions_, {});
    EXPECT_TRUE(resolved);
    rows_ = std::move(resolved->rows);
    for (const Problem& problem : resolved->problems) {
      out.push_back(std::to_string(problem.where.line) + ": " + problem.message);
    }
    return out;
  }

  void add_sql_view(const std::string& name, const std::string& sql, int line) {
    definitions_.sql_views.push_back({.name = name, .sql = sql, .where = {"f.yaml", line}});
  }

  Definitions definitions_;
  KnownSources sources_;
  std::map<std::string, std::uint64_t> rows_;
};

TEST_F(SourceCheck, GivesKeysTheTypesOfTheirColumns) {
  EXPECT_THAT(resolve(), IsEmpty());
  EXPECT_EQ(definitions_.entities[0].keys[0].type, Type{Kind::Int64});
}

TEST_F(SourceCheck, LeavesADeclaredTypeAndChecksIt) {
  definitions_.entities[0].keys[0].type = Type{Kind::String};
  EXPECT_THAT(
      resolve(),
      ElementsAre("11: feature view 'a': column 'user' of the source is BIGINT, which does not "
                  "fit join key 'user' (string)"));
}

TEST_F(SourceCheck, ColumnsOfTwoWidthsMakeTheWiderKey) {
  add_view("b", 20);
  sources_.sources["b"] = good_source();
  sources_.sources["b"].columns[0] = column("user", "INTEGER", Type{Kind::Int32});
  EXPECT_THAT(resolve(), IsEmpty());
  EXPECT_EQ(definitions_.entities[0].keys[0].type, Type{Kind::Int64});
}

TEST_F(SourceCheck, SourcesMustAgreeOnAKeysType) {
  add_view("b", 20);
  sources_.sources["b"] = good_source();
  sources_.sources["b"].columns[0] = column("user", "VARCHAR", Type{Kind::String});
  EXPECT_THAT(
      resolve(),
      ElementsAre(HasSubstr("20: feature view 'b': join key 'user' is string here and int64 in "
                            "feature view 'a'")));
}

TEST_F(SourceCheck, AColumnMayHaveNoTypeForAKey) {
  sources_.sources["a"].columns[0] = column("user", "DOUBLE", Type{Kind::Float64});
  EXPECT_THAT(resolve(),
              ElementsAre(HasSubstr("is DOUBLE, from which the join key 'user' gets no type")));
}

TEST_F(SourceCheck, AnEntityThatNoViewUsesNeedsAType) {
  definitions_.entities.push_back(
      {.name = "film", .keys = {{.name = "film"}}, .where = {"f.yaml", 5}});
  EXPECT_THAT(resolve(), ElementsAre(HasSubstr("5: entity 'film': the type of its key 'film'")));
}

TEST_F(SourceCheck, SaysAllThatIsWrongOfASource) {
  sources_.sources["a"].columns = {column("usr", "BIGINT", Type{Kind::Int64}),
                                   column("event_timestamp", "VARCHAR", Type{Kind::String}),
                                   column("age", "VARCHAR", Type{Kind::String})};
  EXPECT_THAT(
      resolve(),
      ElementsAre(
          HasSubstr("11: feature view 'a': the source has no column 'user' for join key 'user' "
                    "(did you mean 'usr'?); it has usr, event_timestamp and age"),
          HasSubstr("11: feature view 'a': column 'event_timestamp' of the source is VARCHAR, "
                    "which is no event timestamp"),
          HasSubstr("12: feature view 'a': column 'age' of the source is VARCHAR")));
}

TEST_F(SourceCheck, NamesTheFileThatLacksAColumn) {
  sources_.sources["a"].columns.pop_back();
  sources_.sources["a"].lacking = {{"age", "data/b.parquet"}};
  EXPECT_THAT(resolve(),
              ElementsAre("12: feature view 'a': data/b.parquet has no column 'age' for feature "
                          "'age' (int32), which other files of the source have"));
}

TEST_F(SourceCheck, AsksForTheUnitOfIntegerTimes) {
  sources_.sources["a"].columns[1] = column("event_timestamp", "BIGINT", Type{Kind::Int64});
  EXPECT_THAT(resolve(), ElementsAre(HasSubstr("declare the unit of integers")));
  definitions_.feature_views[0].source.timestamp_unit = TimestampUnit::Seconds;
  EXPECT_THAT(resolve(), IsEmpty());
}

TEST_F(SourceCheck, ASourceThatCannotBeReadIsOneProblem) {
  sources_.sources.clear();
  EXPECT_THAT(resolve(), ElementsAre("11: feature view 'a': no file matches 'x'"));
}

TEST_F(SourceCheck, ASqlViewThatNobodyReadsIsCheckedToo) {
  add_sql_view("x", "DROP TABLE t", 30);
  EXPECT_THAT(resolve(), ElementsAre("30: no file matches 'x'"));
}

TEST_F(SourceCheck, ABrokenSqlViewIsSaidOnceWhoeverReadsIt) {
  add_sql_view("above", "SELECT * FROM below", 30);
  add_sql_view("below", "SELECT * FROM 'nothing.parquet'", 40);
  add_view("b", 20);
  definitions_.feature_views[1].source.kind = Source::Kind::View;
  definitions_.feature_views[1].source.text = "above";
  add_view("c", 22);
  definitions_.feature_views[2].source.kind = Source::Kind::Sql;
  definitions_.feature_views[2].source.text = "SELECT * FROM Below";
  EXPECT_THAT(resolve(), ElementsAre("40: no file matches 'x'"));
  EXPECT_THAT(sources_.inspected, ElementsAre("below", "a"));
}

TEST_F(SourceCheck, TellsHowManyRowsTheSourcesHave) {
  sources_.sources["a"].rows = 7;
  EXPECT_THAT(resolve(), IsEmpty());
  EXPECT_THAT(rows_, ElementsAre(std::pair("a", 7U)));
}

TEST_F(SourceCheck, EndsWhenItIsStopped) {
  std::stop_source stop;
  add_view("b", 20);
  sources_.during = [&] { stop.request_stop(); };
  const auto resolved = resolve_sources(sources_, definitions_, {.stop = stop.get_token()});
  ASSERT_FALSE(resolved);
  EXPECT_EQ(resolved.error().code(), ErrorCode::Cancelled);
  EXPECT_THAT(sources_.inspected, ElementsAre("a"));
}

}  // namespace
}  // namespace provender::offline
