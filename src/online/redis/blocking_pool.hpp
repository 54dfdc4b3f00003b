#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include <sys/types.h>

#include "base/poll_loop.hpp"
#include "online/redis/client.hpp"

namespace provender::online::redis {

/// A client for callers that wait: the loop turns while they do. Confined to one thread at a time.
class BlockingClient {
 public:
  static Result<std::unique_ptr<BlockingClient>> open(const std::shared_ptr<const Access>& access);

  Client& client() { return *client_; }
  /// Begins a call. Its budget is for all that it takes, connecting too.
  void start(std::unique_ptr<Call> call, std::chrono::milliseconds budget, Call::Done done);
  /// Waits for the next event of what was started.
  void turn();
  /// Begins a call and waits for its end.
  Result<std::unique_ptr<Call>> run(std::unique_ptr<Call> call, std::chrono::milliseconds budget);

 private:
  BlockingClient() = default;
  std::unique_ptr<PollLoop> loop_;
  std::unique_ptr<Client> client_;
};

/// Blocking clients, as many as there are callers at once; some stay connected for the next ones.
/// In a process that forked, the child connects anew. Safe for concurrent use.
class BlockingPool {
 public:
  explicit BlockingPool(std::shared_ptr<const Access> access) : access_(std::move(access)) {}

  /// A client that goes back into the pool when the handle is dropped; before the pool is.
  class Handle {
   public:
    Handle(BlockingPool& pool, std::unique_ptr<BlockingClient> client)
        : pool_(&pool), client_(std::move(client)) {}
    ~Handle() {
      if (client_) pool_->give_back(std::move(client_));
    }
    Handle(Handle&&) = default;
    Handle& operator=(Handle&&) = delete;
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    BlockingClient* operator->() const { return client_.get(); }
    BlockingClient& operator*() const { return *client_; }

   private:
    BlockingPool* pool_;
    std::unique_ptr<BlockingClient> client_;
  };
  Result<Handle> take();

 private:
  void give_back(std::unique_ptr<BlockingClient> client);

  std::shared_ptr<const Access> access_;
  std::mutex mutex_;  // guards what follows
  std::vector<std::unique_ptr<BlockingClient>> idle_;
  pid_t process_ = -1;
};

}  // namespace provender::online::redis
