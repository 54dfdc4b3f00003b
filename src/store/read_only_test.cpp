/// A project that may only be read, before it is made and after.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <latch>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "base/poll_loop.hpp"
#include "codec/row_codec.hpp"
#include "online/memory/memory_store.hpp"
#include "registry/sqlite/sqlite_registry.hpp"
#include "store/local_store.hpp"
#include "store/pending_store.hpp"

namespace provender::store {
namespace {

using testing::IsEmpty;

class ReadOnlyProject : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "provender-test-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    std::ofstream(folder_ / "provender.yaml") << "project: test\ndefinitions: [features.yaml]\n";
    std::ofstream(folder_ / "features.yaml") << "entities: {user: {type: int64}}\n";
    store_ = *FeatureStore::open({.project = folder_, .read_only = true});
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// As another process does it.
  void apply() const {
    const auto registry = registry::open_sqlite_registry(
        {.path = folder_ / ".provender/registry.db", .clock = clock_, .create = true});
    ASSERT_TRUE(registry);
    ASSERT_TRUE((*registry)->apply({.definitions = {.project = "test"},
                                    .base_version = 0,
                                    .applied_by = "test",
                                    .summary = ""}));
  }

  SystemClock clock_;
  std::filesystem::path folder_;
  std::unique_ptr<FeatureStore> store_;
};

TEST_F(ReadOnlyProject, WithoutARegistryHasNothingAppliedAndMakesNone) {
  EXPECT_THAT(store_->history().value(), IsEmpty());
  EXPECT_THAT(store_->features().value(), IsEmpty());
  EXPECT_THAT(store_->status().value(), IsEmpty());
  EXPECT_EQ(store_->catalog().value().version, 0U);
  EXPECT_EQ(store_->online().value()->refresh().value(), 0U);
  const auto prepared = store_->prepare({.features = {"f"}});
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().code(), ErrorCode::FailedPrecondition);
  EXPECT_FALSE(std::filesystem::exists(folder_ / ".provender"));
}

TEST_F(ReadOnlyProject, FindsTheRegistryOnceItIsMade) {
  EXPECT_EQ(store_->online().value()->refresh().value(), 0U);
  apply();
  EXPECT_EQ(store_->online().value()->refresh().value(), 1U);
  EXPECT_EQ(store_->history().value().size(), 1U);
}

TEST_F(ReadOnlyProject, IsNotWritten) {
  apply();
  const auto runs = store_->materialize({}, {});
  EXPECT_TRUE(!runs || runs->empty());
  EXPECT_FALSE(std::filesystem::exists(folder_ / ".provender/online"));
}

class PendingStore : public testing::Test {
 protected:
  /// The rows that `reader` finds of one entity in two views.
  static std::vector<std::string> read(online::RowReader& reader) {
    const std::vector<std::uint32_t> ids{7, 8};
    const online::Lookup lookup{.entity_set = 1, .key = "k", .store_ids = ids};
    std::vector<std::string> out;
    reader.read(std::span(&lookup, 1), [&](Result<std::span<const std::string_view>> rows) {
      if (!rows) return out.emplace_back(rows.error().message()), void();
      out.assign(rows->begin(), rows->end());
    });
    return out;
  }

  /// On a busy machine opening may take longer than a loop waits.
  static std::vector<std::string> read_patiently(online::RowReader& reader) {
    auto found = read(reader);
    while (found.size() != 2) {
      std::this_thread::yield();
      found = read(reader);
    }
    return found;
  }

  Result<std::unique_ptr<online::OnlineStore>> open() {
    if (error_) return *error_;
    auto store = online::open_memory_store();
    codec::append_order(row_, {.event_timestamp = 1, .created_timestamp = 0, .sequence = 0});
    const online::WriteRow row{.entity_set = 1, .key = "k", .store_id = 8, .row = row_};
    EXPECT_TRUE(store->write(std::span(&row, 1)));
    return store;
  }

  std::optional<Error> error_ = Error(ErrorCode::NotFound, "not made yet");
  std::string row_;
  std::unique_ptr<online::OnlineStore> store_ = make_pending_store([this] { return open(); });
  std::unique_ptr<PollLoop> loop_ = *PollLoop::open();
};

TEST_F(PendingStore, HasNoRowsUntilItIsMade) {
  const auto on_loop = store_->reader_on(*loop_);
  EXPECT_THAT(read(*store_), testing::ElementsAre("", ""));
  EXPECT_THAT(read_patiently(*on_loop), testing::ElementsAre("", ""));
  store_->check([](const Result<>& checked) { EXPECT_TRUE(checked); });
  EXPECT_EQ(store_->stats().value().rows, 0U);
  error_.reset();
  const auto found = read_patiently(*on_loop);
  EXPECT_THAT(found, testing::ElementsAre("", row_));
  EXPECT_THAT(read(*store_), testing::ElementsAre("", row_));
  EXPECT_EQ(store_->stats().value().rows, 1U);
}

TEST_F(PendingStore, SaysWhyItCannotBeOpened) {
  error_ = Error(ErrorCode::Corruption, "it is damaged");
  EXPECT_THAT(read(*store_), testing::ElementsAre("it is damaged"));
  store_->check([](const Result<>& checked) { EXPECT_FALSE(checked); });
}

TEST_F(PendingStore, KeepsNoEventLoopWhileItIsOpened) {
  std::latch may_open(1);
  const auto store = make_pending_store([&] {
    may_open.wait();  // as for a registry that another process has locked
    return open();
  });
  error_.reset();
  const auto on_loop = store->reader_on(*loop_);
  EXPECT_THAT(read(*on_loop), testing::ElementsAre("the registry does not answer: try again"));
  may_open.count_down();
  const auto found = read_patiently(*on_loop);
  EXPECT_THAT(found, testing::ElementsAre("", row_));
}

TEST_F(PendingStore, IsNotWritten) {
  error_.reset();
  EXPECT_EQ(store_->write({}).error().code(), ErrorCode::FailedPrecondition);
  EXPECT_EQ(store_->sweep({}, {}).error().code(), ErrorCode::FailedPrecondition);
}

}  // namespace
}  // namespace provender::store
