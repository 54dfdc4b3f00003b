#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "offline/duckdb/testing_page_files.hpp"
#include "offline/time_range.hpp"

/// Numbers that a file may hold for a time, and that are none or the last ones: each engine says
/// the same of them.
namespace provender::offline {
namespace {

using ::testing::StartsWith;

constexpr JoinEngine kEngines[] = {JoinEngine::Kernel, JoinEngine::KernelScan, JoinEngine::Asof};
constexpr std::int64_t kNoTimes[] = {std::numeric_limits<std::int64_t>::min(), kLeastTime - 1};

Value micros(std::int64_t number) {
  return {.storage = Timestamp(Duration(number))};
}

std::int64_t number_of(const Value& value) {
  const auto* const time = std::get_if<Timestamp>(&value.storage);
  return time != nullptr ? time->time_since_epoch().count() : std::get<std::int64_t>(value.storage);
}

parquet::Statistics statistics_of(const std::vector<Value>& rows) {
  std::vector<std::int64_t> numbers;
  for (const Value& row : rows) {
    if (!row.is_null()) numbers.push_back(number_of(row));
  }
  const auto [least, most] = std::ranges::minmax(numbers);
  const auto bytes = [](std::int64_t number) {
    return parquet::little_endian(static_cast<std::uint64_t>(number), 8);
  };
  return {.nulls = static_cast<std::int64_t>(rows.size() - numbers.size()),
          .least = bytes(least),
          .most = bytes(most)};
}

class TimesOfPages : public FilesOfPages {
 protected:
  static constexpr std::int64_t kUsers = 8;

  struct Form {
    bool has_statistics = true;
    bool has_null = false;  ///< a time beside the one that is told
    bool is_created = false;
    bool is_spine = false;
  };

  /// A file of two row groups, of which nobody asks for the users of the second: its fifth row
  /// has this time.
  static std::string file_with(std::int64_t time, const Form& form) {
    parquet::TestFile file = test_file();
    if (form.is_spine) file.columns[2].name = "label";
    if (form.is_created) {
      file.columns.push_back(file.columns[1]);
      file.columns[3].name = "created";
    }
    for (const std::int64_t first_user : {0, 100}) {
      std::vector<Value> users;
      for (std::int64_t i = 0; i < kUsers; ++i) {
        users.push_back(whole(first_user + i));
      }
      const std::vector<Value> usual(kUsers, second(1));
      std::vector<Value> odd = usual;
      if (first_user > 0) odd[4] = micros(time);
      if (form.has_null) odd[6] = {};
      std::vector<std::vector<Value>> columns = {users, odd, users};
      if (form.is_created) columns = {users, usual, users, odd};
      parquet::TestFile::RowGroup& group = file.row_groups.emplace_back();
      group.rows = kUsers;
      for (const std::vector<Value>& rows : columns) {
        group.chunks.push_back(plain_chunk(rows));
        if (form.has_statistics) group.chunks.back().statistics = statistics_of(rows);
      }
    }
    return file.write();
  }

  void expect_refused(const std::string& begin, const std::string& column) {
    for (const JoinEngine engine : kEngines) {
      take(engine);
      EXPECT_THAT(message(),
                  StartsWith(fmt::format("{}row 13: column '{}' has a time out of range "
                                         "(TIMESTAMP), which does not fit",
                                         begin,
                                         column)))
          << to_string(engine);
      EXPECT_EQ(code_, ErrorCode::InvalidArgument);
    }
  }
};

TEST_F(TimesOfPages, WhatIsNoneIsAnErrorWhereNobodyAsksForItsRowToo) {
  for (const std::int64_t time : kNoTimes) {
    for (const bool has_statistics : {false, true}) {
      for (const bool has_null : {false, true}) {
        project_.write_text(
            "data/f.parquet",
            file_with(time, {.has_statistics = has_statistics, .has_null = has_null}));
        expect_refused("feature view 'v': data/f.parquet, ", "event_timestamp");
      }
    }
  }
}

TEST_F(TimesOfPages, WhatIsNoneIsAnErrorAsACreatedTimestampToo) {
  definitions_.feature_views.front().source.created_timestamp = "created";
  for (const std::int64_t time : kNoTimes) {
    for (const bool has_null : {false, true}) {
      project_.write_text("data/f.parquet",
                          file_with(time, {.has_null = has_null, .is_created = true}));
      expect_refused("feature view 'v': data/f.parquet, ", "created");
    }
  }
}

TEST_F(TimesOfPages, WhatIsNoneIsAnErrorInASpineToo) {
  for (const std::int64_t time : kNoTimes) {
    for (const bool has_null : {false, true}) {
      project_.write_text("spine.parquet",
                          file_with(time, {.has_null = has_null, .is_spine = true}));
      expect_refused("spine " + options_.spine.string() + ": ", "event_timestamp");
    }
  }
}

TEST_F(TimesOfPages, TheFirstAndTheLastAreTimesLikeOthers) {
  for (const std::int64_t time : {kLeastTime, kMostTime}) {
    project_.write_text("data/f.parquet", file_with(time, {}));
    const Joined by_pages = joined(JoinEngine::Kernel);
    EXPECT_EQ(std::get<1>(by_pages), 2U * kUsers);
    EXPECT_EQ(std::get<2>(by_pages), 0U);
    for (const JoinEngine engine : kEngines) {
      EXPECT_EQ(joined(engine), by_pages) << to_string(engine);
    }
  }
}

}  // namespace
}  // namespace provender::offline
