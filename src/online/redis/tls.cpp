#include "online/redis/tls.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/try.hpp"

namespace provender::online::redis {
namespace {

/// The oldest of OpenSSL's errors of this thread; the others are forgotten.
std::string openssl_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown error";
}

Error unusable(std::string_view setting, const std::filesystem::path& file) {
  return {ErrorCode::InvalidArgument,
          fmt::format("online.{}: cannot use {}: {}; expected a PEM file",
                      setting,
                      file.string(),
                      openssl_reason())};
}

Result<> load(SSL_CTX* context, const RedisTls& settings) {
  if (settings.authorities.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1) {
      return Error(ErrorCode::FailedPrecondition,
                   "the system's certificate authorities cannot be read: set online.tls_ca");
    }
  } else if (SSL_CTX_load_verify_file(context, settings.authorities.c_str()) != 1) {
    return unusable("tls_ca", settings.authorities);
  }
  if (settings.certificate.empty()) return {};
  if (SSL_CTX_use_certificate_chain_file(context, settings.certificate.c_str()) != 1) {
    return unusable("tls_certificate", settings.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context, settings.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return unusable("tls_key", settings.key);
  }
  return {};
}

/// Requires the server's certificate to be for this host, and names it in the greeting.
bool expect_host(SSL* session, const std::string& host) {
  X509_VERIFY_PARAM* rules = SSL_get0_param(session);
  if (X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1) return true;
  ERR_clear_error();
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  std::string name = host;  // SSL_set_tlsext_host_name, without the cast of its macro
  return X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size()) == 1 &&
         SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) ==
             1;
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::make(const RedisTls& settings) {
  ERR_clear_error();
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) {
    return Error(ErrorCode::ResourceExhausted, "start TLS: " + openssl_reason());
  }
  std::shared_ptr<const TlsContext> made(new TlsContext(context, settings.server_name));
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  PROVENDER_TRY(load(context, settings));
  return made;
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

Result<std::unique_ptr<TlsSession>> TlsSession::make(
    const std::shared_ptr<const TlsContext>& context, const std::string& host) {
  ERR_clear_error();
  SSL* session = SSL_new(context->context_);
  if (session == nullptr) {
    return Error(ErrorCode::ResourceExhausted, "start TLS: " + openssl_reason());
  }
  const std::string& name = context->server_name_.empty() ? host : context->server_name_;
  std::unique_ptr<TlsSession> made(new TlsSession(context, session));
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(session, in, out);
  if (in == nullptr || out == nullptr || !expect_host(session, name)) {
    return Error(ErrorCode::ResourceExhausted, "start TLS: " + openssl_reason());
  }
  SSL_set_connect_state(session);
  PROVENDER_TRY(made->shake_hands());
  return made;
}

TlsSession::~TlsSession() {
  SSL_free(session_);
}

Error TlsSession::error(std::string_view what) const {
  const long verified = SSL_get_verify_result(session_);
  const std::string reason = verified != X509_V_OK
                                 ? std::string(X509_verify_cert_error_string(verified))
                                 : openssl_reason();
  ERR_clear_error();
  return {ErrorCode::Unavailable, fmt::format("TLS {}: {}", what, reason)};
}

Result<> TlsSession::shake_hands() {
  if (is_ready_) return {};
  ERR_clear_error();
  const int done = SSL_do_handshake(session_);
  if (done != 1) {
    const int why = SSL_get_error(session_, done);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return {};
    return error("handshake");
  }
  is_ready_ = true;
  const std::string plain = std::exchange(waiting_, {});
  return send(plain);
}

Result<> TlsSession::receive(std::string_view wire, std::string& plain) {
  BIO_write(SSL_get_rbio(session_), wire.data(), static_cast<int>(wire.size()));
  PROVENDER_TRY(shake_hands());
  if (!is_ready_) return {};
  std::array<char, 16'384> some{};
  ERR_clear_error();
  for (;;) {
    const int count = SSL_read(session_, some.data(), some.size());
    if (count > 0) {
      plain.append(some.data(), static_cast<std::size_t>(count));
      continue;
    }
    const int why = SSL_get_error(session_, count);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return {};
    if (why == SSL_ERROR_ZERO_RETURN) return Error(ErrorCode::Unavailable, "closed by the server");
    return error("read");
  }
}

Result<> TlsSession::send(std::string_view plain) {
  if (!is_ready_) {
    waiting_ += plain;
    return {};
  }
  ERR_clear_error();
  while (!plain.empty()) {  // into memory, so all that is asked for is taken
    const auto size = std::min(plain.size(), std::size_t{std::numeric_limits<int>::max()});
    const int count = SSL_write(session_, plain.data(), static_cast<int>(size));
    if (count <= 0) return error("write");
    plain.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

void TlsSession::take_output(std::string& wire) {
  BIO* out = SSL_get_wbio(session_);
  const std::size_t pending = BIO_ctrl_pending(out);
  const std::size_t before = wire.size();
  wire.resize(before + pending);
  const int count =
      pending == 0 ? 0 : BIO_read(out, wire.data() + before, static_cast<int>(pending));
  wire.resize(before + static_cast<std::size_t>(std::max(count, 0)));
}

}  // namespace provender::online::redis
