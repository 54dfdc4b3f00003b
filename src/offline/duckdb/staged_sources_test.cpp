#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "offline/duckdb/testing_historical.hpp"

namespace provender::offline {
namespace {

using ::testing::HasSubstr;

/// Phases, each once, with what was done in them in the end.
struct Phases final : Progress {
  std::vector<std::string> names;
  std::vector<std::uint64_t> done;

  void update(std::string_view phase, std::uint64_t rows, std::uint64_t total) override {
    if (total > 0) {
      EXPECT_LE(rows, total) << phase;
    }
    if (names.empty() || names.back() != phase) {
      names.emplace_back(phase);
      done.emplace_back();
    }
    done.back() = rows;
  }
};

/// Three views of one file of CSV, three of one SELECT.
class StagedSourcesTest : public HistoricalTest {
 protected:
  StagedSourcesTest() {
    std::string rows = "user_id,event_timestamp,a,b,other_id\n";
    for (int i = 0; i < 200; ++i) {
      rows += fmt::format("{0},2026-05-0{1},{2},{3},{4}\n", i % 10, 1 + i % 3, i, -i, 9 - i % 10);
    }
    project_.write_text("data/c.csv", rows);
    definitions_ = user_definitions();
    add_views("csv", csv("data/c.csv"));
    add_views("sql", select("SELECT * FROM 'data/c.csv'"));
    project_.write("spine.parquet",
                   "SELECT i % 12 AS user_id, TIMESTAMP '2026-05-02 12:00' AS event_timestamp FROM "
                   "range(100) t(i)");
    options_.overwrite = true;
  }

  /// Views a, b, and b of the other user, whose features are named behind the source.
  void add_views(const std::string& name, const Source& source) {
    const auto add = [&](const std::string& feature, const std::string& column) -> Source& {
      Source& added = add_view(definitions_, name + "_" + feature, source, name + feature).source;
      added.columns = {{name + feature, column}};
      return added;
    };
    add("a", "a");
    add("b", "b");
    add("other", "b").columns["user_id"] = "other_id";
  }

  std::vector<std::string> rows_by(JoinEngine engine, const std::vector<std::string>& features) {
    auto opened = project_.options();
    opened.join_engine = engine;
    store_ = std::make_unique<DuckdbStore>(opened);
    const auto done = run(features);
    EXPECT_TRUE(done) << done.error().message();
    return output();
  }
};

TEST_F(StagedSourcesTest, AreReadOnceForAllViews) {
  for (const bool is_seen : {false, true}) {
    if (is_seen) {
      options_.spine.clear();
      options_.at = Timestamp(std::chrono::sys_days(std::chrono::May / 9 / 2026));
    }
    Phases told;
    const auto done = run({"csv_a", "csv_b", "csv_other", "sql_a", "sql_b", "sql_other"},
                          {.stop = {}, .progress = &told});
    ASSERT_TRUE(done) << done.error().message();
    for (const char* phase : {"reads data/c.csv", "reads SELECT * FROM 'data/c.csv'"}) {
      EXPECT_EQ(std::ranges::count(told.names, phase), 1) << phase;
    }
    for (const ViewReport& view : done->views) {
      EXPECT_EQ(view.source_rows, 200U) << view.view;
    }
  }
}

TEST_F(StagedSourcesTest, GiveEachViewItsOwnValues) {
  const std::vector<std::string> asked = {"csv_a", "sql_b", "csv_other", "sql_other"};
  const auto ours = rows_by(JoinEngine::Kernel, asked);
  EXPECT_EQ(ours, rows_by(JoinEngine::Asof, asked));
  EXPECT_THAT(ours[1], HasSubstr("'csva': 181, 'sqlb': -1, 'csvother': -178"));
  options_.spine.clear();
  options_.at = Timestamp(std::chrono::sys_days(std::chrono::May / 9 / 2026));
  EXPECT_EQ(rows_by(JoinEngine::Kernel, asked), rows_by(JoinEngine::Asof, asked));
}

TEST_F(StagedSourcesTest, NameTheViewWhoseColumnIsNotThere) {
  definitions_.feature_views[1].source.columns = {{"csvb", "none"}};
  const auto done = run({"csv_a", "csv_b"});
  ASSERT_FALSE(done);
  EXPECT_THAT(std::string(done.error().message()),
              HasSubstr("feature view 'csv_b': the source has no column 'none'"));
}

TEST_F(StagedSourcesTest, TellHowManyRowsTheyHaveRead) {
  for (const char* feature : {"csv_a", "sql_a"}) {
    Phases told;
    const auto done = run({feature}, {.stop = {}, .progress = &told});
    ASSERT_TRUE(done) << done.error().message();
    const auto reads = std::ranges::find_if(told.names, [](const std::string& name) {
      return name.starts_with("reads") && !name.ends_with("the spine");
    });
    ASSERT_NE(reads, told.names.end());
    EXPECT_EQ(told.done[static_cast<std::size_t>(reads - told.names.begin())], 200U);
    EXPECT_THAT(*(reads + 1), HasSubstr("checks the values of"));
  }
}

}  // namespace
}  // namespace provender::offline
