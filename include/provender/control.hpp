#pragma once

#include <cstdint>
#include <stop_token>
#include <string_view>

namespace provender {

/// Who wants to hear how far a long work is. Called from the thread that works, at most some times
/// a second.
class Progress {
 public:
  virtual ~Progress() = default;
  /// `total` is 0 where it is not known.
  virtual void update(std::string_view phase, std::uint64_t done, std::uint64_t total) = 0;
};

/// How a long work is steered from outside: it ends soon after `stop` is requested with
/// ErrorCode::Cancelled, nothing half-done, and tells `progress` if there is one.
struct Control {
  std::stop_token stop;
  Progress* progress = nullptr;
};

}  // namespace provender
