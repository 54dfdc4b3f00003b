#include "online/lmdb/test_store.hpp"

// What a process leaves in LMDB's table of readers when it is killed.

namespace provender::online::lmdb {
namespace {

class KilledProcess : public StoreFolder {
 protected:
  /// The store's bytes on disk once all its rows were replaced so often.
  std::uint64_t size_after(OnlineStore& store, int passes) {
    for (int i = 0; i < passes; ++i) {
      EXPECT_TRUE(write_numbers(store, kCount, ++time_, "replaced"));
      EXPECT_TRUE(store.flush());
    }
    const auto stats = store.stats();
    return stats ? stats->bytes : 0;
  }

  static constexpr std::int64_t kCount = 3'000;
  std::int64_t time_ = 1;
};

TEST_F(KilledProcess, HoldsBackNoPagesOfAWriterThatGoesOn) {
  options_.sync_interval = std::chrono::hours(1);
  make_store(kCount);
  const auto store = open();
  const std::uint64_t before = size_after(*store, 5);
  EXPECT_EQ(in_child([&] {  // dies while it keeps a state from being overwritten
              auto* killed = open_unclosed(options_);
              return killed != nullptr && write_numbers(*killed, 1, 1'000'000, "last");
            }),
            0);
  EXPECT_LE(size_after(*store, 30), 3 * before / 2);
}

}  // namespace
}  // namespace provender::online::lmdb
