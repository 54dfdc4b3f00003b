#include "online/lmdb/tree_reader.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <vector>

#include <gmock/gmock.h>

#include "online/lmdb/environment.hpp"
#include "online/lmdb/mapping.hpp"
#include "online/lmdb/page.hpp"
#include "online/lmdb/test_store.hpp"

namespace provender::online::lmdb {
namespace {

using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::size_t kTreePage = TreeReader::kPageSize;
constexpr std::int64_t kEntities = 5'000;
constexpr std::array<std::uint32_t, 3> kViews = {7, 8, 9};

/// A question, with the memory that it refers to.
struct Question {
  std::vector<std::string> keys;
  std::vector<std::vector<std::uint32_t>> store_ids;  ///< of each key

  std::vector<Lookup> lookups() const {
    std::vector<Lookup> out;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      out.push_back({.entity_set = 1, .key = keys[i], .store_ids = store_ids[i]});
    }
    return out;
  }
};

/// All views of `count` numbers, `step` apart.
Question question(std::int64_t begin, std::int64_t step, std::int64_t count) {
  Question out;
  for (std::int64_t i = 0; i < count; ++i) {
    out.keys.push_back(key_of(begin + i * step));
    out.store_ids.emplace_back(kViews.begin(), kViews.end());
  }
  return out;
}

/// nullopt: the tree is damaged.
std::optional<std::vector<std::string_view>> ask(TreeReader& tree, const Question& question) {
  const auto lookups = question.lookups();
  std::vector<std::string_view> rows(row_count(lookups));
  if (!tree.read(lookups, rows)) return std::nullopt;
  return rows;
}

/// A transaction that reads a store.
class TreeReaderTest : public StoreFolder {
 protected:
  void make(std::string_view payload) {
    ASSERT_TRUE(write_numbers(*open(), kEntities, 1, payload, {7, 8, 9}));
  }
  void begin() {
    auto opened = Environment::open(options_);
    ASSERT_TRUE(opened) << opened.error().message();
    environment_.emplace(*std::move(opened));
    auto transaction = environment_->begin_read();
    ASSERT_TRUE(transaction);
    transaction_ = *std::move(transaction);
    ASSERT_TRUE(begin_tree());
  }
  bool begin_tree() { return tree_.begin(transaction_.get(), environment_->mapped()); }
  void TearDown() override {
    transaction_.reset();
    environment_.reset();
  }

  /// The rows, as LMDB itself finds them.
  std::vector<std::string_view> expected(const Question& question) const {
    std::vector<std::string_view> out;
    std::string store_key;
    for (const Lookup& lookup : question.lookups()) {
      for (const std::uint32_t id : lookup.store_ids) {
        assign_store_key(store_key, {.entity_set = 1, .key = lookup.key, .store_id = id});
        MDB_val key = to_val(store_key);
        MDB_val row{};
        const int code = mdb_get(transaction_.get(), kTable, &key, &row);
        out.push_back(code == MDB_SUCCESS ? from_val(row) : std::string_view());
      }
    }
    return out;
  }

  std::optional<Environment> environment_;
  Transaction transaction_;
  TreeReader tree_;
};

TEST_F(TreeReaderTest, KnowsWhereTheFileIsMapped) {
  make("x");
  begin();
  const auto first = environment_->data().read_at(0, kTreePage);
  ASSERT_TRUE(first);
  ASSERT_NE(environment_->mapped(), nullptr);
  EXPECT_EQ(std::string_view(environment_->mapped(), kTreePage), *first);
  EXPECT_EQ(mapped_file(nullptr), nullptr);
}

TEST_F(TreeReaderTest, ReadsEveryRowThatIsStoredAndNoOther) {
  make(std::string(100, 'x'));
  begin();
  const auto all = ask(tree_, question(0, 1, kEntities));
  ASSERT_TRUE(all);
  EXPECT_THAT(*all, testing::Each(row_of(1, std::string(100, 'x'))));
  EXPECT_THAT(ask(tree_, question(kEntities, 1, 40)).value(), testing::Each(IsEmpty()));
  EXPECT_THAT(ask(tree_, question(-kEntities, 1, 40)).value(), testing::Each(IsEmpty()));
  EXPECT_THAT(ask(tree_, question(0, 1, 0)).value(), IsEmpty());
}

TEST_F(TreeReaderTest, ReadsRowsThatLieOutsideTheTree) {
  make(std::string(10'000, 'x'));
  begin();
  const auto rows = ask(tree_, question(0, 100, 40));
  ASSERT_TRUE(rows);
  EXPECT_THAT(*rows, testing::Each(row_of(1, std::string(10'000, 'x'))));
}

/// Rows of many sizes, keys of many lengths, and views that some entities lack.
TEST_F(TreeReaderTest, FindsWhatLmdbFinds) {
  std::mt19937 random(1);
  const auto any_key = [&] { return std::string(1 + random() % 60, char('a' + random() % 3)); };
  const auto store = open();
  for (int batch = 0; batch < 20; ++batch) {
    std::vector<std::string> keys(300);
    std::ranges::generate(keys, any_key);
    std::vector<std::string> stored(keys.size());
    std::ranges::generate(stored, [&] {
      return row_of(batch, std::string(random() % (random() % 50 == 0 ? 9'000 : 300), 'x'));
    });
    std::vector<WriteRow> rows;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      rows.push_back({.entity_set = 1,
                      .key = keys[i],
                      .store_id = static_cast<std::uint32_t>(1 + random() % 6),
                      .row = stored[i]});
    }
    ASSERT_TRUE(store->write(rows));
  }
  begin();
  for (int round = 0; round < 300; ++round) {
    Question asked;
    for (std::size_t i = random() % 80; i > 0; --i) {
      asked.keys.push_back(any_key());
      auto& ids = asked.store_ids.emplace_back(random() % 8);
      std::ranges::generate(ids, [&] { return static_cast<std::uint32_t>(random() % 8); });
      if (random() % 2 == 0) std::ranges::sort(ids);
    }
    const auto rows = ask(tree_, asked);
    ASSERT_TRUE(rows) << round;
    EXPECT_THAT(*rows, ElementsAreArray(expected(asked))) << round;
  }
}

TEST_F(TreeReaderTest, IsNotBegunWhileTheStateOfItsTransactionMayBeWrittenOver) {
  make("x");
  begin();
  for (int commits = 1; commits < 4; ++commits) {
    auto writer = environment_->begin_write();
    ASSERT_TRUE(writer);
    MDB_val key = to_val("key");
    const std::string text = "row" + std::to_string(commits);
    MDB_val row = to_val(text);
    ASSERT_EQ(mdb_put(writer->get(), kTable, &key, &row, 0), MDB_SUCCESS);
    ASSERT_TRUE(environment_->commit(*std::move(writer)));
    EXPECT_FALSE(begin_tree()) << commits;
  }
  transaction_ = environment_->begin_read().value();
  EXPECT_TRUE(begin_tree());
}

TEST_F(TreeReaderTest, AStoreWhosePagesAreDamagedWhileItIsOpenAnswersWithAnError) {
  make(std::string(100, 'x'));
  const auto store = open();
  ASSERT_EQ(read_number(*store, 5), row_of(1, std::string(100, 'x')));
  const auto pages = std::filesystem::file_size(data_path()) / kTreePage;
  for (std::size_t page = 2; page < pages; ++page) {
    patch(data_path(), page * kTreePage + 12, "\xFF\xFF");  // where its offsets end
  }
  EXPECT_THAT(read_number(*store, 5), StartsWith("read the online store"));
}

}  // namespace
}  // namespace provender::online::lmdb
