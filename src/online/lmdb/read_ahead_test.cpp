#include "online/lmdb/read_ahead.hpp"

#include <array>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "online/lmdb/environment.hpp"
#include "online/lmdb/mapping.hpp"
#include "online/lmdb/page.hpp"
#include "online/lmdb/test_store.hpp"
#include "online/store_key.hpp"

namespace provender::online::lmdb {
namespace {

constexpr std::size_t kTreePage = 4096;
constexpr std::int64_t kEntities = 5'000;
constexpr std::array<std::uint32_t, 3> kViews = {7, 8, 9};

/// How many of 32 numbers, `step` apart, the walks came to.
std::size_t walk(ReadAhead& ahead, std::int64_t begin, std::int64_t step) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < ReadAhead::kAtOnce; ++i) {
    keys.push_back(key_of(begin + static_cast<std::int64_t>(i) * step));
  }
  std::vector<Lookup> lookups;
  for (const std::string& key : keys) {
    lookups.push_back({.entity_set = 1, .key = key, .store_ids = kViews});
  }
  return ahead.walk(lookups);
}

/// A transaction that reads entities of three views each.
class ReadAheadTest : public StoreFolder {
 protected:
  void begin(std::string_view payload) {
    ASSERT_TRUE(write_numbers(*open(), kEntities, 1, payload, {7, 8, 9}));
    auto opened = Environment::open(options_);
    ASSERT_TRUE(opened) << opened.error().message();
    environment_.emplace(*std::move(opened));
    auto transaction = environment_->begin_read();
    ASSERT_TRUE(transaction);
    transaction_ = *std::move(transaction);
  }
  void TearDown() override {
    transaction_.reset();
    environment_.reset();
  }

  void commit_something() {
    auto writer = environment_->begin_write();
    ASSERT_TRUE(writer);
    MDB_val key = to_val("key");
    MDB_val row = to_val("row");
    ASSERT_EQ(mdb_put(writer->get(), kTable, &key, &row, 0), MDB_SUCCESS);
    ASSERT_TRUE(environment_->commit(*std::move(writer)));
  }

  std::optional<Environment> environment_;
  Transaction transaction_;
};

TEST_F(ReadAheadTest, KnowsWhereTheFileIsMapped) {
  begin("x");
  const auto first = environment_->data().read_at(0, kTreePage);
  ASSERT_TRUE(first);
  ASSERT_NE(environment_->mapped(), nullptr);
  EXPECT_EQ(std::string_view(environment_->mapped(), kTreePage), *first);
  EXPECT_EQ(mapped_file(nullptr), nullptr);
  ReadAhead ahead;
  ahead.begin(transaction_.get(), nullptr);
  EXPECT_FALSE(ahead.has_begun());
}

TEST_F(ReadAheadTest, ComesToEveryRowThatIsStoredAndToNoOther) {
  begin(std::string(100, 'x'));
  ReadAhead ahead;
  ahead.begin(transaction_.get(), environment_->mapped());
  ASSERT_TRUE(ahead.has_begun());
  std::size_t found = 0;
  for (std::int64_t i = 0; i < kEntities; i += ReadAhead::kAtOnce) {
    found += walk(ahead, i, 1);
  }
  EXPECT_EQ(found, kEntities);
  EXPECT_EQ(walk(ahead, 5, 150), 32);
  EXPECT_EQ(walk(ahead, kEntities, 1), 0);
  EXPECT_EQ(walk(ahead, -kEntities, 1), 0);
}

TEST_F(ReadAheadTest, ComesToRowsThatLieOutsideTheTree) {
  begin(std::string(10'000, 'x'));
  ReadAhead ahead;
  ahead.begin(transaction_.get(), environment_->mapped());
  EXPECT_EQ(walk(ahead, 0, 100), 32);
}

TEST_F(ReadAheadTest, DoesNothingOnceTheStateOfItsTransactionIsOverwritten) {
  begin("x");
  ReadAhead ahead;
  commit_something();
  ahead.begin(transaction_.get(), environment_->mapped());
  EXPECT_TRUE(ahead.has_begun());
  ahead.end();
  commit_something();
  ahead.begin(transaction_.get(), environment_->mapped());
  EXPECT_FALSE(ahead.has_begun());
  EXPECT_EQ(walk(ahead, 0, 1), 0);
}

/// A file of one branch and one leaf, as LMDB lays them out, to be damaged.
class DamagedTree : public testing::Test {
 protected:
  DamagedTree() : file_(2 * kTreePage, '\0') {
    put_page(0, 0x01, 1);
    put_node(0, 0, 4000, /*low=*/1, "");
    std::string key;
    assign_store_key(key, {.entity_set = 1, .key = key_of(0), .store_id = kViews.front()});
    put_page(1, 0x02, 1);
    put_node(1, 0, 4000, /*low=*/3, key);
  }
  void put_page(std::size_t page, std::uint16_t flags, std::size_t nodes) {
    char* const at = file_.data() + page * kTreePage;
    store_le(at, std::uint64_t{page});
    store_le(at + 10, flags);
    store_le(at + 12, static_cast<std::uint16_t>(kPageHeaderSize + 2 * nodes));
  }
  void put_node(std::size_t page,
                std::size_t index,
                std::uint16_t offset,
                std::uint32_t low,
                std::string_view key) {
    char* const at = file_.data() + page * kTreePage;
    store_le(at + kPageHeaderSize + 2 * index, offset);
    if (offset + kNodeHeaderSize + key.size() > kTreePage) return;
    store_le(at + offset, low);
    store_le(at + offset + 4, std::uint16_t{0});
    store_le(at + offset + 6, static_cast<std::uint16_t>(key.size()));
    key.copy(at + offset + kNodeHeaderSize, key.size());
  }
  std::size_t found() const {
    ReadAhead ahead;
    ahead.begin({.begin = file_.data(), .last_page = 1, .root = 0, .depth = 2});
    return walk(ahead, 0, 1);
  }

  std::string file_;
};

TEST_F(DamagedTree, IsWalkedWhileItIsWhole) {
  EXPECT_EQ(found(), 1);
}

TEST_F(DamagedTree, IsLeftWhereItNamesAPageBehindTheLast) {
  put_node(0, 0, 4000, /*low=*/1'000'000'000, "");
  EXPECT_EQ(found(), 0);
}

TEST_F(DamagedTree, IsLeftWhereAPagesOffsetsEndOutsideIt) {
  store_le(file_.data() + kTreePage + 12, std::uint16_t{65'534});
  EXPECT_EQ(found(), 0);
  store_le(file_.data() + kTreePage + 12, std::uint16_t{3});
  EXPECT_EQ(found(), 0);
}

TEST_F(DamagedTree, IsLeftWhereANodeEndsOutsideItsPage) {
  put_node(1, 0, kTreePage - 4, 3, "");
  EXPECT_EQ(found(), 0);
  put_node(1, 0, 4000, 3, "");
  store_le(file_.data() + kTreePage + 4006, std::uint16_t{1'000});
  EXPECT_EQ(found(), 0);
}

}  // namespace
}  // namespace provender::online::lmdb
