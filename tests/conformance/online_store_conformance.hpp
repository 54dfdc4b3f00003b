#pragma once

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "conformance/store_quirks.hpp"

#include "codec/key_codec.hpp"
#include "codec/row_codec.hpp"

// What every online store does. Include it in one .cpp per test program and instantiate the suite
// with the quirks of each store there.

namespace provender::online {

/// A row of these order numbers with `payload` behind them.
inline std::string row_of(const RowOrder& order, std::string_view payload) {
  std::string row;
  codec::append_order(row, order);
  row.append(payload);
  return row;
}

inline std::string row_of(std::int64_t event_timestamp, std::string_view payload) {
  return row_of({.event_timestamp = event_timestamp, .created_timestamp = 0, .sequence = 0},
                payload);
}

inline std::string key_of(std::int64_t number) {
  std::string key;
  codec::append_key_part(key, ValueView(number));
  return key;
}

/// A WriteRow that owns its bytes.
struct OwnedRow {
  std::string key;
  std::string row;
  std::uint32_t store_id = 7;
  std::uint32_t entity_set = 1;

  WriteRow view() const {
    return {.entity_set = entity_set, .key = key, .store_id = store_id, .row = row};
  }
};

class OnlineStoreConformance : public testing::TestWithParam<StoreQuirks> {
 protected:
  void TearDown() override {
    store_.reset();
    GetParam().clean_up();
  }

  void SetUp() override {
    auto opened = GetParam().open();
    ASSERT_TRUE(opened) << opened.error().message();
    store_ = *std::move(opened);
  }

  /// The rows of the lookups, copied.
  std::vector<std::string> read(std::span<const Lookup> lookups) {
    std::optional<std::vector<std::string>> rows;
    store_->read(lookups, [&](Result<std::span<const std::string_view>> found) {
      ASSERT_TRUE(found) << found.error().message();
      ASSERT_FALSE(rows) << "called twice";
      rows.emplace(found->begin(), found->end());
    });
    if (!rows) GetParam().run_callbacks();
    EXPECT_TRUE(rows) << "never called";
    return rows.value_or(std::vector<std::string>{});
  }

  std::string read_one(std::string_view key, std::uint32_t store_id = 7, std::uint32_t set = 1) {
    const Lookup lookup{.entity_set = set, .key = key, .store_ids = std::span(&store_id, 1)};
    const auto rows = read(std::span(&lookup, 1));
    return rows.size() == 1 ? rows.front() : "<" + std::to_string(rows.size()) + " rows>";
  }

  /// The indexes of the rows that were kept back; nullopt on an error.
  std::optional<std::vector<std::size_t>> write(const std::vector<OwnedRow>& rows) {
    std::vector<WriteRow> views;
    for (const OwnedRow& row : rows) {
      views.push_back(row.view());
    }
    const auto result = store_->write(views);
    EXPECT_TRUE(result) << result.error().message();
    if (!result) return std::nullopt;
    EXPECT_EQ(result->written + result->kept.size(), rows.size());
    return result->kept;
  }

  bool write_one(const std::string& key, const std::string& row) {
    return write({{.key = key, .row = row}}) == std::vector<std::size_t>{};
  }

  /// So many, or the share of it that the store gets.
  static int many(int count) { return count / GetParam().share; }

  std::uint64_t row_count() {
    const auto stats = store_->stats();
    EXPECT_TRUE(stats) << stats.error().message();
    return stats ? stats->rows : 0;
  }

  std::unique_ptr<OnlineStore> store_;
};

TEST_P(OnlineStoreConformance, FindsNothingInAnEmptyStore) {
  EXPECT_EQ(read_one(key_of(1)), "");
  EXPECT_EQ(row_count(), 0);
}

TEST_P(OnlineStoreConformance, ReadsBackWhatWasWritten) {
  const std::string row = row_of(1, std::string("any\0bytes\xFF", 10));
  EXPECT_TRUE(write_one(key_of(1), row));
  EXPECT_EQ(read_one(key_of(1)), row);
  EXPECT_EQ(row_count(), 1);
}

TEST_P(OnlineStoreConformance, TellsEntitySetsKeysAndStoreIdsApart) {
  ASSERT_TRUE(write({{.key = key_of(1), .row = row_of(1, "a")},
                     {.key = key_of(1), .row = row_of(1, "b"), .store_id = 8},
                     {.key = key_of(2), .row = row_of(1, "c")},
                     {.key = key_of(1), .row = row_of(1, "d"), .entity_set = 2}}));
  EXPECT_EQ(read_one(key_of(1), 7, 1), row_of(1, "a"));
  EXPECT_EQ(read_one(key_of(1), 8, 1), row_of(1, "b"));
  EXPECT_EQ(read_one(key_of(2), 7, 1), row_of(1, "c"));
  EXPECT_EQ(read_one(key_of(1), 7, 2), row_of(1, "d"));
  EXPECT_EQ(read_one(key_of(2), 8, 1), "");
  EXPECT_EQ(read_one(key_of(1), 7, 3), "");
}

TEST_P(OnlineStoreConformance, AnswersManyLookupsInTheirOrder) {
  std::vector<std::string> keys;
  std::vector<OwnedRow> rows;
  for (int i = 0; i < 300; ++i) {
    keys.push_back(key_of(i));
    if (i % 3 == 0) {
      rows.push_back(
          {.key = keys.back(), .row = row_of(i, "row of " + std::to_string(i)), .store_id = 9});
    }
  }
  ASSERT_TRUE(write(rows));

  std::mt19937 random(1);
  std::ranges::shuffle(keys, random);
  constexpr std::uint32_t kStoreIds[] = {12, 9, 3};  // in no order; only 9 has rows
  std::vector<Lookup> lookups;
  for (const std::string& key : keys) {
    lookups.push_back({.entity_set = 1, .key = key, .store_ids = kStoreIds});
  }
  lookups.push_back({.entity_set = 1, .key = keys.front(), .store_ids = {}});
  lookups.push_back(lookups.front());

  const auto found = read(lookups);
  ASSERT_EQ(found.size(), 3 * (keys.size() + 1));
  for (std::size_t i = 0; i <= keys.size(); ++i) {
    const std::string& key = keys[i % keys.size()];
    const auto number = std::get<std::int64_t>(
        codec::decode_key(key, std::vector{Type{.kind = Kind::Int64}})->front().storage);
    EXPECT_EQ(found[i * 3], "");
    EXPECT_EQ(found[i * 3 + 1],
              number % 3 == 0 ? row_of(number, "row of " + std::to_string(number)) : "");
    EXPECT_EQ(found[i * 3 + 2], "");
  }
}

TEST_P(OnlineStoreConformance, AnswersAnEmptyReadAndAnEmptyWrite) {
  EXPECT_TRUE(read({}).empty());
  EXPECT_TRUE(write({}));
  EXPECT_EQ(row_count(), 0);
}

TEST_P(OnlineStoreConformance, KeepsTheRowOfTheGreaterOrder) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  const std::vector<RowOrder> ascending = {
      {.event_timestamp = -5, .created_timestamp = 9, .sequence = 9},
      {.event_timestamp = 5, .created_timestamp = kMin, .sequence = 9},
      {.event_timestamp = 5, .created_timestamp = -1, .sequence = 0},
      {.event_timestamp = 5, .created_timestamp = 1, .sequence = 0},
      {.event_timestamp = 5, .created_timestamp = 1, .sequence = 256}};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    EXPECT_TRUE(write_one(key_of(1), row_of(ascending[i], "newer")));
    for (std::size_t older = 0; older < i; ++older) {
      EXPECT_FALSE(write_one(key_of(1), row_of(ascending[older], "a longer one that is older")));
    }
    EXPECT_EQ(read_one(key_of(1)), row_of(ascending[i], "newer"));
  }
  EXPECT_EQ(row_count(), 1);
}

TEST_P(OnlineStoreConformance, ReplacesARowOfTheSameOrder) {
  EXPECT_TRUE(write_one(key_of(1), row_of(5, "first")));
  EXPECT_TRUE(write_one(key_of(1), row_of(5, "second, of another length")));
  EXPECT_TRUE(write_one(key_of(1), row_of(5, "")));
  EXPECT_EQ(read_one(key_of(1)), row_of(5, ""));
}

TEST_P(OnlineStoreConformance, RepeatingAWriteChangesNothing) {
  const std::vector<OwnedRow> rows = {{.key = key_of(1), .row = row_of(1, "a")},
                                      {.key = key_of(2), .row = row_of(2, "b")}};
  for (int time = 0; time < 3; ++time) {
    EXPECT_EQ(write(rows), std::vector<std::size_t>{});
    EXPECT_EQ(read_one(key_of(1)), row_of(1, "a"));
    EXPECT_EQ(read_one(key_of(2)), row_of(2, "b"));
    EXPECT_EQ(row_count(), 2);
  }
}

TEST_P(OnlineStoreConformance, NamesTheRowsThatItKeptBack) {
  ASSERT_TRUE(write({{.key = key_of(2), .row = row_of(9, "stored")}}));
  EXPECT_EQ(write({{.key = key_of(1), .row = row_of(1, "new")},
                   {.key = key_of(2), .row = row_of(8, "late")},
                   {.key = key_of(3), .row = row_of(1, "new")},
                   {.key = key_of(3), .row = row_of(0, "late in the same write")}}),
            (std::vector<std::size_t>{1, 3}));
  EXPECT_EQ(read_one(key_of(2)), row_of(9, "stored"));
  EXPECT_EQ(read_one(key_of(3)), row_of(1, "new"));
}

TEST_P(OnlineStoreConformance, TakesRowsInAnyOrder) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(many(5'000)));
  std::iota(numbers.begin(), numbers.end(), 0);
  std::mt19937 random(2);
  for (int round = 0; round < 3; ++round) {
    std::ranges::shuffle(numbers, random);
    std::vector<OwnedRow> rows;
    for (const auto number : numbers) {
      rows.push_back(
          {.key = key_of(number),
           .row = row_of(round, std::string(static_cast<std::size_t>(number % 300), 'x'))});
    }
    EXPECT_EQ(write(rows), std::vector<std::size_t>{});
  }
  EXPECT_EQ(row_count(), numbers.size());
  for (const auto number : numbers) {
    ASSERT_EQ(read_one(key_of(number)),
              row_of(2, std::string(static_cast<std::size_t>(number % 300), 'x')));
  }
}

TEST_P(OnlineStoreConformance, TakesABatchOfManyRows) {
  std::vector<OwnedRow> rows;
  for (int i = 0; i < many(25'000); ++i) {
    rows.push_back({.key = key_of(i), .row = row_of(1, std::to_string(i))});
  }
  EXPECT_EQ(write(rows), std::vector<std::size_t>{});
  EXPECT_EQ(row_count(), rows.size());
  for (int i = 0; i < many(25'000); i += 999) {
    EXPECT_EQ(read_one(key_of(i)), row_of(1, std::to_string(i)));
  }
}

TEST_P(OnlineStoreConformance, TakesTheLongestKey) {
  const auto key_ending = [](char last) {
    std::string key;
    const std::string bytes = std::string(kMaxKeySize - 3, '\xFF') + last;
    codec::append_key_part(key, ValueView(Kind::Bytes, bytes));
    EXPECT_EQ(key.size(), kMaxKeySize);
    return key;
  };
  constexpr std::uint32_t kText = 4;  // the entity set whose key is bytes
  ASSERT_TRUE(write({{.key = key_ending('\xFF'), .row = row_of(1, "a"), .entity_set = kText},
                     {.key = key_ending('\xFE'), .row = row_of(1, "b"), .entity_set = kText}}));
  EXPECT_EQ(read_one(key_ending('\xFE'), 7, kText), row_of(1, "b"));
  EXPECT_EQ(read_one(key_ending('\xFF'), 7, kText), row_of(1, "a"));
}

TEST_P(OnlineStoreConformance, RefusesWhatIsNoRowAndStoresNothingOfTheBatch) {
  const auto code_of = [&](const std::string& key, const std::string& row) {
    const std::vector<OwnedRow> rows = {{.key = key_of(1), .row = row_of(1, "good")},
                                        {.key = key, .row = row}};
    const std::vector<WriteRow> views = {rows[0].view(), rows[1].view()};
    const auto result = store_->write(views);
    return result ? "stored" : std::string(to_string(result.error().code()));
  };
  EXPECT_EQ(code_of(std::string(kMaxKeySize + 1, 'k'), row_of(1, "")), "invalid_argument");
  EXPECT_EQ(code_of("", row_of(1, "")), "invalid_argument");
  EXPECT_EQ(code_of(key_of(2), std::string(codec::kOrderSize - 1, '\0')), "invalid_argument");
  EXPECT_EQ(row_count(), 0);
}

TEST_P(OnlineStoreConformance, HasNoRowForAKeyThatIsTooLong) {
  EXPECT_EQ(read_one(std::string(kMaxKeySize + 1, 'k')), "");
  EXPECT_EQ(read_one(std::string(std::size_t{1} << 20U, 'k')), "");
  EXPECT_EQ(read_one(""), "");
}

TEST_P(OnlineStoreConformance, TakesRowsOfAMegabyteAndReplacesThem) {
  const std::string small = row_of(1, "small");
  for (int i = 0; i < std::max(many(8), 2); ++i) {
    const std::string big =
        row_of(2 * i, std::string(std::size_t{1} << 20U, static_cast<char>('a' + i)));
    EXPECT_TRUE(write_one(key_of(1), big));
    EXPECT_EQ(read_one(key_of(1)), big);
    EXPECT_TRUE(write_one(key_of(1), row_of(2 * i + 1, "small")));
    EXPECT_EQ(read_one(key_of(1)), row_of(2 * i + 1, "small"));
  }
}

TEST_P(OnlineStoreConformance, MayBeReadAndWrittenFromACallback) {
  ASSERT_TRUE(write_one(key_of(1), row_of(1, "before")));
  const std::uint32_t store_id = 7;
  const std::string key = key_of(1);
  const Lookup lookup{.entity_set = 1, .key = key, .store_ids = std::span(&store_id, 1)};
  bool called = false;
  store_->read(std::span(&lookup, 1), [&](Result<std::span<const std::string_view>> found) {
    ASSERT_TRUE(found);
    EXPECT_TRUE(write_one(key, row_of(2, "after")));
    EXPECT_EQ(read_one(key), row_of(2, "after"));
    EXPECT_EQ(found->front(), row_of(1, "before"))
        << "what was found stays as it is during the call";
    called = true;
  });
  if (!called) GetParam().run_callbacks();
  EXPECT_TRUE(called);
}

TEST_P(OnlineStoreConformance, SweepsTheRowsOfTheseStoreIdsOnly) {
  std::vector<OwnedRow> rows;
  const int count = many(12'000);
  for (int i = 0; i < count; ++i) {
    for (const std::uint32_t store_id : {7U, 8U, 9U}) {
      rows.push_back({.key = key_of(i), .row = row_of(1, "x"), .store_id = store_id});
    }
  }
  ASSERT_TRUE(write(rows));
  constexpr std::uint32_t kOld[] = {9, 7, 1000};
  const auto removed = store_->sweep(kOld, {});
  ASSERT_TRUE(removed) << removed.error().message();
  EXPECT_EQ(*removed, 2 * count);
  EXPECT_EQ(row_count(), count);
  EXPECT_EQ(read_one(key_of(count - 1), 7), "");
  EXPECT_EQ(read_one(key_of(count - 1), 8), row_of(1, "x"));
  EXPECT_EQ(read_one(key_of(0), 9), "");
  EXPECT_EQ(store_->sweep(kOld, {}).value_or(99), 0);
  EXPECT_EQ(store_->sweep({}, {}).value_or(99), 0);
}

TEST_P(OnlineStoreConformance, StopsASweepWhenAsked) {
  ASSERT_TRUE(write_one(key_of(1), row_of(1, "x")));
  std::stop_source stop;
  stop.request_stop();
  constexpr std::uint32_t kOld[] = {7};
  const auto removed = store_->sweep(kOld, stop.get_token());
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code(), ErrorCode::Cancelled);
  EXPECT_EQ(read_one(key_of(1)), row_of(1, "x"));
}

TEST_P(OnlineStoreConformance, CountsRowsAndBytes) {
  const auto before = store_->stats();
  ASSERT_TRUE(before);
  std::vector<OwnedRow> rows;
  for (int i = 0; i < 1000; ++i) {
    rows.push_back({.key = key_of(i), .row = row_of(1, std::string(1000, 'x'))});
  }
  ASSERT_TRUE(write(rows));
  const auto after = store_->stats();
  ASSERT_TRUE(after);
  EXPECT_EQ(after->rows, 1000);
  EXPECT_GE(after->bytes, before->bytes + 1'000'000);
  EXPECT_LE(after->bytes, before->bytes + 3'000'000);
}

TEST_P(OnlineStoreConformance, FlushesAtAnyTime) {
  EXPECT_TRUE(store_->flush());
  ASSERT_TRUE(write_one(key_of(1), row_of(1, "x")));
  EXPECT_TRUE(store_->flush());
  EXPECT_TRUE(store_->flush());
  EXPECT_EQ(read_one(key_of(1)), row_of(1, "x"));
}

}  // namespace provender::online
