#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <sys/socket.h>

#include "provender/event_loop.hpp"
#include "provender/result.hpp"

#include "model/redis_settings.hpp"

namespace provender::online::redis {

/// An address that a socket can connect to.
struct SocketAddress {
  sockaddr_storage bytes;
  socklen_t size;
};

/// The address of a server given by its number, or of a unix socket: known without asking anybody.
Result<SocketAddress> numeric_address(const RedisAddress& address);
SocketAddress socket_address(const std::string& path);

/// Asks the system for the addresses of names, on a thread of its own, because it may make one wait
/// for long. Safe for concurrent use.
class Resolver {
 public:
  using Addresses = std::vector<SocketAddress>;
  using Done = std::function<void(Result<Addresses>)>;

  /// A question that is open. While one holds it, the answer comes; afterwards it does not.
  class Ticket;  // virtual functions are for tests, which know other addresses

  Resolver() = default;
  virtual ~Resolver();  ///< waits for the question in hand
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Calls `done` later, on the thread of `loop`, unless the ticket is destroyed before, which must
  /// happen on that thread.
  virtual std::unique_ptr<Ticket> resolve(const RedisAddress& address, EventLoop& loop, Done done);

 private:
  struct Question;
  void answer_all(const std::stop_token& stop);

  std::mutex mutex_;  // guards what follows
  std::condition_variable_any wake_;
  std::deque<std::shared_ptr<Question>> questions_;
  std::jthread thread_;
};

class Resolver::Ticket {
 public:
  explicit Ticket(std::shared_ptr<Question> question);
  ~Ticket();
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

 private:
  std::shared_ptr<Question> question_;
};

}  // namespace provender::online::redis
