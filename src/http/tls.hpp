#pragma once

#include <filesystem>
#include <memory>

#include "provender/result.hpp"

#include "http/server.hpp"

struct ssl_ctx_st;

namespace provender::http {

/// What connections are encrypted with, and its renewal: certificates are replaced while a server
/// runs. TLS 1.2 and 1.3, HTTP/1.1 by ALPN. Safe for concurrent use.
class TlsCredentials {
 public:
  using Context = std::shared_ptr<ssl_ctx_st>;  ///< OpenSSL's SSL_CTX

  /// NotFound, Io or InvalidArgument name the file and what is wrong with it.
  static Result<std::unique_ptr<TlsCredentials>> open(const TlsFiles& files);
  ~TlsCredentials();
  TlsCredentials(const TlsCredentials&) = delete;
  TlsCredentials& operator=(const TlsCredentials&) = delete;

  /// For a new connection.
  Context current() const;

  /// Reads the files again if they are not those of the last look: true if there is something new
  /// for further connections. After an error the old ones stay, and that state of the files is not
  /// tried again.
  Result<bool> refresh();

 private:
  struct Impl;
  explicit TlsCredentials(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace provender::http
