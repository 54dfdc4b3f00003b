#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "conformance/store_quirks.hpp"

#include "codec/key_codec.hpp"
#include "codec/row_codec.hpp"

// What every online store does when threads use it at once; also run under the thread sanitizer.

namespace provender::online {

class OnlineStoreRaces : public testing::TestWithParam<StoreQuirks> {
 protected:
  static constexpr int kKeys = 50;
  static constexpr std::uint32_t kStoreIds[] = {7, 8};

  void TearDown() override {
    store_.reset();
    GetParam().clean_up();
  }

  void SetUp() override {
    auto opened = GetParam().open();
    ASSERT_TRUE(opened) << opened.error().message();
    store_ = *std::move(opened);
    for (int i = 0; i < kKeys; ++i) {
      codec::append_key_part(keys_.emplace_back(), ValueView(std::int64_t{i}));
    }
    for (const std::string& key : keys_) {
      lookups_.push_back({.entity_set = 1, .key = key, .store_ids = kStoreIds});
    }
  }

  /// A row that says its order once more behind it, and is of a length of its own.
  static std::string row_of(std::uint64_t sequence) {
    std::string row;
    codec::append_order(row, {.event_timestamp = 0, .created_timestamp = 0, .sequence = sequence});
    row.append(std::to_string(sequence)).append(sequence % 400, 'x');
    return row;
  }

  /// Writes the sequences first, first + step, … below `end` to every key.
  void write_all(std::uint64_t first, std::uint64_t step, std::uint64_t end) {
    for (std::uint64_t sequence = first; sequence < end; sequence += step) {
      const std::string row = row_of(sequence);
      std::vector<WriteRow> rows;
      for (const std::string& key : keys_) {
        for (const std::uint32_t store_id : kStoreIds) {
          rows.push_back({.entity_set = 1, .key = key, .store_id = store_id, .row = row});
        }
      }
      const auto written = store_->write(rows);
      EXPECT_TRUE(written) << written.error().message();
    }
  }

  /// Reads every key; each row is whole, and none is less than what was read there before.
  void read_all(std::vector<std::string>& last) {
    store_->read(lookups_, [&](Result<std::span<const std::string_view>> found) {
      ASSERT_TRUE(found) << found.error().message();
      ASSERT_EQ(found->size(), kKeys * std::size(kStoreIds));
      last.resize(found->size());
      for (std::size_t i = 0; i < found->size(); ++i) {
        const std::string_view row = (*found)[i];
        if (row.empty()) continue;
        const auto digits = row.substr(codec::kOrderSize);
        ASSERT_EQ(row, row_of(std::stoull(std::string(digits.substr(0, digits.find('x'))))));
        ASSERT_TRUE(last[i].empty() || codec::replaces(row, last[i])) << "the row went back";
        last[i] = row;
      }
    });
    GetParam().run_callbacks();
  }

  std::unique_ptr<OnlineStore> store_;
  std::vector<std::string> keys_;
  std::vector<Lookup> lookups_;
};

TEST_P(OnlineStoreRaces, RacingWritersConvergeAndReadersSeeWholeRowsThatOnlyGrow) {
  const std::uint64_t end = 200 / static_cast<std::uint64_t>(GetParam().share);
  std::atomic<bool> done = false;
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 2; ++i) {
      readers.emplace_back([&] {
        std::vector<std::string> last;
        while (!done) {
          read_all(last);
        }
      });
    }
    {
      std::vector<std::jthread> writers;
      for (std::uint64_t first = 0; first < 3; ++first) {
        writers.emplace_back([&, first] { write_all(first, 3, end); });
      }
    }
    done = true;
  }
  std::vector<std::string> last;
  read_all(last);
  for (const std::string& row : last) {
    EXPECT_EQ(row, row_of(end - 1));
  }
}

TEST_P(OnlineStoreRaces, SweepsFlushesAndStatsRunBesideWritesAndReads) {
  std::atomic<bool> done = false;
  {
    std::jthread reader([&] {
      while (!done) {
        store_->read(lookups_, [](Result<std::span<const std::string_view>> found) {
          EXPECT_TRUE(found) << found.error().message();
        });
        GetParam().run_callbacks();
      }
    });
    std::jthread sweeper([&] {
      constexpr std::uint32_t kOld[] = {8};
      while (!done) {
        EXPECT_TRUE(store_->sweep(kOld, {}));
        EXPECT_TRUE(store_->flush());
        EXPECT_TRUE(store_->stats());
      }
    });
    write_all(0, 1, 100 / static_cast<std::uint64_t>(GetParam().share));
    done = true;
  }
  constexpr std::uint32_t kOld[] = {8};
  ASSERT_TRUE(store_->sweep(kOld, {}));
  const auto stats = store_->stats();
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->rows, kKeys);
}

}  // namespace provender::online
