#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "online/redis/blocking_pool.hpp"
#include "online/redis/row_reads.hpp"

namespace provender::online::redis {

/// The calls of one write, some under way at once: one is executed while the next is encoded.
/// Confined to one thread. When it goes it waits for those under way.
class CallWindow {
 public:
  using Answered = std::move_only_function<void(const Call&)>;

  /// What is given outlives it.
  CallWindow(const StoreParts& parts, BlockingClient& client) : parts_(parts), client_(client) {}
  ~CallWindow() { wait_for(0); }
  CallWindow(const CallWindow&) = delete;
  CallWindow& operator=(const CallWindow&) = delete;

  /// A call to fill: it waits for a server that is away.
  std::unique_ptr<Call> take();
  /// Sends it, when not too many are under way. `answered` gets the replies, unless it fails.
  void send(std::unique_ptr<Call> call, Answered answered);
  bool has_failed() const { return failure_.has_value(); }
  /// Waits for all that was sent; what failed first.
  Result<> finish();

 private:
  void wait_for(std::size_t most_under_way);

  const StoreParts& parts_;
  BlockingClient& client_;
  std::size_t under_way_ = 0;
  std::vector<std::unique_ptr<Call>> idle_;
  std::optional<Error> failure_;
};

}  // namespace provender::online::redis
