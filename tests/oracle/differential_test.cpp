#include <string>

#include "case_files.hpp"
#include "case_run.hpp"
#include "random_case.hpp"
#include "suite.hpp"
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "offline/duckdb/duckdb_store.hpp"

namespace provender::oracle {
namespace {

using offline::DuckdbStore;
using offline::JoinEngine;
using offline::TestProject;

std::string engine_name(const ::testing::TestParamInfo<JoinEngine>& test) {
  return std::string(to_string(test.param));
}

constexpr std::uint64_t kShares = 4;

class EachEngine : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(EachEngine, GivesTheOraclesTrainingRows) {
  run_cases(24, run_case, {.number = GetParam(), .of = kShares});
}

INSTANTIATE_TEST_SUITE_P(Share, EachEngine, ::testing::Range(std::uint64_t{0}, kShares));

class TrainingRows : public ::testing::TestWithParam<JoinEngine> {};

TEST_P(TrainingRows, AreTheSameBytesEachTime) {
  const std::uint64_t first = first_seed();
  for (std::uint64_t seed = first; seed < first + case_count(2); ++seed) {
    SCOPED_TRACE(seed);
    RandomCase c = make_case(seed);
    TestProject project;
    write_case(c, project);
    ASSERT_TRUE(ask_engine(c, project, GetParam(), "once.parquet"));
    c.threads = 5;
    ASSERT_TRUE(ask_engine(c, project, GetParam(), "twice.parquet"));
    EXPECT_TRUE(project.read_text("once.parquet") == project.read_text("twice.parquet"));
  }
}

/// Each row is newer in nothing but its place or created timestamp.
TEST_P(TrainingRows, OfAMillionTiesAreTheLast) {
  TestProject project;
  Definitions definitions;
  definitions.entities.push_back({.name = "id", .keys = {{"id", Type{.kind = Kind::Int64}}}});
  for (const char* name : {"by_place", "by_created"}) {
    FeatureView view{.name = name, .entities = {"id"}};
    view.source.text = fmt::format("{}/*.parquet", name);
    view.features.push_back({.name = std::string(name) + "_n", .type = {.kind = Kind::Int64}});
    definitions.feature_views.push_back(std::move(view));
  }
  definitions.feature_views.back().source.created_timestamp = "created";
  const std::string rows =
      "SELECT CAST(1 AS BIGINT) AS id, TIMESTAMP '2026-05-01' AS event_timestamp, range AS {0}_n, "
      "make_timestamp(1780000000000000 + range % 1000 * 1000) AS created FROM range({1}, {2})";
  for (const char* name : {"by_place", "by_created"}) {
    project.write(fmt::format("{}/a.parquet", name),
                  fmt::format(fmt::runtime(rows), name, 0, 600'000));
    project.write(fmt::format("{}/b.parquet", name),
                  fmt::format(fmt::runtime(rows), name, 600'000, 1'000'500));
  }
  project.write("spine.parquet",
                "SELECT CAST(1 AS BIGINT) AS id, TIMESTAMP '2026-05-01' AS event_timestamp");
  const std::vector<std::string> names = {"by_place_n", "by_created_n"};
  const auto selection =
      select(definitions, {.features = names, .service = "", .full_names = false});
  ASSERT_TRUE(selection) << selection.error().message();
  const HistoricalOptions options{
      .features = {}, .spine = project.path("spine.parquet"), .out = project.path("out.parquet")};
  auto opened = project.options();
  opened.join_engine = GetParam();
  DuckdbStore store(opened);
  const auto done = store.historical(
      {.definitions = definitions, .selection = *selection, .options = options}, {});
  ASSERT_TRUE(done) << done.error().message();
  const auto answer = project.rows("SELECT by_place_n, by_created_n FROM '@/out.parquet'");
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_TRUE(answer[0][0] == Value{.storage = std::int64_t{1'000'499}});
  EXPECT_TRUE(answer[0][1] == Value{.storage = std::int64_t{999'999}});
}

INSTANTIATE_TEST_SUITE_P(Engines,
                         TrainingRows,
                         ::testing::ValuesIn(offline::kJoinEngines),
                         engine_name);

/// The other ways of asking, over the same cases.
class OtherQuestions : public ::testing::Test {
 protected:
  void ask_all(const RandomCase& c) {
    TestProject project;
    write_case(c, project);
    DuckdbStore store(project.options());
    check_latest(c, store);
    check_as_of(c, store);
  }

 private:
  static void check_latest(const RandomCase& c, DuckdbStore& store) {
    for (std::size_t v = 0; v < c.tables.size(); ++v) {
      const FeatureView& view = c.definitions.feature_views[v];
      SCOPED_TRACE("latest of " + view.name);
      const Timestamp end(Duration(1'700'000'000'000'000 + static_cast<int>(c.seed % 30) - 10));
      const auto expected = latest(c.tables[v], end);
      auto reader = store.latest(c.definitions, view, end, {});
      ASSERT_TRUE(reader) << reader.error().message();
      std::size_t at = 0;
      while (true) {
        auto batch = (*reader)->next();
        ASSERT_TRUE(batch) << batch.error().message();
        if (!*batch) break;
        for (std::size_t row = 0; row < (*batch)->rows; ++row, ++at) {
          ASSERT_LT(at, expected.size());
          check_latest_row(**batch, row, *expected[at]);
        }
      }
      EXPECT_EQ(at, expected.size());
    }
  }

  static void check_latest_row(const BatchView& batch, std::size_t row, const SourceRow& expected) {
    std::vector<Value> values = expected.key;
    values.push_back({.storage = *expected.event_timestamp});
    values.push_back(expected.created_timestamp ? Value{.storage = *expected.created_timestamp}
                                                : Value{});
    values.insert(values.end(), expected.features.begin(), expected.features.end());
    ASSERT_EQ(batch.columns.size(), values.size());
    for (std::size_t column = 0; column < values.size(); ++column) {
      EXPECT_TRUE(value_at(batch.columns[column], row) == values[column]) << "column " << column;
    }
  }

  static void check_as_of(const RandomCase& c, DuckdbStore& store) {
    for (std::size_t i = 0; i < c.spine.size(); i += 37) {
      const SpineRow& asked = c.spine[i];
      if (!asked.t) continue;
      SCOPED_TRACE(fmt::format("as of, spine row {}", i));
      auto values = store.as_of(c.definitions, c.selection, asked.keys, *asked.t, {});
      ASSERT_TRUE(values) << values.error().message();
      for (std::size_t f = 0; f < values->size(); ++f) {
        const SelectedFeature& feature = c.selection.features[f];
        const SelectedView& view = c.selection.views[feature.view];
        const Answer answer =
            ask(c.tables[view_place(c, view)], {.key = question(c, asked, view).key, .t = asked.t});
        const std::size_t place = feature_place(c, feature);
        EXPECT_EQ((*values)[f].status, answer.status(place));
        EXPECT_TRUE((*values)[f].value == answer.value(place));
        EXPECT_EQ((*values)[f].event_timestamp,
                  answer.row == nullptr ? std::nullopt : answer.row->event_timestamp);
      }
    }
  }
};

TEST_F(OtherQuestions, LatestAndAsOfAgreeWithTheOracle) {
  const std::uint64_t first = first_seed();
  for (std::uint64_t seed = first; seed < first + case_count(8) && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}: run again with PROVENDER_SEED and PROVENDER_CASES=1", seed));
    ask_all(make_case(seed));
  }
}

}  // namespace
}  // namespace provender::oracle
