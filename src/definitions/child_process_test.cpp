#include "definitions/child_process.hpp"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "definitions/testing/folder.hpp"

namespace provender::definitions {
namespace {

using namespace std::chrono_literals;
using testing::Folder;

ChildRequest shell(const std::string& script) {
  return {.command = {"sh", "-c", script}, .folder = "/", .time_limit = 60s};
}

TEST(ChildProcess, GivesOutputErrorsAndStatus) {
  const auto child = run_child(shell("echo out; echo err >&2; exit 3")).value();
  EXPECT_EQ(child.out, "out\n");
  EXPECT_EQ(child.error_tail, "err\n");
  EXPECT_EQ(child.exit_status, 3);
}

TEST(ChildProcess, RunsInItsFolderWithNothingOnStdin) {
  const Folder folder;
  ChildRequest request = shell("pwd; cat");
  request.folder = folder.path();
  EXPECT_EQ(run_child(request).value().out, folder.path().string() + "\n");
}

TEST(ChildProcess, TakesMoreThanAPipeHoldsOnBothPipes) {
  const auto child =
      run_child(shell("head -c 1000000 /dev/zero >&2; head -c 1000000 /dev/zero; echo end >&2"))
          .value();
  EXPECT_EQ(child.out.size(), 1'000'000U);
  EXPECT_LE(child.error_tail.size(), 8192U);
  EXPECT_TRUE(child.error_tail.ends_with("end\n"));
}

TEST(ChildProcess, SaysWhichSignalEndedIt) {
  EXPECT_EQ(run_child(shell("kill -9 $$")).value().exit_status, 137);
}

TEST(ChildProcess, HasTheSignalMaskAndHandlersOfAFreshProcess) {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto old_pipe = std::signal(SIGPIPE, SIG_IGN);
  const auto terminated = run_child(shell("kill -TERM $$; echo goes on"));
  const auto piped = run_child(shell("kill -PIPE $$; echo goes on"));
  std::signal(SIGPIPE, old_pipe);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(terminated && piped);
  EXPECT_EQ(terminated->exit_status, 128 + SIGTERM);
  EXPECT_EQ(piped->exit_status, 128 + SIGPIPE);
}

TEST(ChildProcess, IsNotFound) {
  const auto child =
      run_child({.command = {"provender-no-such-program"}, .folder = "/", .time_limit = 60s});
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code(), ErrorCode::NotFound);
}

TEST(ChildProcess, IsStoppedWhenItTakesTooLong) {
  ChildRequest request = shell("exec sleep 600");
  request.time_limit = 50ms;
  const auto child = run_child(request);
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code(), ErrorCode::Unavailable);
  EXPECT_EQ(child.error().message(), "did not end within 0.05 s, and was stopped");
}

TEST(ChildProcess, IsStoppedWhenItTakesTooLongAfterItsOutput) {
  ChildRequest request = shell("exec sleep 600 >&- 2>&-");
  request.time_limit = 50ms;
  const auto child = run_child(request);
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code(), ErrorCode::Unavailable);
}

TEST(ChildProcess, IsStoppedWhenItWritesTooMuch) {
  ChildRequest request = shell("exec cat /dev/zero");
  request.output_limit = 100'000;
  const auto child = run_child(request);
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code(), ErrorCode::ResourceExhausted);
  EXPECT_EQ(child.error().message(), "wrote more than 100000 bytes, and was stopped");
}

}  // namespace
}  // namespace provender::definitions
