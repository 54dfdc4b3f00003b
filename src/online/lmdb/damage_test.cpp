#include <array>
#include <random>

#include <gmock/gmock.h>

#include "base/endian.hpp"
#include "base/fs.hpp"
#include "online/lmdb/data_file.hpp"
#include "online/lmdb/handles.hpp"
#include "online/lmdb/store_header.hpp"
#include "online/lmdb/sync_file.hpp"
#include "online/lmdb/test_store.hpp"

// Folders whose bytes are damaged, foreign or gone: each is refused with words, none ends the
// process.

namespace provender::online::lmdb {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

class DamagedStore : public StoreFolder {
 protected:
  void overwrite(const std::filesystem::path& path, std::string_view bytes) {
    ASSERT_TRUE(write_file_atomic(path, bytes));
  }

  /// An LMDB file as another program makes it, in place of ours.
  void put_foreign_lmdb(std::string_view key, std::string_view value) {
    const auto other = folder_ / "other";
    std::filesystem::create_directory(other);
    MDB_env* env = nullptr;
    ASSERT_EQ(mdb_env_create(&env), 0);
    const EnvironmentHandle handle(env);
    ASSERT_EQ(mdb_env_open(env, other.c_str(), 0, 0666), 0);
    MDB_txn* transaction = nullptr;
    ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &transaction), 0);
    MDB_dbi table = 0;
    MDB_val mdb_key = to_val(key);
    MDB_val mdb_value = to_val(value);
    ASSERT_EQ(mdb_dbi_open(transaction, nullptr, 0, &table), 0);
    ASSERT_EQ(mdb_put(transaction, table, &mdb_key, &mdb_value, 0), 0);
    ASSERT_EQ(mdb_txn_commit(transaction), 0);
    std::filesystem::rename(other / "data.mdb", data_path());
  }
};

TEST_F(DamagedStore, AStoreOfANewerFormatIsRefused) {
  make_store(1);
  const auto file = read_file(synced_path());
  ASSERT_TRUE(file);
  std::string newer = *file;
  newer[6] = 2;
  overwrite(synced_path(), newer);
  EXPECT_THAT(failure(),
              AllOf(StartsWith("failed_precondition"), HasSubstr("format 2"), HasSubstr("newer")));
}

TEST_F(DamagedStore, AFolderWithoutItsRecordIsRefused) {
  make_store(1);
  std::filesystem::remove(synced_path());
  EXPECT_THAT(failure(), AllOf(StartsWith("failed_precondition"), HasSubstr("synced")));
  EXPECT_THAT(failure(read_only()), StartsWith("failed_precondition"));
  overwrite(synced_path(), std::string(8192, '\0'));
  EXPECT_THAT(failure(), AllOf(StartsWith("failed_precondition"), HasSubstr("synced")));
}

TEST_F(DamagedStore, OneBadSlotOfTheRecordIsHarmless) {
  make_store(5);
  for (const std::uint64_t slot : {0U, 4096U}) {
    const auto good = read_file(synced_path());
    ASSERT_TRUE(good);
    patch(synced_path(), slot + 100, "torn");
    EXPECT_EQ(failure(), "opened");
    overwrite(synced_path(), *good);
  }
}

TEST_F(DamagedStore, AFolderWhoseDataFileIsGoneIsANewStore) {
  make_store(5);
  std::filesystem::remove(data_path());
  EXPECT_THAT(failure(read_only()), StartsWith("not_found"));
  EXPECT_EQ(row_count(*open()), 0);
  EXPECT_EQ(failure(), "opened");
}

TEST_F(DamagedStore, AnInterruptedCreationIsBegunAgain) {
  make_store(1);
  std::filesystem::rename(data_path(), folder_ / "new.mdb");
  EXPECT_EQ(row_count(*open()), 0);
  std::filesystem::remove(data_path());
  overwrite(synced_path(), "");
  overwrite(folder_ / "new.mdb", "torn");
  EXPECT_EQ(row_count(*open()), 0);
}

TEST_F(DamagedStore, AFileOfSomethingElseIsRefused) {
  make_store(1);
  for (const std::string& bytes : {std::string(),
                                   std::string("text\n"),
                                   std::string(100'000, '\0'),
                                   std::string(100'000, 'x')}) {
    overwrite(data_path(), bytes);
    EXPECT_THAT(failure(),
                AllOf(AnyOf(StartsWith("failed_precondition"), StartsWith("corruption")),
                      HasSubstr("data.mdb")));
  }
}

TEST_F(DamagedStore, AnLmdbFileOfAnotherProgramIsRefused) {
  make_store(1);
  put_foreign_lmdb("key", "value");
  EXPECT_THAT(failure(),
              AllOf(AnyOf(StartsWith("failed_precondition"), StartsWith("corruption")),
                    HasSubstr("data.mdb")));
}

TEST_F(DamagedStore, AFileOfAnotherStoreIsRefused) {
  make_store(1);
  const auto first = read_file(data_path());
  ASSERT_TRUE(first);
  std::filesystem::remove_all(folder_);
  make_store(1);  // the same rows and transactions, another store
  overwrite(data_path(), *first);
  EXPECT_THAT(failure(), StartsWith("failed_precondition"));
}

TEST_F(DamagedStore, AnOlderCopyOfTheDataFileIsRefused) {
  make_store(1);
  const auto older = read_file(data_path());
  ASSERT_TRUE(older);
  make_store(2);
  ASSERT_TRUE(write_numbers(*open(), 5, 2, "second"));
  overwrite(data_path(), *older);
  EXPECT_THAT(failure(), AllOf(StartsWith("corruption"), HasSubstr("replaced")));
}

TEST_F(DamagedStore, ATruncatedFileIsRefusedWhereverItEnds) {
  make_store(20'000);
  const auto whole = read_file(data_path());
  ASSERT_TRUE(whole);
  std::mt19937 random(3);
  for (int i = 0; i < 40; ++i) {
    const std::size_t end = i < 5 ? static_cast<std::size_t>(i) * 2'000 : random() % whole->size();
    overwrite(data_path(), std::string_view(*whole).substr(0, end));
    EXPECT_THAT(failure(), AnyOf(StartsWith("corruption"), StartsWith("failed_precondition")))
        << end;
    EXPECT_THAT(failure(read_only()),
                AnyOf(StartsWith("corruption"), StartsWith("failed_precondition")))
        << end;
  }
}

TEST_F(DamagedStore, AFileThatLacksOnlyFreePagesIsTakenAndFilledUp) {
  make_store(5'000);
  for (int time = 2; time < 5; ++time) {  // leaves free pages for the next writes
    ASSERT_TRUE(write_numbers(*open(), 100, time, "again"));
  }
  // As LMDB does now and then: it counts in a page that it freed in the transaction that added it,
  // and never writes it.
  constexpr std::size_t kLastPageAt = 120;
  const auto data = File::open(data_path(), O_RDWR);
  const auto sync_file = SyncFile::open(synced_path(), O_RDWR);
  auto record = sync_file->read();
  ASSERT_TRUE(record);
  std::string meta(record->meta.bytes());
  store_le(meta.data() + kLastPageAt, record->meta.last_page() + 20);
  record->meta = Meta(meta);
  ASSERT_TRUE(sync_file->write(*record));
  ASSERT_TRUE(restore_meta(*data, record->meta));

  const auto store = open();
  ASSERT_TRUE(store);
  EXPECT_EQ(row_count(*store), 5'000);
  EXPECT_EQ(read_number(*store, 4'999), row_of(1, "first"));
  ASSERT_TRUE(write_numbers(*store, 10, 9, "last"));
  EXPECT_EQ(newest_meta(*data)->last_page(), record->meta.last_page()) << "a free page was there";
  EXPECT_EQ(*data->size(), (record->meta.last_page() + 1) * record->meta.page_size());
}

TEST_F(DamagedStore, AnyDamageToTheMetaPageInUseIsSeen) {
  make_store(1'000);
  const auto data = File::open(data_path(), O_RDONLY);
  const std::size_t page = newest_meta(*data)->transaction() % 2 * 4096;
  const auto good = data->read_at(page, kPageHeaderSize + Meta::kSize);
  std::mt19937 random(4);
  for (std::size_t at = 0; at < good->size(); ++at) {
    if (at < 10 || (at >= 12 && at < kPageHeaderSize)) continue;  // LMDB does not look at these
    std::string damaged = *good;
    damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ (1 + random() % 255));
    patch(data_path(), page, damaged);
    EXPECT_THAT(failure(), AnyOf(StartsWith("corruption"), StartsWith("failed_precondition")))
        << at;
  }
  patch(data_path(), page, *good);
  EXPECT_EQ(failure(), "opened");
}

TEST_F(DamagedStore, AMetaPageThatPointsNowhereIsSeenAlsoWhereNoRecordTellsWhatItWas) {
  options_.sync_interval = std::chrono::hours(1);
  make_store(1'000);
  ASSERT_EQ(in_child([&] {  // dies before it records what it wrote
              auto* store = open_unclosed(options_);
              return store != nullptr && write_numbers(*store, 1'000, 2, "second");
            }),
            0);
  const auto data = File::open(data_path(), O_RDONLY);
  const auto meta = newest_meta(*data);
  const std::size_t at = meta->transaction() % 2 * 4096 + kPageHeaderSize;
  constexpr std::size_t kRowsDepthAt = 78;
  constexpr std::size_t kRowsRootAt = 112;
  constexpr std::size_t kLastPageHighAt = 126;
  for (const std::size_t field : {kRowsDepthAt, kRowsRootAt, kLastPageHighAt}) {
    patch(data_path(), at + field, "\xFF\xFF");
    EXPECT_THAT(failure(), StartsWith("corruption")) << field;
    patch(data_path(), at, meta->bytes());
  }
  EXPECT_EQ(read_number(*open(), 999), row_of(2, "second"));
}

TEST_F(DamagedStore, RandomMetaPagesEndInAnErrorAndNotInACrash) {
  make_store(1'000);
  const auto good = File::open(data_path(), O_RDONLY)->read_at(0, 8192);
  EXPECT_EQ(in_child([&] {
              std::mt19937 random(5);
              for (int round = 0; round < 500; ++round) {
                std::string damaged = *good;
                for (std::size_t change = 0; change <= random() % 8; ++change) {
                  const std::size_t at = random() % 2 * 4096 + random() % 152;
                  damaged[at] = static_cast<char>(random());
                }
                patch(data_path(), 0, damaged);
                auto opened = open_lmdb_store(options_);
                if (opened && read_number(**opened, 5) != row_of(1, "first")) return false;
              }
              return true;
            }),
            0);
}

TEST_F(DamagedStore, TheHeaderOfANewerFormatIsRefused) {
  const auto text =
      encode_header({.format = 2, .project = "streaming", .registry_id = "r1", .store = {}});
  ASSERT_TRUE(text);
  const auto header = decode_header(*text);
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().code(), ErrorCode::FailedPrecondition);
  EXPECT_THAT(std::string(header.error().message()), HasSubstr("format 2"));
}

TEST_F(DamagedStore, AHeaderThatIsNoneIsRefused) {
  const auto good = encode_header({.project = "streaming", .registry_id = "r1", .store = {}});
  ASSERT_TRUE(decode_header(*good));
  for (std::size_t size = 0; size + 1 < good->size(); ++size) {
    EXPECT_FALSE(decode_header(std::string_view(*good).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_header("another program's record"));
  EXPECT_FALSE(decode_header("provender online store\nformat one\n"));
}

}  // namespace
}  // namespace provender::online::lmdb
