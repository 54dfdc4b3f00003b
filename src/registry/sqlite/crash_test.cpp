/// Processes that are killed, and processes that race. Seeds are printed with a failure.
#include <array>
#include <csignal>
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
      const auto registry = open(false);
      while (true) {
        const auto next = value_of(registry->snapshot())->version + 1;
        if (!apply(*registry, definitions_of(next))) return 1;
        applied.send(next);
      }
    });
    std::this_thread::sleep_for(
        std::chrono::microseconds(std::uniform_int_distribution(0, 40'000)(random)));
    child.kill();
    EXPECT_EQ(child.wait(), 128 + SIGKILL) << "seed " << seed;
    applied.close_writer();
    while (const auto version = applied.receive()) {
      acknowledged = *version;
    }

    const auto snapshot = value_of(open(false)->snapshot());
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
    std::vector<Child> children;
    Pipe start;
    for (int i = 0; i < 4; ++i) {
      children.emplace_back([&, i] {
        const auto registry = open();
        start.receive();
        auto definitions = many_views(2);
        definitions.project = std::to_string(base) + "_" + std::to_string(i);
        const auto result = registry->apply(
            {.definitions = definitions, .base_version = base, .applied_by = "", .summary = ""});
        if (result) return 0;
        return result.error().code() == ErrorCode::Conflict ? 1 : 2;
      });
    }
    for (std::size_t i = 0; i < children.size(); ++i) {
      start.send(1);
    }
    std::array<int, 3> outcomes{};
    for (const auto& child : children) {
      ++outcomes.at(static_cast<std::size_t>(child.wait()));
    }
    EXPECT_THAT(outcomes, ::testing::ElementsAre(1, 3, 0));
    EXPECT_EQ(value_of(open()->snapshot())->version, base + 1);
  }
}

TEST_F(ProcessTest, ProcessesThatMakeTheRegistryAtOnceMakeOne) {
  for (int round = 0; round < 10; ++round) {
    std::filesystem::remove(path_);
    Pipe start;
    std::vector<Child> children;
    for (int i = 0; i < 4; ++i) {
      children.emplace_back([&] {
        start.receive();
        return open_sqlite_registry({.path = path_, .clock = clock_, .create = true}) ? 0 : 1;
      });
    }
    for (std::size_t i = 0; i < children.size(); ++i) {
      start.send(1);
    }
    for (const auto& child : children) {
      EXPECT_EQ(child.wait(), 0);
    }
    PROVENDER_EXPECT_OK(open(false)->snapshot());
  }
}

TEST_F(ProcessTest, OfProcessesThatWantALeaseOneGetsIt) {
  open();
  Pipe start;
  std::vector<Child> children;
  for (int i = 0; i < 4; ++i) {
    children.emplace_back([&, i] {
      const auto registry = open();
      start.receive();
      const auto lease = registry->runs().acquire(
          "scheduler", std::to_string(i), clock_.now(), std::chrono::hours(1));
      if (lease) return 0;
      return lease.error().code() == ErrorCode::Conflict ? 1 : 2;
    });
  }
  for (std::size_t i = 0; i < children.size(); ++i) {
    start.send(1);
  }
  std::array<int, 3> outcomes{};
  for (const auto& child : children) {
    ++outcomes.at(static_cast<std::size_t>(child.wait()));
  }
  EXPECT_THAT(outcomes, ::testing::ElementsAre(1, 3, 0));
}

}  // namespace
}  // namespace provender::registry
