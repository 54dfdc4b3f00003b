#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "provender/log.hpp"
#include "provender/result.hpp"

#include "http/handler.hpp"
#include "http/limits.hpp"

namespace provender::http {

/// Where the certificate of a server is: PEM files, read when the server starts and whenever they
/// change.
struct TlsFiles {
  std::filesystem::path certificate;  ///< the server's own first, then those above it
  std::filesystem::path key;          ///< without a password
};

struct ServerOptions {
  std::string host = "127.0.0.1";  ///< an address of this machine, or a name that resolves to one
  std::uint16_t port = 0;          ///< 0: the system chooses, see `Server::port`
  unsigned threads = 1;            ///< event loops, each with a thread of its own
  Limits limits{};
  std::optional<TlsFiles> tls;  ///< unset: plain HTTP
  std::chrono::milliseconds tick{
      250};  ///< how often time-outs are looked at and `Handler::tick` is called
};

/// An HTTP/1.1 server: keep-alive, pipelining, chunked bodies, TLS if asked for. A connection
/// belongs to one event loop for life; one loop accepts and deals each new one to the loop that has
/// the fewest. Safe for concurrent use, but not from inside a handler.
class Server {
 public:
  /// Listens, makes the handlers and starts the loops. `logger` must outlive the server.
  /// Unavailable if the port is in use, PermissionDenied if the system refuses it, InvalidArgument
  /// for a host or setting that cannot be.
  static Result<std::unique_ptr<Server>> open(ServerOptions options,
                                              const HandlerFactory& make_handler,
                                              Logger& logger);
  ~Server();  ///< as `close`
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// The port that is listened on.
  std::uint16_t port() const noexcept;

  /// Connections open now.
  std::size_t connections() const noexcept;

  /// Stops accepting, closes idle connections, lets requests that have begun be answered (with
  /// Connection: close), and cuts what is left after `deadline`. Returns once all threads have
  /// ended: true if nothing had to be cut.
  bool drain(std::chrono::milliseconds deadline);

  /// Cuts all connections and ends the threads.
  void close();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace provender::http
