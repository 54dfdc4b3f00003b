#include "online/lmdb/lmdb_store.hpp"

#include <gmock/gmock.h>

#include "base/fs.hpp"
#include "online/lmdb/data_file.hpp"
#include "online/lmdb/test_store.hpp"

namespace provender::online::lmdb {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class LmdbStore : public StoreFolder {};

TEST_F(LmdbStore, KeepsItsRowsWhenItIsOpenedAgain) {
  make_store(100);
  const auto store = open();
  EXPECT_EQ(row_count(*store), 100);
  EXPECT_EQ(read_number(*store, 99), row_of(1, "first"));
}

TEST_F(LmdbStore, MakesItsFolderAndThoseAboveIt) {
  options_.path = folder_ / "a" / "b";
  EXPECT_TRUE(open());
}

TEST_F(LmdbStore, IsPreparedForOrderedWrites) {
  EXPECT_TRUE(open()->prefers_ordered_writes());
}

TEST_F(LmdbStore, RepeatingAWriteCostsNoTransaction) {
  const auto store = open();
  ASSERT_TRUE(write_numbers(*store, 100, 1, "x"));
  const auto data = File::open(data_path(), O_RDONLY);
  const auto before = newest_meta(*data)->transaction();
  ASSERT_TRUE(write_numbers(*store, 100, 1, "x"));
  EXPECT_EQ(newest_meta(*data)->transaction(), before);
  ASSERT_TRUE(write_numbers(*store, 100, 1, "y"));
  EXPECT_EQ(newest_meta(*data)->transaction(), before + 1);
}

TEST_F(LmdbStore, ReadOnlyFindsNoStoreWhereNoneIs) {
  EXPECT_THAT(failure(read_only()), StartsWith("not_found: there is no online store in "));
  EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST_F(LmdbStore, ReadOnlyReadsAndDoesNotWrite) {
  make_store(10);
  const auto store = open(read_only());
  EXPECT_EQ(read_number(*store, 3), row_of(1, "first"));
  const auto written = write_numbers(*store, 1, 2, "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::FailedPrecondition);
  EXPECT_FALSE(store->sweep({}, {}));
  EXPECT_TRUE(store->flush());
}

TEST_F(LmdbStore, TwoStoresOfOneProcessShareWhatTheyHaveOpen) {
  const auto one = open();
  const auto two = open();
  const auto reader = open(read_only());
  ASSERT_TRUE(write_numbers(*one, 5, 1, "of one"));
  ASSERT_TRUE(write_numbers(*two, 3, 2, "of two"));
  EXPECT_EQ(read_number(*reader, 4), row_of(1, "of one"));
  EXPECT_EQ(read_number(*one, 0), row_of(2, "of two"));
  EXPECT_FALSE(write_numbers(*reader, 1, 3, "x"));
}

TEST_F(LmdbStore, AStoreThatIsOpenToReadOnlyIsNotOpenedToWriteInTheSameProcess) {
  make_store(1);
  auto reader = open(read_only());
  EXPECT_THAT(failure(), AllOf(StartsWith("failed_precondition"), HasSubstr("close it")));
  reader.reset();
  EXPECT_EQ(failure(), "opened");
}

TEST_F(LmdbStore, RefusesTheFolderOfAnotherProjectOrRegistry) {
  make_store(1);
  LmdbOptions other = options_;
  other.project = "shop";
  EXPECT_THAT(failure(other),
              AllOf(StartsWith("failed_precondition"), HasSubstr("streaming"), HasSubstr("shop")));
  const auto store = open();
  EXPECT_THAT(failure(other), StartsWith("failed_precondition")) << "while it is open, too";
  other = options_;
  other.registry_id = "r2";
  EXPECT_THAT(failure(other), AllOf(StartsWith("failed_precondition"), HasSubstr("r2")));
}

TEST_F(LmdbStore, RefusesAProjectNameWithALineBreak) {
  options_.project = "a\nregistry r9";
  EXPECT_THAT(failure(), StartsWith("invalid_argument"));
  EXPECT_FALSE(std::filesystem::exists(data_path()));
}

TEST_F(LmdbStore, SaysWhenItIsFullAndGoesOnServing) {
  options_.map_size = std::uint64_t{1} << 20U;
  const auto store = open();
  ASSERT_TRUE(write_numbers(*store, 10, 1, "small"));
  const auto full = write_numbers(*store, 20'000, 2, std::string(500, 'x'));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code(), ErrorCode::ResourceExhausted);
  EXPECT_THAT(std::string(full.error().message()), HasSubstr("online.map_size"));
  EXPECT_THAT(read_number(*store, 3),
              testing::AnyOf(row_of(1, "small"), row_of(2, std::string(500, 'x'))));
  EXPECT_TRUE(write_numbers(*store, 2, 3, "small again"));
  EXPECT_EQ(read_number(*store, 1), row_of(3, "small again"));
}

TEST_F(LmdbStore, OpensAStoreThatOutgrewItsMapSize) {
  make_store(10'000);
  options_.map_size = 4096;
  EXPECT_EQ(read_number(*open(), 9'999), row_of(1, "first"));
}

TEST_F(LmdbStore, SaysWhenItCannotBeMapped) {
  options_.map_size = std::uint64_t{1} << 60U;
  EXPECT_THAT(failure(), AllOf(StartsWith("resource_exhausted"), HasSubstr("map_size")));
}

TEST_F(LmdbStore, IsRefusedInAForkedChildWhichMayOpenItAnew) {
  options_.sync_interval =
      std::chrono::hours(1);  // no thread of ours holds a sanitizer's lock while it forks
  const auto store = open();
  ASSERT_TRUE(write_numbers(*store, 1, 1, "of the parent"));
  EXPECT_EQ(in_child([&] {
              const auto refused = write_numbers(*store, 1, 2, "x");
              const bool reads_nothing = read_number(*store, 0).contains("forked");
              const bool all_refused = !refused && !store->flush() && !store->stats() &&
                                       !store->sweep({}, {}) && reads_nothing;
              auto own = open_lmdb_store(options_);
              return all_refused && own && write_numbers(**own, 1, 3, "of the child");
            }),
            0);
  EXPECT_EQ(read_number(*store, 0), row_of(3, "of the child"));
  EXPECT_TRUE(write_numbers(*store, 1, 4, "x"));
}

TEST_F(LmdbStore, ClosingInAForkedChildLeavesTheParentsStoreAlone) {
  options_.sync_interval = std::chrono::hours(1);
  auto store = open();
  ASSERT_TRUE(write_numbers(*store, 100, 1, "x"));
  const auto before = read_file(synced_path());
  EXPECT_EQ(in_child([&] {
              store.reset();
              return true;
            }),
            0);
  EXPECT_EQ(*read_file(synced_path()), *before) << "the child flushed what is not its own";
  EXPECT_TRUE(write_numbers(*store, 100, 2, "y"));
  EXPECT_EQ(read_number(*store, 99), row_of(2, "y"));
}

TEST_F(LmdbStore, ReadersInOtherProcessesSeeWritesAndHoldNoPages) {
  auto store = open();
  ASSERT_TRUE(write_numbers(*store, 1'000, 0, std::string(100, 'x')));
  int ready[2];
  int done[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(done), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto reader = open_lmdb_store(read_only());
    bool is_good = reader && read_number(**reader, 5) == row_of(0, std::string(100, 'x'));
    char byte = 0;
    is_good = is_good && ::write(ready[1], &byte, 1) == 1 && ::read(done[0], &byte, 1) == 1 &&
              read_number(**reader, 5) == row_of(50, std::string(100, 'x'));
    ::_exit(is_good ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  for (int time = 1; time <= 50; ++time) {
    ASSERT_TRUE(write_numbers(*store, 1'000, time, std::string(100, 'x')));
    ASSERT_TRUE(store->flush());
  }
  ASSERT_EQ(::write(done[1], &byte, 1), 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_LT(store->stats()->bytes, 3'000'000) << "places of old rows are used again";
  for (const int end : {ready[0], ready[1], done[0], done[1]}) {
    ::close(end);
  }
}

TEST_F(LmdbStore, PermissionDeniedNamesWhatIsDenied) {
  make_store(1);
  std::filesystem::permissions(synced_path(), std::filesystem::perms::none);
  const int status = in_child([&] {
    if (::geteuid() == 0 && ::seteuid(65'534) != 0) return false;
    const std::string failed = failure(read_only());
    return failed.starts_with("permission_denied") && failed.contains(synced_path().string());
  });
  EXPECT_EQ(status, 0);
}

TEST_F(LmdbStore, AReadOnlyFolderIsReadButNotWritten) {
  make_store(3);
  for (const char* name : {"data.mdb", "synced"}) {
    std::filesystem::permissions(folder_ / name, std::filesystem::perms(0444));
  }
  std::filesystem::permissions(folder_ / "lock.mdb", std::filesystem::perms(0666));
  std::filesystem::permissions(folder_, std::filesystem::perms(0555));
  const int status = in_child([&] {
    if (::geteuid() == 0 && ::seteuid(65'534) != 0) return false;
    if (!failure().starts_with("permission_denied")) return false;
    const auto reader = open_lmdb_store(read_only());
    return reader && read_number(**reader, 2) == row_of(1, "first");
  });
  EXPECT_EQ(status, 0);
}

/// Whether `work` gives true as a user who may read the store's files and write none.
bool as_reader(const std::filesystem::path& folder, const std::function<bool()>& work) {
  using std::filesystem::perms;
  for (const char* name : {"data.mdb", "synced", "lock.mdb"}) {
    std::filesystem::permissions(folder / name, perms(0444));
  }
  std::filesystem::permissions(folder, perms(0555));
  return in_child([&] {
           if (::geteuid() == 0 && ::seteuid(65'534) != 0) return false;
           return work();
         }) == 0;
}

TEST_F(LmdbStore, IsReadWithoutLocksWhereTheyCannotBeTaken) {
  make_store(3);
  EXPECT_TRUE(as_reader(folder_, [&] {
    const auto reader = open_lmdb_store(read_only());
    const auto another = open_lmdb_store(read_only());
    return reader && another && read_number(**reader, 2) == row_of(1, "first");
  }));
  EXPECT_EQ(failure(), "opened") << "the readers are gone";
}

TEST_F(LmdbStore, AReaderWithoutLocksAndAWriterExcludeEachOther) {
  make_store(3);
  {
    const auto writer = open();
    EXPECT_TRUE(as_reader(folder_, [&] {
      const std::string failed = failure(read_only());
      return failed.starts_with("unavailable") && failed.contains("open to write");
    }));
  }
  EXPECT_TRUE(as_reader(folder_, [&] {
    const auto reader = open_lmdb_store(read_only());
    if (!reader) return false;
    const int status = in_child([&] {
      if (::getuid() == 0 && ::seteuid(0) != 0) return false;
      std::filesystem::permissions(folder_, std::filesystem::perms(0755));
      for (const char* name : {"data.mdb", "synced", "lock.mdb"}) {
        std::filesystem::permissions(folder_ / name, std::filesystem::perms(0644));
      }
      const std::string failed = failure();
      return failed.starts_with("unavailable") && failed.contains("may not write lock.mdb");
    });
    return status == 0;
  }));
}

TEST_F(LmdbStore, AFolderThatCannotBeMadeIsNamed) {
  options_.path = "/proc/provender";
  EXPECT_THAT(failure(), HasSubstr("/proc/provender"));
}

}  // namespace
}  // namespace provender::online::lmdb
