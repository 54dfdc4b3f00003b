#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "provender/result.hpp"

#include "model/redis_settings.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace provender::online::redis {

/// Certificates and rules for TLS connections. Immutable: safe for concurrent use.
class TlsContext {
 public:
  /// TLS 1.2 or newer, the server's certificate verified. InvalidArgument names a file that cannot
  /// be used.
  static Result<std::shared_ptr<const TlsContext>> make(const RedisTls& settings);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

 private:
  friend class TlsSession;
  explicit TlsContext(ssl_ctx_st* context, std::string server_name)
      : context_(context), server_name_(std::move(server_name)) {}
  ssl_ctx_st* context_;
  std::string server_name_;
};

/// One TLS connection, as a filter between our bytes and those on the wire: it touches no socket.
/// Confined to one thread.
class TlsSession {
 public:
  /// For a server of this name or address, which its certificate must have.
  static Result<std::unique_ptr<TlsSession>> make(const std::shared_ptr<const TlsContext>& context,
                                                  const std::string& host);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// Takes bytes from the wire and appends what they say to `plain`.
  Result<> receive(std::string_view wire, std::string& plain);
  /// Encrypts `plain`, or keeps it until the handshake is done.
  Result<> send(std::string_view plain);
  /// Appends what is to go over the wire.
  void take_output(std::string& wire);

  bool is_ready() const { return is_ready_; }

 private:
  TlsSession(std::shared_ptr<const TlsContext> context, ssl_st* session)
      : context_(std::move(context)), session_(session) {}
  Result<> shake_hands();
  Error error(std::string_view what) const;

  std::shared_ptr<const TlsContext> context_;
  ssl_st* session_;
  std::string waiting_;  ///< plain bytes from before the handshake was done
  bool is_ready_ = false;
};

}  // namespace provender::online::redis
