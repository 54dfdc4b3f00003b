#include "offline/duckdb/memory_plan.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offline/duckdb/test_views.hpp"

namespace provender::offline {
namespace {

using ::testing::HasSubstr;

KernelBytes bytes_of(Type feature,
                     std::uint64_t behind,
                     std::size_t roles = 1,
                     std::size_t threads_that_share = 0) {
  Definitions definitions = user_definitions();
  add_view(definitions, "v", parquet("v.parquet"), "f", feature);
  const std::vector<std::string> names = {"v:f"};
  const auto selection =
      provender::select(definitions, {.features = names, .service = "", .full_names = false});
  SourceGroup group{.views = {{.index = 0, .features = {0}, .value_bytes = {behind}}},
                    .roles = {0},
                    .key_types = {{.kind = Kind::Int64}}};
  group.files = {"v.parquet"};
  group.row_groups.resize(1);
  group.row_groups[0].resize(1);
  group.row_groups[0][0].end = 700;
  return kernel_bytes({.definitions = definitions,
                       .selection = *selection,
                       .groups = std::span(&group, 1),
                       .roles = roles,
                       .threads = std::max<std::size_t>(threads_that_share, 2),
                       .shares_scans = threads_that_share > 0});
}

TEST(MemoryPlan, TheSharesAreTheLimit) {
  const MemoryShares shares = share_memory(8'000'000);
  EXPECT_EQ(shares.main + shares.workers + shares.kernel, 8'000'000U);
  EXPECT_EQ(shares.kernel, 3'000'000U);
}

TEST(MemoryPlan, WhatAValueTakesIsCounted) {
  const KernelBytes number = bytes_of({.kind = Kind::Int64}, 0);
  const KernelBytes text = bytes_of({.kind = Kind::String}, 100);
  const KernelBytes list = bytes_of({.kind = Kind::Float32, .is_list = true}, 700);
  EXPECT_EQ(number.values(), 8U + 1U);
  EXPECT_EQ(text.values(), 16U + 1U + 100U);
  EXPECT_EQ(list.values(), 16U + 1U + 700U);
  EXPECT_GT(number.per_row, 100U);
  EXPECT_EQ(bytes_of({.kind = Kind::Int64}, 0, 2).per_row - number.per_row, 4U);
  EXPECT_GT(bytes_of({.kind = Kind::Int64}, 0, 2).per_entity, number.per_entity);
  EXPECT_GE(number.per_entity, 4U * 24U);  // the winners of four replays
  // Rows that eight threads take in no order: each holds what it passed.
  EXPECT_EQ(bytes_of({.kind = Kind::Int64}, 0, 1, 2).per_row, number.per_row);
  EXPECT_GE(bytes_of({.kind = Kind::Int64}, 0, 1, 8).per_row - number.per_row, 6U * 24U);
}

/// Of views of so many keys each.
std::size_t page_bytes(const std::vector<std::size_t>& keys,
                       bool has_created,
                       std::uint64_t limit) {
  Definitions definitions = user_definitions();
  std::vector<SourceGroup> groups;
  for (const std::size_t some : keys) {
    const std::size_t i = groups.size();
    const std::string name = "v" + std::to_string(i);
    auto& view = add_view(definitions, name, parquet(name + ".parquet"), "f");
    if (has_created) view.source.created_timestamp = "created";
    groups.push_back({.views = {{.index = i, .features = {0}}},
                      .roles = {0},
                      .key_types = std::vector<Type>(some, Type{.kind = Kind::Int64})});
  }
  Selection selection;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    selection.views.push_back({.view = "v" + std::to_string(i)});
  }
  return most_page_bytes({.definitions = definitions,
                          .selection = selection,
                          .groups = groups,
                          .threads = 2,
                          .limit = limit});
}

TEST(MemoryPlan, PagesOfAllColumnsThatThreadsReadAtOnceFitIntoTheShareOfTheScans) {
  constexpr std::uint64_t kLimit = std::uint64_t{4} << 30;
  const std::uint64_t thread = share_memory(kLimit).workers / 2;
  // Packed, unpacked and a dictionary of each column, and the keys of one.
  EXPECT_EQ(page_bytes({1}, false, kLimit), thread / 7);
  EXPECT_EQ(page_bytes({1}, true, kLimit), thread / 10);
  EXPECT_EQ(page_bytes({2}, false, kLimit), thread / 9);
  EXPECT_EQ(page_bytes({1, 3, 2}, true, kLimit), thread / 15);  // the widest
  EXPECT_EQ(page_bytes({1}, false, kLimit * 1000), std::size_t{64} << 20);
  EXPECT_EQ(page_bytes({1}, false, 1000), std::size_t{1} << 20);
}

TEST(MemoryPlan, ASourceHasNoMoreWinnersThanRows) {
  const KernelBytes text = bytes_of({.kind = Kind::String}, 100'000);
  ASSERT_EQ(text.winners.size(), 1U);
  EXPECT_EQ(text.winners[0].most, 700U);
  EXPECT_EQ(text.of(20'000, 1) - text.of(19'999, 1), text.per_row) << "of those that win again";
  EXPECT_EQ(text.of(700, 1) - text.of(699, 1), text.per_row + text.values());
}

TEST(MemoryPlan, FewEntitiesTakeLessThanManyRows) {
  const KernelBytes bytes{.per_row = 10, .per_entity = 100, .winners = {}};
  EXPECT_EQ(bytes.of(1000, 5), 10'500U);
  EXPECT_EQ(bytes.of(1000, 1'000'000), 110'000U);
}

TEST(MemoryPlan, ASpineThatDoesNotFitIsJoinedInPasses) {
  const KernelBytes bytes{.per_row = 100, .per_entity = 0, .winners = {}};
  const auto passes = [&](std::uint64_t rows, std::uint64_t limit) {
    return passes_within(bytes, rows, rows, limit).value();
  };
  EXPECT_EQ(passes(0, 8'000'000), 1U);
  EXPECT_EQ(passes(1, 8'000'000), 1U);
  EXPECT_EQ(passes(30'000, 8'000'000), 1U);
  EXPECT_EQ(passes(30'001, 8'000'000), 2U);
  EXPECT_EQ(passes(300'000, 8'000'000), 10U);
  EXPECT_EQ(passes(3'000'000'000, std::uint64_t{1} << 40), 3U);
}

TEST(MemoryPlan, ALimitThatIsTooSmallForAnyPassIsAnErrorThatNamesTheOneNeeded) {
  const KernelBytes bytes{.per_row = 300, .per_entity = 0, .winners = {}};
  const auto failed = passes_within(bytes, 1'000'000, 10, 8'000'000);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::ResourceExhausted);
  EXPECT_THAT(std::string(failed.error().message()),
              HasSubstr("20000 rows at once of this request need an offline.memory_limit of about "
                        "17MB, and it is 8MB"));
  EXPECT_TRUE(passes_within(bytes, 1'000'000, 10, 17'000'000));
}

TEST(MemoryPlan, RowGroupsOfLargeValuesAreSmaller) {
  const auto rows = [](std::uint64_t values, std::uint64_t limit) {
    return row_group_rows({.winners = {{.bytes = values, .most = 1}}}, 0, limit, 2);
  };
  EXPECT_EQ(rows(100, std::uint64_t{4} << 30), 122'880U);
  EXPECT_EQ(rows(1'000'000, std::uint64_t{4} << 30), 178U);
  EXPECT_EQ(rows(1'000'000'000, std::uint64_t{4} << 30), 1U);
  const std::size_t some = rows(200, 200 << 20);
  EXPECT_LT(some, 40'000U);
  EXPECT_GT(some, 20'000U);
  EXPECT_LT(row_group_rows({.winners = {{.bytes = 200, .most = 1}}}, 2000, 200 << 20, 2), some / 4)
      << "so is a wide spine";
}

TEST(MemoryPlan, WhatThreadsHaveOfAResultFitsIntoTheShareForWriting) {
  for (const std::size_t threads : {1U, 2U, 16U}) {
    constexpr std::uint64_t kLimit = std::uint64_t{2} << 30;
    const ResultBytes bytes = result_bytes(kLimit, threads);
    EXPECT_LE(threads * bytes.piece * 8 + 2 * bytes.held, share_memory(kLimit).main) << threads;
  }
  EXPECT_EQ(result_bytes(std::uint64_t{64} << 30, 2).piece, std::size_t{64} << 20);
  EXPECT_EQ(result_bytes(1 << 20, 2).piece, std::size_t{4} << 20);
}

}  // namespace
}  // namespace provender::offline
