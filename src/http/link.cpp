#include "http/link.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <new>
#include <utility>

#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <netdb.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

namespace provender::http {
namespace {

using Interest = EventLoop::Interest;

/// Whether the step may be tried again.
bool is_passing(int error_number) noexcept {
  return error_number == EAGAIN || error_number == EINTR;
}

Link::Outcome outcome_of(ssize_t count, Interest waits_for) noexcept {
  if (count >= 0) return {.count = static_cast<std::size_t>(count)};
  if (is_passing(errno)) return {.waits_for = waits_for};
  return {.is_over = true};
}

Link::Outcome received(ssize_t count) noexcept {
  return count == 0 ? Link::Outcome{.is_over = true} : outcome_of(count, Interest::Reading);
}

Link::Outcome outcome_of(const SSL* session, int result) noexcept {
  switch (SSL_get_error(session, result)) {
    case SSL_ERROR_WANT_READ:
      return {.waits_for = Interest::Reading};
    case SSL_ERROR_WANT_WRITE:
      return {.waits_for = Interest::Writing};
    default:
      return {.is_over = true};
  }
}

iovec part(std::string_view text) noexcept {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): what POSIX reads or writes has one type
  return {.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
}

int clamped(std::size_t size) noexcept {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

int socket_of(BIO* bio) noexcept {
  return static_cast<const Link*>(BIO_get_data(bio))->socket();
}

int write_wire(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::send(socket_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (count < 0 && is_passing(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(count);
}

int read_wire(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::recv(socket_of(bio), data, static_cast<std::size_t>(size), 0);
  if (count < 0 && is_passing(errno)) BIO_set_retry_read(bio);
  return static_cast<int>(count);
}

/// OpenSSL's own form of a socket raises a signal where the other end hung up.
const BIO_METHOD* wire() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_write(made, write_wire);
    BIO_meth_set_read(made, read_wire);
    BIO_meth_set_ctrl(made,
                      [](BIO*, int what, long, void*) { return what == BIO_CTRL_FLUSH ? 1L : 0L; });
    return made;
  }();
  return method;
}

}  // namespace

std::string peer_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  std::array<char, NI_MAXHOST> text{};
  if (::getpeername(socket, name, &size) != 0 ||
      ::getnameinfo(name, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) {
    return {};
  }
  return text.data();
}

void Link::Free::operator()(ssl_st* session) const noexcept {
  SSL_free(session);
}

Link::Link(int socket) noexcept : socket_(socket) {
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Link::~Link() {
  close(/*abruptly=*/false);
}

bool Link::has_pending() const noexcept {
  return tls_ && SSL_has_pending(tls_.get()) == 1;
}

bool Link::has_unread() const noexcept {
  int count = 0;
  return has_pending() || (::ioctl(socket_, FIONREAD, &count) == 0 && count > 0);
}

void Link::secure(const TlsCredentials::Context& credentials) {
  credentials_ = credentials;
  tls_.reset(SSL_new(credentials.get()));
  BIO* const bio = tls_ ? BIO_new(wire()) : nullptr;
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(tls_.get(), bio, bio);
  SSL_set_read_ahead(tls_.get(), 1);
  SSL_set_mode(tls_.get(),
               SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                   SSL_MODE_RELEASE_BUFFERS);
  SSL_set_accept_state(tls_.get());
}

Link::Outcome Link::greet() {
  ERR_clear_error();
  const int done = SSL_do_handshake(tls_.get());
  return done == 1 ? Outcome() : outcome_of(tls_.get(), done);
}

Link::Outcome Link::read(std::span<char> room) {
  if (!tls_) return received(::recv(socket_, room.data(), room.size(), 0));
  ERR_clear_error();
  const int count = SSL_read(tls_.get(), room.data(), clamped(room.size()));
  if (count > 0) return {.count = static_cast<std::size_t>(count)};
  return outcome_of(tls_.get(), count);
}

Link::Outcome Link::write(std::string_view first, std::string_view second) {
  if (tls_) {
    ERR_clear_error();
    const int count = SSL_write(tls_.get(), first.data(), clamped(first.size()));
    if (count > 0) return {.count = static_cast<std::size_t>(count)};
    return outcome_of(tls_.get(), count);
  }
  if (second.empty()) {
    return outcome_of(::send(socket_, first.data(), first.size(), MSG_NOSIGNAL), Interest::Writing);
  }
  std::array<iovec, 2> parts = {part(first), part(second)};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  return outcome_of(::sendmsg(socket_, &message, MSG_NOSIGNAL), Interest::Writing);
}

Link::Outcome Link::end_writing() {
  if (tls_) {
    ERR_clear_error();
    const int done = SSL_shutdown(tls_.get());
    if (done < 0) {
      const Outcome outcome = outcome_of(tls_.get(), done);
      if (outcome.waits_for == Interest::Writing || outcome.is_over) return outcome;
    }
  }
  ::shutdown(socket_, SHUT_WR);
  return {};
}

Link::Outcome Link::discard() const {
  std::array<char, 4096> unread;  // NOLINT(cppcoreguidelines-pro-type-member-init): not looked at
  return received(::recv(socket_, unread.data(), unread.size(), 0));
}

void Link::close(bool abruptly) noexcept {
  if (socket_ < 0) return;
  if (abruptly) {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  ::close(std::exchange(socket_, -1));
}

}  // namespace provender::http
