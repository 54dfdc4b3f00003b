#pragma once

#include <functional>
#include <memory>

#include "provender/event_loop.hpp"

#include "http/message.hpp"

namespace provender::http {

class Connection;

/// One request and the place for its answer, moved along until somebody sends it: inside
/// `Handler::handle`, which is the fast path and allocates nothing, or later on the same event
/// loop. Dropped unsent it answers 500. The client may be gone meanwhile; sending is harmless then.
/// Confined to the event loop's thread, and must not outlive its Handler.
class Exchange {
 public:
  explicit Exchange(std::shared_ptr<Connection> connection) noexcept;
  Exchange(Exchange&&) noexcept;
  Exchange& operator=(Exchange&& other) noexcept;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange();

  const Request& request() const noexcept;
  Response& response() noexcept;
  /// The address of who asks; empty if it is gone.
  std::string peer() const;

  /// Hands the response over; request and response must not be used after. Never calls the handler
  /// before it returns.
  void send();

 private:
  std::shared_ptr<Connection> connection_;
};

/// What one event loop does with its requests. Each loop has its own handler, so none of it needs a
/// lock: every call comes on the loop's thread, and must not block it. An exception out of `handle`
/// answers 500 and is logged.
class Handler {
 public:
  virtual ~Handler() = default;

  /// Called once, before all else, with the loop that this handler is of; the loop outlives it.
  virtual void begin(EventLoop& /*loop*/) {}

  /// Answers by `exchange.send()`, now or later. Requests of one connection come one after the
  /// other.
  virtual void handle(Exchange exchange) = 0;

  /// Fills the answer to a request that the transport refuses (malformed, too large, too slow, too
  /// many); the connection is closed after it, but for a dropped exchange.
  virtual void refuse(const Refusal& refusal, Response& response) {
    write_refusal(refusal, response);
  }

  /// Called about each `ServerOptions::tick`, for what is to be looked after without a request.
  virtual void tick() {}
};

/// Makes the handler of the event loop with this number.
using HandlerFactory = std::function<std::unique_ptr<Handler>(unsigned loop)>;

}  // namespace provender::http
