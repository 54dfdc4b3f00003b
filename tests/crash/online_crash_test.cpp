#include <atomic>
#include <csignal>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <sys/mman.h>
#include <sys/wait.h>

#include <gtest/gtest.h>
#include <unistd.h>

#include "codec/key_codec.hpp"
#include "codec/row_codec.hpp"
#include "online/lmdb/lmdb_store.hpp"

// Writers that are killed at random moments: what they said was written is there, whole, and the
// store goes on.

namespace provender::online {
namespace {

constexpr std::int64_t kEntities = 400;
constexpr std::uint32_t kView = 7;
constexpr std::uint32_t kSweptView = 8;

/// Numbers that the writer shares with the test, in memory that both have mapped.
struct Progress {
  std::atomic<std::uint64_t> acknowledged;
};

class KilledWriter : public testing::Test {
 public:
  KilledWriter(const KilledWriter&) = delete;
  KilledWriter& operator=(const KilledWriter&) = delete;
  KilledWriter(KilledWriter&&) = delete;
  KilledWriter& operator=(KilledWriter&&) = delete;
  ~KilledWriter() override {
    ::munmap(progress_, sizeof(Progress));
    std::filesystem::remove_all(folder_);
  }

 protected:
  KilledWriter()
      : folder_(std::filesystem::temp_directory_path() /
                ("provender-crash-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);
    options_ = {.path = folder_,
                .project = "crash",
                .registry_id = "1",
                .map_size = std::uint64_t{1} << 30U,
                .sync_interval = std::chrono::milliseconds(3)};
    void* shared = ::mmap(
        nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    progress_ = new (shared) Progress{};
    for (std::int64_t i = 0; i < kEntities; ++i) {
      codec::append_key_part(keys_.emplace_back(), ValueView(i));
    }
  }

  static std::string row_of(std::string_view key, std::uint64_t sequence) {
    std::string out;
    const codec::RowEncoder encoder(
        {.id = 1, .fields = {{.id = 1, .type = {.kind = Kind::String}}}});
    const std::string text(sequence * 37 % 900, 'x');
    const std::string_view value = text;
    const ColumnView column{.type = {.kind = Kind::String}, .size = 1, .data = &value};
    EXPECT_TRUE(encoder.encode(key,
                               {.event_timestamp = 1, .created_timestamp = 0, .sequence = sequence},
                               std::span(&column, 1),
                               0,
                               out));
    return out;
  }

  /// Writes every entity again and again, sweeps and flushes in between, and says what it has done.
  /// Never returns.
  [[noreturn]] void write_for_ever() {
    auto store = open_lmdb_store(options_);
    if (!store) ::_exit(2);
    for (std::uint64_t sequence = progress_->acknowledged + 1;; ++sequence) {
      std::vector<std::string> rows;
      for (const std::string& key : keys_) {
        rows.push_back(row_of(key, sequence));
      }
      std::vector<WriteRow> writes;
      for (std::size_t i = 0; i < keys_.size(); ++i) {
        for (const std::uint32_t view : {kView, kSweptView}) {
          writes.push_back({.entity_set = 1, .key = keys_[i], .store_id = view, .row = rows[i]});
        }
      }
      if (!(*store)->write(writes)) ::_exit(3);
      progress_->acknowledged = sequence;
      if (sequence % 3 == 0 && !(*store)->sweep(std::span(&kSweptView, 1), {})) ::_exit(4);
      if (sequence % 5 == 0 && !(*store)->flush()) ::_exit(5);
    }
  }

  /// Starts a writer and kills it a random while after it first wrote.
  void run_and_kill(std::mt19937& random) {
    const std::uint64_t before = progress_->acknowledged;
    const pid_t writer = ::fork();
    if (writer == 0) write_for_ever();
    while (progress_->acknowledged == before && ::waitpid(writer, nullptr, WNOHANG) == 0) {
      std::this_thread::yield();
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 30'000));
    ::kill(writer, SIGKILL);
    int status = 0;
    ::waitpid(writer, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself: " << WEXITSTATUS(status);
  }

  void check(OnlineStore& store) {
    const std::uint64_t least = progress_->acknowledged;
    std::vector<Lookup> lookups;
    for (const std::string& key : keys_) {
      lookups.push_back({.entity_set = 1, .key = key, .store_ids = std::span(&kView, 1)});
    }
    store.read(lookups, [&](Result<std::span<const std::string_view>> rows) {
      ASSERT_TRUE(rows) << rows.error().message();
      for (std::size_t i = 0; i < rows->size(); ++i) {
        const auto header = codec::read_header(keys_[i], (*rows)[i]);
        ASSERT_TRUE(header) << header.error().message();
        ASSERT_GE(header->order.sequence, least);
        ASSERT_EQ((*rows)[i], row_of(keys_[i], header->order.sequence));
      }
    });
  }

  std::filesystem::path folder_;
  LmdbOptions options_;
  Progress* progress_;
  std::vector<std::string> keys_;
};

TEST_F(KilledWriter, LeavesAStoreThatOpensWithAllThatWasAcknowledged) {
  std::mt19937 random(6);
  for (int round = 0; round < 25; ++round) {
    run_and_kill(random);
    const auto store = open_lmdb_store(options_);
    ASSERT_TRUE(store) << store.error().message();
    check(**store);
    ASSERT_TRUE((*store)->sweep(std::span(&kSweptView, 1), {}));
  }
}

TEST_F(KilledWriter, DoesNotDisturbAReaderThatGoesOn) {
  std::mt19937 random(7);
  run_and_kill(random);
  LmdbOptions read_only = options_;
  read_only.read_only = true;
  const auto reader = open_lmdb_store(read_only);
  ASSERT_TRUE(reader) << reader.error().message();
  for (int round = 0; round < 15; ++round) {
    check(**reader);
    run_and_kill(random);
  }
  check(**reader);
}

TEST_F(KilledWriter, DoesNotDisturbAnotherWriter) {
  std::mt19937 random(8);
  run_and_kill(random);
  for (int round = 0; round < 10; ++round) {
    const pid_t other = ::fork();
    if (other == 0) write_for_ever();
    run_and_kill(random);
    EXPECT_EQ(::waitpid(other, nullptr, WNOHANG), 0) << "the other writer goes on";
    ::kill(other, SIGKILL);
    ::waitpid(other, nullptr, 0);
    const auto store = open_lmdb_store(options_);
    ASSERT_TRUE(store) << store.error().message();
    check(**store);
  }
}

}  // namespace
}  // namespace provender::online
