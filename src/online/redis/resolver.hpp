#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include <sys/socket.h>
#include <sys/types.h>

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
/// for long. A forked child, which has no such thread, begins one of its own. Safe for concurrent
/// use.
class Resolver {
 public:
  using Addresses = std::vector<SocketAddress>;
  using Done = std::function<void(Result<Addresses>)>;

  /// A question that is open. While one holds it, the answer comes; afterwards it does not.
  class Ticket;  // virtual functions are for tests, which know other addresses

  Resolver();
  virtual ~Resolver();  ///< waits for the question in hand
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Calls `done` later, on the thread of `loop`, unless the ticket is destroyed before, which must
  /// happen on that thread.
  virtual std::unique_ptr<Ticket> resolve(const RedisAddress& address, EventLoop& loop, Done done);

 private:
  struct Question;
  class Worker;
  void leave_to_parent();

  std::mutex mutex_;  // guards what follows
  std::unique_ptr<Worker> worker_;
  pid_t process_ = -1;  ///< that began it
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
