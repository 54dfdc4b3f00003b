#include "http/tls.hpp"

#include <array>
#include <atomic>
#include <string_view>

#include <sys/stat.h>

#include <boost/asio/ssl/context.hpp>
#include <fmt/format.h>

#include "base/fs.hpp"
#include "base/try.hpp"

namespace provender::http {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

/// What tells one state of a file from another without reading it.
struct Stamp {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  timespec modified{};

  bool operator==(const Stamp& other) const noexcept {
    return device == other.device && inode == other.inode && size == other.size &&
           modified.tv_sec == other.modified.tv_sec && modified.tv_nsec == other.modified.tv_nsec;
  }
};

Stamp stamp_of(const std::filesystem::path& file) {
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) return {};
  return {.device = found.st_dev,
          .inode = found.st_ino,
          .size = found.st_size,
          .modified = found.st_mtim};
}

Error unusable(const std::filesystem::path& file, const error_code& ec, std::string_view expected) {
  return {ErrorCode::InvalidArgument,
          fmt::format("{}: {}: expected {}", file.string(), ec.message(), expected)};
}

/// Takes HTTP/1.1 of what a client offers; refuses one that offers only what is not spoken here.
int choose_protocol(SSL* /*ssl*/,
                    const unsigned char** out,
                    unsigned char* out_size,
                    const unsigned char* in,
                    unsigned in_size,
                    void* /*context*/) {
  static constexpr std::array<unsigned char, 9> kSpoken = {
      8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kSpoken.data(), kSpoken.size(), in, in_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Result<> use_files(ssl::context& context, const TlsFiles& files) {
  PROVENDER_ASSIGN(const std::string certificate, read_file(files.certificate));
  PROVENDER_ASSIGN(const std::string key, read_file(files.key));
  error_code ec;
  context.use_certificate_chain(boost::asio::buffer(certificate), ec);
  if (ec) {
    return unusable(
        files.certificate, ec, "certificates in PEM, the server's first, then those above it");
  }
  context.use_private_key(boost::asio::buffer(key), ssl::context::pem, ec);
  if (SSL_CTX_check_private_key(context.native_handle()) == 1 && !ec) return {};
  if (!ec) ec = error_code(EINVAL, boost::system::generic_category());
  return unusable(files.key,
                  ec,
                  fmt::format("a private key in PEM, without a password, that belongs to the "
                              "certificate in {}",
                              files.certificate.string()));
}

Result<TlsCredentials::Context> load(const TlsFiles& files) {
  try {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    SSL_CTX* const native = context->native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
    // Otherwise OpenSSL asks at the terminal for the password of a key that has one.
    context->set_password_callback(
        [](std::size_t /*size*/, ssl::context::password_purpose /*purpose*/) { return ""; });
    PROVENDER_TRY(use_files(*context, files));
    return TlsCredentials::Context(context, native);
  } catch (const std::exception& e) {
    return Error(ErrorCode::Internal, fmt::format("prepare TLS: {}", e.what()));
  }
}

}  // namespace

struct TlsCredentials::Impl {
  TlsFiles files;
  Stamp certificate;
  Stamp key;
  std::atomic<Context> current;

  /// Whether the files are as they were at the last look.
  bool look() {
    const Stamp now_certificate = stamp_of(files.certificate);
    const Stamp now_key = stamp_of(files.key);
    const bool same = now_certificate == certificate && now_key == key;
    certificate = now_certificate;
    key = now_key;
    return same;
  }
};

TlsCredentials::TlsCredentials(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsCredentials::~TlsCredentials() = default;

Result<std::unique_ptr<TlsCredentials>> TlsCredentials::open(const TlsFiles& files) {
  auto impl = std::make_unique<Impl>();
  impl->files = files;
  impl->look();
  PROVENDER_ASSIGN(impl->current, load(files));
  return std::unique_ptr<TlsCredentials>(new TlsCredentials(std::move(impl)));
}

TlsCredentials::Context TlsCredentials::current() const {
  return impl_->current.load();
}

Result<bool> TlsCredentials::refresh() {
  if (impl_->look()) return false;
  PROVENDER_ASSIGN(impl_->current, load(impl_->files));
  return true;
}

}  // namespace provender::http
