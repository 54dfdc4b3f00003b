#include <fcntl.h>
#include <gmock/gmock.h>

#include "online/lmdb/data_file.hpp"
#include "online/lmdb/sync_file.hpp"
#include "online/lmdb/test_store.hpp"

// What a loss of power does: any page that was not synced may be lost. The tests make it so by
// hand, for a machine that has another boot id than the one in the store's record.

namespace provender::online::lmdb {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::int64_t kCount = 3'000;
constexpr std::size_t kPage = 4096;

class PowerLoss : public StoreFolder {
 protected:
  PowerLoss() { options_.sync_interval = std::chrono::hours(1); }

  /// A process writes "synced" and flushes, writes "lost" again and again, and dies.
  void make_torn_store(int writes) {
    ASSERT_EQ(in_child([&] {
                auto* store = open_unclosed(options_);
                if (store == nullptr || !write_numbers(*store, kCount, 1, "synced")) return false;
                if (!store->flush()) return false;
                for (int i = 0; i < writes; ++i) {
                  if (!write_numbers(*store, kCount + i, 2 + i, "lost")) return false;
                }
                return true;
              }),
              0);
  }

  void set_boot(const Id& boot) {
    const auto file = SyncFile::open(synced_path(), O_RDWR);
    ASSERT_TRUE(file);
    auto record = file->read();
    ASSERT_TRUE(record);
    record->boot = boot;
    ASSERT_TRUE(file->write(*record));
  }

  /// Overwrites each page that differs from the state that was synced, as if it had never got to
  /// the disk.
  void lose_pages_since(const std::string& synced, char with) {
    const auto data = File::open(data_path(), O_RDWR);
    ASSERT_TRUE(data);
    const auto now = data->read_at(0, std::size_t{1} << 28U);
    ASSERT_TRUE(now);
    for (std::size_t at = 0; at < now->size(); at += kPage) {
      const auto page = std::string_view(*now).substr(at, kPage);
      if (at < synced.size() && page == std::string_view(synced).substr(at, kPage)) continue;
      ASSERT_TRUE(data->write_at(at, std::string(kPage, with)));
    }
  }

  std::string data_bytes() {
    return File::open(data_path(), O_RDONLY)->read_at(0, std::size_t{1} << 28U).value_or("");
  }
};

TEST_F(PowerLoss, TakesTheStoreBackToItsLastSyncedState) {
  for (const char garbage : {'\0', '\xFF'}) {
    std::filesystem::remove_all(folder_);
    ASSERT_EQ(in_child([&] {
                auto* store = open_unclosed(options_);
                return store != nullptr && write_numbers(*store, kCount, 1, "synced") &&
                       store->flush();
              }),
              0);
    const std::string synced = data_bytes();
    ASSERT_EQ(in_child([&] {
                auto* store = open_unclosed(options_);
                for (int i = 0; i < 10; ++i) {
                  if (!write_numbers(*store, kCount + i, 2 + i, "lost")) return false;
                }
                return true;
              }),
              0);
    lose_pages_since(synced, garbage);
    set_boot({});
    const auto store = open();
    ASSERT_TRUE(store);
    EXPECT_EQ(row_count(*store), kCount);
    for (std::int64_t i = 0; i < kCount; ++i) {
      ASSERT_EQ(read_number(*store, i), row_of(1, "synced"));
    }
    EXPECT_TRUE(write_numbers(*store, kCount + 1, 99, "later"));
    EXPECT_EQ(read_number(*store, kCount), row_of(99, "later"));
  }
}

TEST_F(PowerLoss, AReaderTakesItBackToo) {
  make_torn_store(3);
  set_boot({});
  const auto store = open(read_only());
  ASSERT_TRUE(store);
  EXPECT_EQ(read_number(*store, 0), row_of(1, "synced"));
}

TEST_F(PowerLoss, AKilledProcessLosesNothingWhileTheMachineRunsOn) {
  make_torn_store(3);
  const auto store = open();
  EXPECT_EQ(read_number(*store, 0), row_of(4, "lost"));
  EXPECT_EQ(row_count(*store), kCount + 2);
}

TEST_F(PowerLoss, AClosedStoreLosesNothing) {
  {
    const auto store = open();
    ASSERT_TRUE(write_numbers(*store, kCount, 1, "closed"));
  }
  set_boot({});
  EXPECT_EQ(read_number(*open(), 7), row_of(1, "closed"));
}

TEST_F(PowerLoss, WritesAfterTheNextStartAreOfThatRunOfTheMachine) {
  make_torn_store(1);
  set_boot({});
  ASSERT_EQ(in_child([&] {  // dies without a sync, but this run of the machine goes on
              auto* store = open_unclosed(options_);
              return store != nullptr && write_numbers(*store, 1, 50, "after");
            }),
            0);
  EXPECT_EQ(read_number(*open(), 0), row_of(50, "after"));
}

TEST_F(PowerLoss, SyncsByItselfSoonAfterAWrite) {
  options_.sync_interval = std::chrono::milliseconds(1);
  const auto store = open();
  ASSERT_TRUE(write_numbers(*store, kCount, 1, "x"));
  const auto data = File::open(data_path(), O_RDONLY);
  const auto file = SyncFile::open(synced_path(), O_RDONLY);
  const auto written = newest_meta(*data)->transaction();
  while (file->read()->meta.transaction() < written) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST_F(PowerLoss, SyncsByItselfWhenTheFileHasGrown) {
  options_.sync_growth = std::uint64_t{1} << 20U;
  const auto store = open();
  const auto file = SyncFile::open(synced_path(), O_RDONLY);
  const auto data = File::open(data_path(), O_RDONLY);
  ASSERT_TRUE(write_numbers(*store, kCount, 1, "x"));
  ASSERT_TRUE(write_numbers(*store, 20'000, 2, std::string(200, 'x')));
  const std::uint64_t pages = newest_meta(*data)->last_page();
  while ((pages - file->read()->meta.last_page()) * kPage > options_.sync_growth) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST_F(PowerLoss, SaysSoWhenEvenTheSyncedStateIsGone) {
  make_torn_store(1);
  const auto file = SyncFile::open(synced_path(), O_RDONLY);
  const auto meta = file->read()->meta;
  patch(data_path(), meta.rows().root * kPage, std::string(kPage, '\xFF'));
  set_boot({});
  EXPECT_THAT(failure(),
              AllOf(StartsWith("corruption"),
                    HasSubstr("the machine stopped"),
                    HasSubstr("materialize --full")));
}

}  // namespace
}  // namespace provender::online::lmdb
