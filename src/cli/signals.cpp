#include "cli/signals.hpp"

#include <csignal>

#include <pthread.h>
#include <unistd.h>

namespace provender::cli {
namespace {

/// Wakes the waiting thread when the program ends by itself; sent only to that thread.
constexpr int kDone = SIGUSR1;

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, kDone}) {
    sigaddset(&set, signal);
  }
  return set;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t set = watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  waiter_ = std::jthread([this] { wait(); });
}

StopSignals::~StopSignals() {
  pthread_kill(waiter_.native_handle(), kDone);
}

void StopSignals::wait() {
  const sigset_t set = watched();
  int signal = 0;
  while (sigwait(&set, &signal) == 0 && signal != kDone) {
    if (!stop_.request_stop()) ::_exit(128 + signal);  // asked before: it takes too long
  }
}

}  // namespace provender::cli
