#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <sys/mman.h>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "offline/duckdb/row_group_queue.hpp"
#include "parquet/file.hpp"
#include "parquet/testing_chunk.hpp"

namespace provender::offline {
namespace {

using ::testing::HasSubstr;

using parquet::ChunkWriter;
using Queue = RowGroupQueue<ChunkWriter>;

constexpr std::size_t kColumns = 5;
constexpr std::size_t kGroups = 40;
constexpr std::size_t kMostHeld = 1'000'000;

std::vector<ChunkWriter> make_tools() {
  std::vector<ChunkWriter> out;
  for (int i = 0; i < 4; ++i) {
    out.emplace_back(1 << 20);
  }
  return out;
}

class RowGroupQueueTest : public ::testing::Test {
 protected:
  Result<> run(const std::string& path, const Queue::Make& make) {
    auto out = parquet::FileWriter::open(
        path, std::vector(kColumns, parquet::flat_column(Kind::Int64)), "a test");
    if (!out) return std::move(out).error();
    WorkerThreads threads(4);
    std::vector<ChunkWriter> tools = make_tools();
    auto done = Queue(*out, kGroups, kMostHeld, make).run(threads, tools, {});
    if (!done) return done;
    return out->finish();
  }

  /// Of as many rows.
  static Result<parquet::WrittenChunk> chunk(ChunkWriter& tool, std::size_t rows) {
    const std::vector<std::int64_t> values(rows, 7);
    tool.begin(parquet::flat_column(Kind::Int64));
    auto added =
        tool.add({.type = {.kind = Kind::Int64}, .size = values.size(), .data = values.data()});
    if (!added) return std::move(added).error();
    return tool.finish();
  }

  parquet::MemoryFile memory_{""};
};

TEST_F(RowGroupQueueTest, WritesRowGroupsInTheirOrder) {
  for (int round = 0; round < 20; ++round) {
    std::atomic<std::size_t> made = 0;
    ASSERT_TRUE(run(memory_.path(), [&](ChunkWriter& tool, std::size_t group, std::size_t) {
      ++made;
      return chunk(tool, group * 10);
    }));
    EXPECT_EQ(made, kGroups * kColumns);
    const auto footer = parquet::File::open(memory_.path())->read_footer();
    ASSERT_TRUE(footer) << footer.error().message();
    ASSERT_EQ(footer->row_groups.size(), kGroups);
    for (std::size_t group = 0; group < kGroups; ++group) {
      ASSERT_EQ(footer->row_groups[group].rows, static_cast<std::int64_t>(group * 10));
    }
  }
}

TEST_F(RowGroupQueueTest, BeginsNoRowGroupThatWouldBeHeldBesideLargeOnes) {
  std::array<std::atomic<std::size_t>, kGroups> made = {};
  std::atomic<bool> is_alone = true;
  ASSERT_TRUE(run(memory_.path(), [&](ChunkWriter& tool, std::size_t group, std::size_t column) {
    if (group > 0 && made[group - 1] < kColumns) is_alone = false;
    auto out = chunk(tool, 10);
    if (column == kColumns - 1) out->pages.resize(kMostHeld);
    ++made[group];
    return out;
  }));
  EXPECT_TRUE(is_alone);
  for (const auto& columns : made) {
    EXPECT_EQ(columns, kColumns);
  }
}

TEST_F(RowGroupQueueTest, BeginsTheNextRowGroupsWhileSmallOnesAreMade) {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t last = 0;
  bool is_begun = false;
  ASSERT_TRUE(run(memory_.path(), [&](ChunkWriter& tool, std::size_t group, std::size_t column) {
    std::unique_lock lock(mutex);
    last = std::max(last, group);
    changed.notify_all();
    // Once it is known how large they are: nobody writes one before it is whole.
    if (group == 5 && column == 0) {
      is_begun = changed.wait_for(lock, std::chrono::seconds(10), [&] { return last >= 6; });
    }
    lock.unlock();
    return chunk(tool, 10);
  }));
  EXPECT_TRUE(is_begun);
}

TEST_F(RowGroupQueueTest, EndsWithTheErrorOfAColumn) {
  for (std::size_t failing = 0; failing < kGroups; failing += 3) {
    const Queue::Make make = [&](ChunkWriter& tool, std::size_t group, std::size_t column) {
      const bool fails = group == failing && column == 3;
      return fails ? Error(ErrorCode::Conflict, "it changed") : chunk(tool, 10);
    };
    const auto done = run(memory_.path(), make);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message(), "it changed");
  }
}

TEST_F(RowGroupQueueTest, EndsWithWhatAColumnThrows) {
  const auto done =
      run(memory_.path(),
          [&](ChunkWriter& tool, std::size_t group, std::size_t) -> Result<parquet::WrittenChunk> {
            if (group == 7) throw std::bad_alloc();
            return chunk(tool, 10);
          });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::ResourceExhausted);
}

TEST_F(RowGroupQueueTest, EndsWhereNothingCanBeWritten) {
  const int descriptor = ::memfd_create("small", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  auto out = parquet::FileWriter::open("/proc/self/fd/" + std::to_string(descriptor),
                                       std::vector(kColumns, parquet::flat_column(Kind::Int64)),
                                       "a test");
  ASSERT_TRUE(out);
  ASSERT_EQ(::fcntl(descriptor, F_ADD_SEALS, F_SEAL_GROW), 0);
  std::atomic<std::size_t> made = 0;
  WorkerThreads threads(4);
  std::vector<ChunkWriter> tools = make_tools();
  const Queue::Make make = [&](ChunkWriter& tool, std::size_t, std::size_t) {
    ++made;
    return chunk(tool, 10);
  };
  const auto done = Queue(*out, kGroups, kMostHeld, make).run(threads, tools, {});
  ASSERT_FALSE(done);
  EXPECT_THAT(std::string(done.error().message()), HasSubstr("write"));
  EXPECT_LE(made, 3 * kColumns) << "nobody goes on behind those that were begun";
  ::close(descriptor);
}

}  // namespace
}  // namespace provender::offline
