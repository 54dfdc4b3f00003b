#include "cli/signals.hpp"

#include <chrono>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

namespace provender::cli {
namespace {

void wait_for_stop(const StopSignals& signals) {
  while (!signals.token().stop_requested()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// Each test's process is its own: its signal mask and its end are free to change.
class StopSignalsTest : public testing::Test {
 protected:
  StopSignalsTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(StopSignalsTest, AskToStopAtTheFirstSignal) {
  for (const int signal : {SIGINT, SIGTERM}) {
    EXPECT_EXIT(
        {
          const StopSignals signals;
          ::kill(::getpid(), signal);
          wait_for_stop(signals);
          ::_exit(0);
        },
        testing::ExitedWithCode(0),
        "");
  }
}

TEST_F(StopSignalsTest, EndTheProcessAtTheSecondSignal) {
  EXPECT_EXIT(
      {
        const StopSignals signals;
        ::kill(::getpid(), SIGINT);
        wait_for_stop(signals);
        ::kill(::getpid(), SIGINT);
        while (true) {
          std::this_thread::sleep_for(std::chrono::seconds(1));
        }
      },
      testing::ExitedWithCode(130),
      "");
}

TEST_F(StopSignalsTest, LeaveAProgramThatEndsByItselfAlone) {
  EXPECT_EXIT(
      {
        {
          const StopSignals signals;
        }
        ::_exit(0);
      },
      testing::ExitedWithCode(0),
      "");
}

}  // namespace
}  // namespace provender::cli
