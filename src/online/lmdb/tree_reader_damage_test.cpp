#include <array>
#include <optional>
#include <random>

#include <gtest/gtest.h>

#include "online/lmdb/test_store.hpp"
#include "online/lmdb/tree_reader.hpp"

// Trees whose bytes contradict themselves: the reader says so, and never looks outside the file.

namespace provender::online::lmdb {
namespace {

constexpr std::size_t kLmdbPage = TreeReader::kPageSize;
constexpr std::array<std::uint32_t, 3> kIds = {7, 8, 9};

/// A file of one branch, one leaf and one overflow page, as LMDB lays them out, to be damaged.
class DamagedTree : public testing::Test {
 protected:
  static constexpr std::size_t kLeafNode = 4'000;
  static constexpr std::size_t kFarNode = 3'900;

  DamagedTree() : file_(3 * kLmdbPage, '\0') {
    put_page(0, kBranch, 1);
    put_node(0, 0, 4'000, {.low = 1, .key = ""});
    put_page(1, kLeaf, 2);
    put_node(1, 0, kLeafNode, {.low = 3, .key = store_key(7), .data = "row"});
    put_node(1,
             1,
             kFarNode,
             {.low = 4'000, .flags = 1, .key = store_key(8), .data = {"\2\0\0\0\0\0\0\0", 8}});
    put_page(2, kOverflow, 0);
    store_le(file_.data() + 2 * kLmdbPage + 12, std::uint32_t{1});
  }
  static std::string store_key(std::uint32_t id) {
    std::string key;
    assign_store_key(key, {.entity_set = 1, .key = key_of(0), .store_id = id});
    return key;
  }
  void put_page(std::size_t page, std::uint16_t flags, std::size_t nodes) {
    char* const at = file_.data() + page * kLmdbPage;
    store_le(at, std::uint64_t{page});
    store_le(at + 10, flags);
    store_le(at + 12, static_cast<std::uint16_t>(kPageHeaderSize + 2 * nodes));
  }
  struct NodeParts {
    std::uint32_t low = 0;  ///< of the child's number, or the size of the data
    std::uint16_t flags = 0;
    std::string_view key;
    std::string_view data;
  };
  void put_node(std::size_t page, std::size_t index, std::size_t offset, const NodeParts& node) {
    char* const at = file_.data() + page * kLmdbPage;
    store_le(at + kPageHeaderSize + 2 * index, static_cast<std::uint16_t>(offset));
    store_le(at + offset, node.low);
    store_le(at + offset + 4, node.flags);
    store_le(at + offset + 6, static_cast<std::uint16_t>(node.key.size()));
    node.key.copy(at + offset + kNodeHeaderSize, node.key.size());
    node.data.copy(at + offset + kNodeHeaderSize + node.key.size(), node.data.size());
  }
  /// The rows of one entity; nullopt: the tree is damaged.
  std::optional<std::array<std::string_view, kIds.size()>> answer(std::uint16_t depth = 2) const {
    TreeReader tree;
    tree.begin({.begin = file_.data(), .last_page = 2, .root = 0, .depth = depth});
    const std::string key = key_of(0);
    const Lookup lookup{.entity_set = 1, .key = key, .store_ids = kIds};
    std::array<std::string_view, kIds.size()> rows;
    if (!tree.read(std::span(&lookup, 1), rows)) return std::nullopt;
    return rows;
  }
  /// That the tree is taken for damaged with these bytes there, and whole without them.
  template <class T>
  void expect_seen(std::size_t at, T damage) {
    const std::string whole = file_;
    store_le(file_.data() + at, damage);
    EXPECT_EQ(answer(), std::nullopt) << at;
    file_ = whole;
    EXPECT_TRUE(answer()) << at;
  }

  std::string file_;
};

TEST_F(DamagedTree, IsReadWhileItIsWhole) {
  const auto rows = answer();
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->at(0), "row");
  EXPECT_EQ(rows->at(1), std::string_view(file_).substr(2 * kLmdbPage + kPageHeaderSize, 4'000));
  EXPECT_EQ(rows->at(2), "");
}

TEST_F(DamagedTree, IsLeftWhereItNamesAPageBehindTheLast) {
  expect_seen(4'000, std::uint32_t{3});
  expect_seen(4'004, std::uint16_t{1});
}

TEST_F(DamagedTree, IsLeftWhereAPageIsOfAnotherKindOrPlace) {
  expect_seen(10, kLeaf);
  expect_seen(kLmdbPage + 10, kBranch);
  expect_seen(kLmdbPage, std::uint64_t{2});
  expect_seen(4'000, std::uint32_t{0});  // the root below itself
  EXPECT_EQ(answer(0), std::nullopt);
  EXPECT_EQ(answer(1), std::nullopt);
  EXPECT_EQ(answer(3), std::nullopt);
}

TEST_F(DamagedTree, IsLeftWhereAPagesOffsetsEndOutsideIt) {
  expect_seen(kLmdbPage + 12, std::uint16_t{65'534});
  expect_seen(kLmdbPage + 12, std::uint16_t{3});
}

TEST_F(DamagedTree, IsLeftWhereANodeEndsOutsideItsPage) {
  expect_seen(kLmdbPage + kPageHeaderSize, std::uint16_t{kLmdbPage - 4});
  expect_seen(kLmdbPage + kPageHeaderSize, std::uint16_t{65'535});
  expect_seen(kLmdbPage + kLeafNode + 6, std::uint16_t{1'000});
  expect_seen(kLmdbPage + kLeafNode, std::uint32_t{1'000});
}

TEST_F(DamagedTree, IsLeftWhereANodeIsOfAKindThatStoresDoNotHave) {
  expect_seen(kLmdbPage + kLeafNode + 4, std::uint16_t{2});
}

TEST_F(DamagedTree, IsLeftWhereARowLiesInNoOverflowPage) {
  expect_seen(kLmdbPage + kFarNode, std::uint32_t{5'000});
  expect_seen(2 * kLmdbPage + 12, std::uint32_t{2});
  expect_seen(2 * kLmdbPage + 10, kLeaf);
  expect_seen(2 * kLmdbPage, std::uint64_t{1});
  expect_seen(kLmdbPage + kFarNode + kNodeHeaderSize + store_key(8).size(), std::uint64_t{3});
}

/// The sanitizer sees what is read outside; a row is in the file or is none.
TEST_F(DamagedTree, IsReadToAnEndWhateverItsBytesAre) {
  const std::string whole = file_;
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    file_ = whole;
    for (std::size_t change = 0; change <= random() % 4; ++change) {
      const std::size_t page = random() % 3 * kLmdbPage;
      const std::size_t at = random() % 2 == 0 ? random() % 24 : kFarNode + random() % 196;
      file_[page + at] = static_cast<char>(random());
    }
    const auto rows = answer(static_cast<std::uint16_t>(1 + random() % 4));
    if (!rows) continue;
    for (const std::string_view row : *rows) {
      if (row.empty()) continue;
      ASSERT_GE(row.data(), file_.data());
      ASSERT_LE(row.data() + row.size(), file_.data() + file_.size());
    }
  }
}

}  // namespace
}  // namespace provender::online::lmdb
