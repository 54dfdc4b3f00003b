#include "online/redis/connection.hpp"

#include <algorithm>
#include <array>
#include <system_error>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <fmt/format.h>
#include <unistd.h>

#include "base/try.hpp"
#include "online/redis/redis_error.hpp"

namespace provender::online::redis {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10U;
/// What hiredis's reader is given at once: for each reply that it gave away it moves the rest of
/// it.
constexpr std::size_t kFeedBytes = std::size_t{8} << 10U;
/// Memory kept for the next commands; more is given back once it is sent.
constexpr std::size_t kKeptBytes = std::size_t{256} << 10U;

std::string reason(int number) {
  return std::generic_category().message(number);
}

}  // namespace

Connection::Connection(EventLoop& loop,
                       const Access& access,
                       const RedisAddress& address,
                       Owner& owner)
    : loop_(loop),
      access_(access),
      address_(address),
      owner_(owner),
      begun_(std::chrono::steady_clock::now()),
      last_received_(begun_) {
  greet();
}

Connection::~Connection() {
  watch_.reset();
  if (socket_ >= 0) ::close(socket_);
  if (state_ == State::Ready) --access_.activity->connections;
  access_.activity->in_flight -= in_flight_;
}

Error Connection::error(std::string_view what) const {
  const RedisUrl& url = access_.settings.url;
  return {ErrorCode::Unavailable,
          fmt::format("redis {}: {}", url.socket.empty() ? to_string(address_) : url.socket, what)};
}

/// Puts what a new connection says first in front of all commands.
void Connection::greet() {
  const RedisUrl& url = access_.settings.url;
  if (!url.password.empty() || !url.user.empty()) {
    if (url.user.empty()) {
      append_command(out_, {"AUTH", url.password});
    } else {
      append_command(out_, {"AUTH", url.user, url.password});
    }
    pending_.push_back({.receiver = nullptr, .token = 0});
  }
  if (url.database != 0) {
    append_command(out_, {"SELECT", std::to_string(url.database)});
    pending_.push_back({.receiver = nullptr, .token = 0});
  }
  append_command(out_, {"PING"});  // a server that is stopped or loading accepts, and says nothing
  pending_.push_back({.receiver = nullptr, .token = 0});
  greeting_ = out_.size();
}

void Connection::start() {
  auto reader = ReplyReader::make();
  if (!reader) return close(reader.error());
  reader_ = *std::move(reader);
  const std::string& socket = access_.settings.url.socket;
  if (!socket.empty()) return resolved(Resolver::Addresses{socket_address(socket)});
  if (auto known = numeric_address(address_)) return resolved(Resolver::Addresses{*known});
  ticket_ = access_.resolver->resolve(
      address_, loop_, [this](const Result<Resolver::Addresses>& found) { resolved(found); });
}

void Connection::resolved(const Result<Resolver::Addresses>& addresses) {
  if (!addresses) return close(error(addresses.error().message()));
  state_ = State::Connecting;
  addresses_ = *addresses;
  connect_next(error("its name has no address"));
}

/// Begins to connect to the first of the addresses left that lets itself; `why` it was not one
/// before.
void Connection::connect_next(Error why) {
  while (next_address_ < addresses_.size()) {
    auto begun = connect(addresses_[next_address_++]);
    if (begun) return;
    why = std::move(begun).error();
  }
  close(why);
}

/// Begins to connect to one address.
Result<> Connection::connect(const SocketAddress& address) {
  watch_.reset();
  if (socket_ >= 0) ::close(socket_);
  socket_ = ::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return error(reason(errno));
  if (address.bytes.ss_family != AF_UNIX) {
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(socket_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  }
  // POSIX addresses are cast so.
  const auto* name = reinterpret_cast<const sockaddr*>(&address.bytes);
  if (::connect(socket_, name, address.size) != 0 && errno != EINPROGRESS) {
    return error(reason(errno));
  }
  watch_ = loop_.watch(socket_, *this);
  wants_write_ = true;
  watch_->want(EventLoop::Interest::Writing);
  return {};
}

void Connection::connected() {
  int failure = 0;
  socklen_t size = sizeof failure;
  ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &failure, &size);
  if (failure != 0) return connect_next(error(reason(failure)));
  state_ = State::Greeting;
  wants_write_ = false;
  watch_->want(EventLoop::Interest::Reading);
  if (access_.tls) {
    auto session = TlsSession::make(access_.tls, address_.host);
    if (!session) return close(session.error());
    tls_ = *std::move(session);
  }
  flush();
}

void Connection::on_ready(bool readable, bool writable) {
  if (!readable && !writable) return close(error("the system cannot wait for its answers"));
  if (state_ == State::Connecting) {
    if (writable) connected();
    return;
  }
  if (readable) receive();
  if (writable && !is_closed()) flush();
}

void Connection::send(std::string_view command, Receiver& receiver, std::uint32_t token) {
  out_ += command;
  pending_.push_back({.receiver = &receiver, .token = token});
  ++in_flight_;
  access_.activity->in_flight.fetch_add(1, std::memory_order_relaxed);
}

void Connection::flush() {
  if (state_ != State::Ready && state_ != State::Greeting) return;
  const std::size_t ready = is_ready() ? out_.size() : greeting_;
  if (ready > 0) {
    if (tls_) {
      if (auto sent = tls_->send(std::string_view(out_).substr(0, ready)); !sent) {
        return close(error(sent.error().message()));
      }
      out_.erase(0, ready);
    } else if (wire_.empty() && ready == out_.size()) {
      wire_.swap(out_);
    } else {
      wire_.append(out_, 0, ready);
      out_.erase(0, ready);
    }
    if (!is_ready()) greeting_ = 0;
  }
  if (tls_) tls_->take_output(wire_);
  write_wire();
}

void Connection::write_wire() {
  while (wire_sent_ < wire_.size()) {
    const ssize_t count =
        ::send(socket_, wire_.data() + wire_sent_, wire_.size() - wire_sent_, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno != EAGAIN) return close(error(reason(errno)));
    if (count < 0) break;
    wire_sent_ += static_cast<std::size_t>(count);
  }
  const bool is_done = wire_sent_ == wire_.size();
  if (is_done) {
    wire_.clear();
    wire_sent_ = 0;
    if (wire_.capacity() > kKeptBytes) wire_ = {};
  }
  if (wants_write_ == !is_done) return;
  wants_write_ = !is_done;
  watch_->want(wants_write_ ? EventLoop::Interest::Both : EventLoop::Interest::Reading);
}

void Connection::receive() {
  std::array<char, kReadBytes> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  for (;;) {
    const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) return close(error(reason(errno)));
    if (count == 0) return close(error("closed by the server"));
    last_received_ = std::chrono::steady_clock::now();
    if (!take({buffer.data(), static_cast<std::size_t>(count)})) return;
    if (static_cast<std::size_t>(count) < buffer.size()) return;
  }
}

/// False: the connection is closed.
bool Connection::take(std::string_view wire) {
  if (tls_) {
    plain_.clear();
    const auto received = tls_->receive(wire, plain_);
    wire = plain_;
    if (!received) {
      // What came before the end is whole, as the end of a greeting that was refused is.
      if (!read_replies(wire)) return false;
      close(error(received.error().message()));
      return false;
    }
    tls_->take_output(wire_);
    if (!wire_.empty()) write_wire();
    if (is_closed()) return false;
  }
  return read_replies(wire);
}

/// False: the connection is closed.
bool Connection::read_replies(std::string_view bytes) {
  while (!bytes.empty()) {
    if (auto fed = reader_->feed(bytes.substr(0, kFeedBytes)); !fed) {
      close(error(fed.error().message()));
      return false;
    }
    bytes.remove_prefix(std::min(bytes.size(), kFeedBytes));
    if (!dispatch()) return false;
  }
  return true;
}

/// Hands out the replies that are whole. False: the connection is closed.
bool Connection::dispatch() {
  for (;;) {
    const auto more = reader_->next();
    if (!more) {
      close(error(more.error().message()));
      return false;
    }
    if (!*more) return true;
    if (pending_.empty()) {
      close(error("it sent a reply that nothing was asked for"));
      return false;
    }
    const Pending next = pending_.front();
    pending_.pop_front();
    if (next.receiver == nullptr) {
      greeted(reader_->reply());
    } else {
      --in_flight_;
      access_.activity->in_flight.fetch_sub(1, std::memory_order_relaxed);
      next.receiver->on_reply(next.token, reader_->reply());
    }
    if (is_closed()) return false;
  }
}

void Connection::greeted(const Reply& reply) {
  if (reply.is_error()) {
    return close(to_error(reply.text(), access_.settings.url, address_));
  }
  const bool is_last = pending_.empty() || pending_.front().receiver != nullptr;
  if (!is_last) return;
  state_ = State::Ready;
  was_ready_ = true;
  ++access_.activity->connections;
  owner_.on_connected(*this);
  flush();
}

void Connection::close(const Error& why) {
  if (is_closed()) return;
  if (is_ready()) --access_.activity->connections;
  access_.activity->in_flight -= std::exchange(in_flight_, 0);
  state_ = State::Closed;
  ticket_.reset();
  watch_.reset();
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  owner_.on_closed(*this, why);
  // What is told of its loss may send anew, elsewhere.
  std::deque<Pending> lost;
  lost.swap(pending_);
  for (const Pending& one : lost) {
    if (one.receiver != nullptr) one.receiver->on_lost(one.token, why);
  }
}

}  // namespace provender::online::redis
