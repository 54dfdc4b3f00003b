#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "provender/event_loop.hpp"

#include "http/tls.hpp"

struct ssl_st;

namespace provender::http {

/// The address at the other end of a socket; empty if it is gone.
std::string peer_of(int socket);

/// The socket of a connection, plain or under TLS: steps that never wait. Owns the socket. Confined
/// to one thread.
class Link {
 public:
  /// What came of a step.
  struct Outcome {
    std::size_t count = 0;  ///< bytes that were moved
    /// Not Nothing: the step could not be done, and is to be tried again when this is so.
    EventLoop::Interest waits_for = EventLoop::Interest::Nothing;
    bool is_over = false;  ///< the other end hung up, or does not keep to the rules
  };

  explicit Link(int socket) noexcept;
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  int socket() const noexcept { return socket_; }
  bool is_secure() const noexcept { return tls_ != nullptr; }
  /// Whether `read` has something though the socket may have nothing.
  bool has_pending() const noexcept;
  bool has_unread() const noexcept;

  /// Puts what follows under TLS, as the server of it; then come `greet`s until one is done.
  void secure(const TlsCredentials::Context& credentials);
  Outcome greet();

  Outcome read(std::span<char> room);
  /// Of two parts as if they were one. Under TLS there is no second one.
  Outcome write(std::string_view first, std::string_view second);
  /// Tells the other end that nothing more comes.
  Outcome end_writing();
  /// Reads for nobody, past TLS.
  Outcome discard() const;

  /// `abruptly`: what was not taken yet is dropped.
  void close(bool abruptly) noexcept;

 private:
  struct Free {
    void operator()(ssl_st* session) const noexcept;
  };

  int socket_;
  TlsCredentials::Context credentials_;  ///< kept while the session is
  std::unique_ptr<ssl_st, Free> tls_;
};

}  // namespace provender::http
