#include "shrink.hpp"

#include <algorithm>

#include "case_files.hpp"
#include "runner.hpp"
#include <gtest/gtest.h>

namespace provender::oracle {
namespace {

/// What an engine that takes the first of tied rows would get wrong.
bool has_answer_by_tie(const RandomCase& c) {
  return std::ranges::any_of(c.spine, [&](const SpineRow& row) {
    return std::ranges::any_of(c.selection.views, [&](const SelectedView& view) {
      const Table& table = c.tables[view_place(c, view)];
      const Answer answer = ask(table, question(c, row, view));
      return answer.row != nullptr && std::ranges::any_of(table.rows, [&](const SourceRow& other) {
               return &other < answer.row && other.key == answer.row->key &&
                      other.event_timestamp == answer.row->event_timestamp;
             });
    });
  });
}

TEST(Shrink, LeavesNothingThatIsNotNeededToFail) {
  std::uint64_t shrunk = 0;
  for (std::uint64_t seed = 1; seed < 30; ++seed) {
    const RandomCase found = make_case(seed);
    if (!has_answer_by_tie(found)) continue;
    ++shrunk;
    const RandomCase smallest = shrink(found, has_answer_by_tie);
    EXPECT_TRUE(has_answer_by_tie(smallest));
    EXPECT_EQ(smallest.spine.size(), 1U);
    ASSERT_EQ(smallest.tables.size(), 1U);
    EXPECT_EQ(smallest.tables[0].rows.size(), 2U);
    EXPECT_EQ(smallest.files[0].size(), 1U);
    EXPECT_EQ(smallest.definitions.feature_views[0].features.size(), 1U);
    EXPECT_FALSE(smallest.tables[0].ttl);
    EXPECT_FALSE(smallest.strictly_before);
  }
  EXPECT_GT(shrunk, 5U);
}

TEST(CaseText, RunsAsAScenario) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const std::string text = to_scenario(make_case(seed));
    SCOPED_TRACE(text);
    run_scenario(scenario::parse_scenario(text), offline::JoinEngine::Asof);
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace provender::oracle
