#pragma once

#include <stop_token>
#include <thread>

namespace provender::cli {

/// Turns SIGINT and SIGTERM into a request to stop; the second of them ends the process at once.
/// Made before any other thread, so that all of them leave these signals to it. A child process
/// inherits that they are blocked: whoever starts one resets its signal mask.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  StopSignals(StopSignals&&) = delete;
  StopSignals& operator=(StopSignals&&) = delete;
  ~StopSignals();

  std::stop_token token() const { return stop_.get_token(); }

 private:
  void wait();

  std::stop_source stop_;
  std::jthread waiter_;
};

}  // namespace provender::cli
