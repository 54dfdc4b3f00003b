#include <csignal>

#include <sys/resource.h>

#include <gmock/gmock.h>

#include "online/lmdb/test_store.hpp"

// A full disk, by way of a limit on the size of files.

namespace provender::online::lmdb {
namespace {

class FullDisk : public StoreFolder {
 protected:
  static bool limit_files_to(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    return ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
  }
};

TEST_F(FullDisk, IsAnErrorThatLosesNothingAndPassesWithTheFullness) {
  make_store(100);
  EXPECT_EQ(in_child([&] {
              auto opened = open_lmdb_store(options_);
              if (!opened || !limit_files_to(1'000'000)) return false;
              OnlineStore& store = **opened;
              const std::string second(200, 'x');
              const auto full = write_numbers(store, 20'000, 2, second);
              if (full || full.error().code() != ErrorCode::ResourceExhausted) return false;
              if (!full.error().message().contains("No space left")) return false;
              // What the transactions before the last took stands: on a slow machine there are
              // some.
              const std::string kept = read_number(store, 99);
              if (kept != row_of(1, "first") && kept != row_of(2, second)) return false;
              if (!write_numbers(store, 10, 3, "small")) return false;  // free places are left
              if (!limit_files_to(RLIM_INFINITY)) return false;
              return write_numbers(store, 20'000, 4, std::string(200, 'y')) && store.flush();
            }),
            0);
  const auto store = open();
  EXPECT_EQ(row_count(*store), 20'000);
  EXPECT_EQ(read_number(*store, 19'999), row_of(4, std::string(200, 'y')));
}

TEST_F(FullDisk, ANewStoreThatFindsNoRoomLeavesNothingHalfMade) {
  // For nothing, for a part of the record of syncs, for that and a part of the data.
  for (const rlim_t bytes : {0U, 5'000U, 8'192U, 9'000U}) {
    EXPECT_EQ(in_child([&] {
                if (!limit_files_to(bytes)) return false;
                const auto failed = open_lmdb_store(options_);
                return !failed && failed.error().code() == ErrorCode::ResourceExhausted;
              }),
              0)
        << bytes;
    EXPECT_FALSE(std::filesystem::exists(data_path())) << bytes;
  }
  EXPECT_EQ(row_count(*open()), 0);
}

}  // namespace
}  // namespace provender::online::lmdb
