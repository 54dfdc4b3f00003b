/// Threads that share a registry, or have one each on the same file.
#include <atomic>
#include <barrier>
#include <thread>

#include <gmock/gmock.h>

#include "registry/sqlite/test_registry.hpp"

namespace provender::registry {
namespace {

class Threads : public RegistryTest {
 protected:
  std::unique_ptr<Registry> open_with_system_clock() {
    return value_of(open_sqlite_registry({.path = path_,
                                          .clock = system_clock_,
                                          .create = true,
                                          .busy_timeout = std::chrono::minutes(1)}));
  }
  SystemClock system_clock_;
};

/// Applies from `threads` threads at once, round after round; exactly one may win each.
void race(std::vector<Registry*> registries, int rounds) {
  std::atomic<int> won = 0;
  std::atomic<int> conflicts = 0;
  std::barrier round_begins(static_cast<std::ptrdiff_t>(registries.size()));
  {
    std::vector<std::jthread> threads;
    threads.reserve(registries.size());
    for (std::size_t i = 0; i < registries.size(); ++i) {
      threads.emplace_back([&, i] {
        for (int round = 0; round < rounds; ++round) {
          auto definitions = streaming();
          definitions.project = std::to_string(round) + "_" + std::to_string(i);
          round_begins.arrive_and_wait();
          const auto result =
              registries[i]->apply({.definitions = std::move(definitions),
                                    .base_version = static_cast<std::uint64_t>(round),
                                    .applied_by = "",
                                    .summary = ""});
          if (result) ++won;
          if (!result && result.error().code() == ErrorCode::Conflict) ++conflicts;
        }
      });
    }
  }
  EXPECT_EQ(won, rounds);
  EXPECT_EQ(conflicts, rounds * (static_cast<int>(registries.size()) - 1));
}

TEST_F(Threads, OfThoseThatApplyThroughOneRegistryOneWins) {
  const auto registry = open_with_system_clock();
  race(std::vector(4, registry.get()), 20);
}

TEST_F(Threads, OfThoseThatApplyThroughTheirOwnRegistryOneWins) {
  std::vector<std::unique_ptr<Registry>> owned;
  std::vector<Registry*> registries;
  for (int i = 0; i < 3; ++i) {
    registries.push_back(owned.emplace_back(open_with_system_clock()).get());
  }
  race(registries, 15);
}

TEST_F(Threads, ReadersSeeWholeVersionsWhileOthersApply) {
  const auto registry = open_with_system_clock();
  const auto writer = open_with_system_clock();
  std::atomic<bool> done = false;
  {
    std::vector<std::jthread> readers;
    readers.reserve(3);
    for (int i = 0; i < 3; ++i) {
      readers.emplace_back([&] {
        std::uint64_t last = 0;
        while (!done) {
          const auto snapshot = value_of(registry->snapshot());
          EXPECT_GE(snapshot->revision, last);
          last = snapshot->revision;
          EXPECT_EQ(snapshot->definitions.feature_views.size(), snapshot->version);
          EXPECT_EQ(snapshot->storage.size(), snapshot->version);
        }
      });
    }
    for (int version = 1; version <= 25; ++version) {
      PROVENDER_EXPECT_OK(apply(*writer, many_views(version)));
    }
    done = true;
  }
  EXPECT_EQ(value_of(registry->snapshot())->version, 25);
}

TEST_F(Threads, OneThatWantsToMakeTheRegistryTakesWhatAnotherMadeMeanwhile) {
  const auto maker = value_of(sqlite::Database::open({.path = path_, .create = true}));
  PROVENDER_EXPECT_OK(maker->run("BEGIN IMMEDIATE"));
  std::jthread late([&] {
    PROVENDER_EXPECT_OK(open_sqlite_registry({.path = path_,
                                              .clock = system_clock_,
                                              .create = true,
                                              .busy_timeout = std::chrono::minutes(1)}));
  });
  // Long enough for the other to find the file empty and to wait for its turn. Where it is not,
  // this test checks less but does not fail.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  PROVENDER_EXPECT_OK(
      maker->run_script("CREATE TABLE meta (id); PRAGMA application_id = 1347573330; "
                        "PRAGMA user_version = 1; COMMIT"));
  late.join();
  EXPECT_EQ(query("SELECT count(*) FROM sqlite_schema"), "1");
}

TEST_F(Threads, MayTakeLeasesAndRecordRunsAtOnce) {
  const auto registry = open_with_system_clock();
  auto& log = registry->runs();
  std::atomic<int> holders = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (int round = 0; round < 10; ++round) {
          const auto lease =
              log.acquire("one", std::to_string(i), system_clock_.now(), std::chrono::hours(1));
          if (!lease) continue;
          EXPECT_EQ(++holders, 1);
          auto run = value_of(log.begin_run({.view = "activity"}));
          run.finished = system_clock_.now();
          PROVENDER_EXPECT_OK(log.finish_run(run, *lease));
          --holders;
          PROVENDER_EXPECT_OK(log.release(*lease));
        }
      });
    }
  }
  EXPECT_TRUE(value_of(log.last_success("activity", 0)));
}

}  // namespace
}  // namespace provender::registry
