#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "offline/duckdb/testing_historical.hpp"
#include "parquet/testing_chunk.hpp"
#include "parquet/testing_file.hpp"

/// For tests only: files as other writers may make them, and joins of them page by page.
namespace provender::offline {

inline constexpr std::string_view kByPages = "page by page";

/// 2026-05-01, and so many seconds.
inline Value second(std::int64_t seconds) {
  return {.storage = Timestamp(std::chrono::sys_days(std::chrono::May / 1 / 2026)) +
                     std::chrono::seconds(seconds)};
}
inline Value whole(std::int64_t number) {
  return {.storage = number};
}

/// A file of user_id, event_timestamp and f.
inline parquet::TestFile test_file() {
  const auto column = [](std::string name, Kind kind) {
    auto out = parquet::flat_column(kind);
    out.name = std::move(name);
    return out;
  };
  return {.columns = {column("user_id", Kind::Int64),
                      column("event_timestamp", Kind::Timestamp),
                      column("f", Kind::Int64)},
          .row_groups = {}};
}

inline parquet::TestFile::Chunk plain_chunk(const std::vector<Value>& rows) {
  return {.pages = parquet::data_page(rows, {}).write()};
}

/// Of users 1, 2, … so many, at the second `at`, with f ten times the user.
inline parquet::TestFile::RowGroup row_group(std::int64_t users, std::int64_t at) {
  std::vector<Value> ids;
  std::vector<Value> features;
  for (std::int64_t i = 1; i <= users; ++i) {
    ids.push_back(whole(i));
    features.push_back(whole(10 * i + at));
  }
  const std::vector<Value> times(ids.size(), second(at));
  return {.rows = users, .chunks = {plain_chunk(ids), plain_chunk(times), plain_chunk(features)}};
}

class FilesOfPages : public HistoricalTest {
 protected:
  FilesOfPages() {
    project_.write("spine.parquet",
                   "SELECT i AS user_id, TIMESTAMP '2026-05-04' AS event_timestamp FROM range(8) "
                   "t(i)");
  }

  void take(JoinEngine engine) {
    auto opened = project_.options();
    opened.join_engine = engine;
    store_ = std::make_unique<DuckdbStore>(opened);
    options_.overwrite = true;
  }

  bool reads_pages() {
    take(JoinEngine::Kernel);
    options_.explain = true;
    const auto done = run();
    options_.explain = false;
    EXPECT_TRUE(done) << done.error().message();
    return done && done->plan.steps.at(0).second_pass.find(kByPages) != std::string::npos;
  }

  /// Rows, and how many the source has, and how many without key or time.
  using Joined = std::tuple<std::vector<std::string>, std::uint64_t, std::uint64_t>;
  Joined joined(JoinEngine engine) {
    take(engine);
    const auto done = run();
    EXPECT_TRUE(done) << done.error().message();
    if (!done) return {};
    return {output(), done->views[0].source_rows, done->views[0].skipped_rows};
  }
};

}  // namespace provender::offline
