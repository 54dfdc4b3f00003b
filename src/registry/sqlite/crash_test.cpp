/// Processes that are killed, and processes that race. Seeds are printed with a failure.
#include <array>
#include <csignal>
#include <functional>
#include <random>
#include <thread>

#include <sys/wait.h>

#include <gmock/gmock.h>
#include <unistd.h>

#include "registry/sqlite/test_registry.hpp"

namespace provender::registry {
namespace {

using ProcessTest = RegistryTest;

/// A process that runs `body`, which returns its exit status.
class Child {
 public:
  template <class Body>
  explicit Child(Body body) : pid_(fork()) {
    if (pid_ == 0) _exit(body());
  }
  void kill() const { ::kill(pid_, SIGKILL); }
  /// The exit status; 128 and more if it was killed.
  int wait() const {
    int status = 0;
    waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_;
};

/// One-way between a parent and its children.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe(ends_.data()), 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    for (const int end : ends_) {
      close(end);
    }
  }
  void send(std::uint64_t value) const {
    EXPECT_EQ(write(ends_[1], &value, sizeof value), ssize_t{sizeof value});
  }
  void close_writer() {
    close(ends_[1]);
    ends_[1] = -1;
  }
  /// The next value; nullopt at the end.
  std::optional<std::uint64_t> receive() const {
    std::uint64_t value = 0;
    if (read(ends_[0], &value, sizeof value) != ssize_t{sizeof value}) return std::nullopt;
    return value;
  }

 private:
  std::array<int, 2> ends_{};
};

/// Starts four processes at once, each with its number, and counts their exit statuses.
std::array<int, 3> race(const std::function<int(int)>& body) {
  constexpr int kProcesses = 4;
  const Pipe start;
  std::vector<Child> children;
  children.reserve(kProcesses);
  for (int i = 0; i < kProcesses; ++i) {
    children.emplace_back([&, i] {
      start.receive();
      return body(i);
    });
  }
  for (int i = 0; i < kProcesses; ++i) {
    start.send(1);
  }
  std::array<int, 3> outcomes{};
  for (const auto& child : children) {
    ++outcomes.at(static_cast<std::size_t>(child.wait()));
  }
  return outcomes;
}

/// Exit statuses of a racer: it won, it lost, or something else went wrong.
int outcome_of(const auto& result) {
  if (result) return 0;
  return result.error().code() == ErrorCode::Conflict ? 1 : 2;
}

/// Odd versions have these, even ones others: every apply adds, removes, retypes and rebuilds
/// something.
Definitions definitions_of(std::uint64_t version) {
  auto definitions = many_views(version % 2 == 1 ? 6 : 4);
  if (version % 2 == 0) definitions.feature_views[0].features[0].type = kInt64;
  if (version % 2 == 0) definitions.feature_views[1].source.text = "elsewhere.parquet";
  return definitions;
}

TEST_F(ProcessTest, AKilledApplyLeavesTheOldVersionWhole) {
  const auto seed = std::random_device()();
  std::mt19937 random(seed);
  open();
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 40; ++round) {
    Pipe applied;
    const Child child([&] {
      const auto registry = open(/*create=*/false);
      while (true) {
        const auto next = value_of(registry->snapshot())->version + 1;
        if (!apply(*registry, definitions_of(next))) return 1;
        applied.send(next);
      }
    });
    applied.close_writer();
    // Every other round dies early, as the file is opened; the others while versions are applied.
    if (round % 2 == 0) acknowledged = value_of(applied.receive());
    std::this_thread::sleep_for(
        std::chrono::microseconds(std::uniform_int_distribution(0, 40'000)(random)));
    child.kill();
    EXPECT_EQ(child.wait(), 128 + SIGKILL) << "seed " << seed;
    while (const auto version = applied.receive()) {
      acknowledged = *version;
    }

    const auto snapshot = value_of(open(/*create=*/false)->snapshot());
    ASSERT_GE(snapshot->version, acknowledged)
        << "seed " << seed << ": an acknowledged version is lost";
    ASSERT_LE(snapshot->version, acknowledged + 1) << "seed " << seed;
    if (snapshot->version > 0) {
      ASSERT_EQ(snapshot->definitions, definitions_of(snapshot->version)) << "seed " << seed;
    }
    acknowledged = snapshot->version;
    expect_intact();
  }
  EXPECT_GT(acknowledged, 0);
}

TEST_F(ProcessTest, OfProcessesThatApplyAtOnceOneWins) {
  open();
  for (std::uint64_t base = 0; base < 15; ++base) {
    const auto outcomes = race([&](int process) {
      auto definitions = many_views(2);
      definitions.project = std::to_string(base) + "_" + std::to_string(process);
      return outcome_of(open()->apply(
          {.definitions = definitions, .base_version = base, .applied_by = "", .summary = ""}));
    });
    EXPECT_THAT(outcomes, ::testing::ElementsAre(1, 3, 0));
    EXPECT_EQ(value_of(open()->snapshot())->version, base + 1);
  }
}

TEST_F(ProcessTest, ProcessesThatMakeTheRegistryAtOnceMakeOne) {
  for (int round = 0; round < 10; ++round) {
    std::filesystem::remove(path_);
    const auto outcomes = race([&](int /*process*/) {
      return outcome_of(open_sqlite_registry({.path = path_,
                                              .clock = clock_,
                                              .create = true,
                                              .busy_timeout = std::chrono::minutes(1)}));
    });
    EXPECT_THAT(outcomes, ::testing::ElementsAre(4, 0, 0));
    PROVENDER_EXPECT_OK(open(/*create=*/false)->snapshot());
  }
}

TEST_F(ProcessTest, OfProcessesThatWantALeaseOneGetsIt) {
  open();
  const auto outcomes = race([&](int process) {
    return outcome_of(open()->runs().acquire(
        "scheduler", std::to_string(process), clock_.now(), std::chrono::hours(1)));
  });
  EXPECT_THAT(outcomes, ::testing::ElementsAre(1, 3, 0));
}

}  // namespace
}  // namespace provender::registry
