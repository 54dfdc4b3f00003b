#include "http/connection.hpp"

#include <array>
#include <exception>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <unistd.h>

#include "http/encode.hpp"
#include "http/tls.hpp"

namespace provender::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kBatchBytes = std::size_t{64} << 10;  ///< answers are gathered up to here
constexpr std::size_t kKeptBytes = std::size_t{256} << 10;  ///< memory kept for the next answer
constexpr std::size_t kFreeBytes = std::size_t{64} << 10;   ///< input not charged to the budget
constexpr std::size_t kLingerBytes = std::size_t{256} << 10;

}  // namespace

struct Connection::Link {
  explicit Link(asio::io_context& io) : socket(io) {}
  tcp::socket socket;
  TlsCredentials::Context credentials;  ///< kept while the stream is
  std::optional<asio::ssl::stream<tcp::socket&>> tls;
  std::string encrypting;  ///< what TLS is sending, and may ask for again
};

void Connection::serve(LoopState& loop, int socket) {
  std::shared_ptr<Connection> connection;
  try {
    loop.connections.reserve(loop.connections.size() + 1);
    connection = std::make_shared<Connection>(loop, socket);
  } catch (const std::exception& e) {
    loop.logger.log(LogLevel::Error, e.what());
    ::close(socket);
    loop.load.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  connection->slot_ = loop.connections.size();
  loop.connections.push_back(connection);
  connection->guarded([&] { loop.tls == nullptr ? connection->advance() : connection->greet(); });
}

Connection::Connection(LoopState& loop, int socket)
    : loop_(loop), link_(std::make_unique<Link>(loop.io)), reader_(loop.limits) {
  error_code ignored;
  link_->socket.assign(tcp::v4(), socket, ignored);
  if (ignored) ::close(socket);  // the first read will fail, and that closes the connection
  link_->socket.non_blocking(true, ignored);
  link_->socket.set_option(tcp::no_delay(true), ignored);
}

Connection::~Connection() = default;

/// Runs a step of an event; what it throws ends the connection, not the loop.
template <class Step>
void Connection::guarded(Step step) noexcept {
  try {
    step();
  } catch (const std::exception& e) {
    loop_.logger.log(LogLevel::Error, e.what());
    close();
  }
}

void Connection::enter(Phase phase) {
  if (phase_ == phase) return;
  phase_ = phase;
  const Limits& limits = loop_.limits;
  const std::array times = {limits.idle_time,
                            limits.header_time,
                            limits.body_time,
                            limits.answer_time,
                            limits.write_time,
                            limits.linger_time,
                            limits.header_time};
  deadline_ = std::chrono::steady_clock::now() + times[static_cast<std::size_t>(phase)];
}

/// The handshake of TLS; a client that does not speak it is disconnected.
void Connection::greet() {
  enter(Phase::Greeting);
  link_->credentials = loop_.tls->current();
  link_->tls.emplace(link_->socket, *link_->credentials);
  link_->tls->async_handshake(asio::ssl::stream_base::server,
                              [self = shared_from_this()](const error_code& ec) {
                                if (self->closed_) return;
                                if (ec) return self->close();
                                self->guarded([&] { self->advance(); });
                              });
}

/// Goes on until it waits for the client or for an answer. Harmless to call when there is nothing
/// to do.
void Connection::advance() {
  while (!closed_ && !busy_ && !writing_) {
    if (std::exchange(answered_, false)) reader_.next();
    if (closing_) {
      if (flush()) linger();
      return;
    }
    if (unsent() >= kBatchBytes && !flush()) return;
    const RequestReader::State state = reader_.advance();
    if (state == RequestReader::State::Ready) {
      if (!dispatch()) return;
    } else if (state == RequestReader::State::Refused) {
      refuse(reader_.refusal());
    } else if (await_input(state)) {
      return;
    }
  }
}

/// Returns whether the answer is there already.
bool Connection::dispatch() {
  stash_body();
  response_.reset();
  phase_ = Phase::Handling;
  busy_ = in_handler_ = true;
  try {
    loop_.handler->handle(Exchange(shared_from_this()));
  } catch (const std::exception& e) {
    loop_.logger.log(LogLevel::Error, std::string("http: the handler threw: ") + e.what());
  }
  in_handler_ = false;
  if (!busy_) return true;
  deadline_ = std::chrono::steady_clock::now() + loop_.limits.answer_time;
  flush();
  return false;
}

/// Returns false if there is something else to do first.
bool Connection::await_input(RequestReader::State state) {
  if (state == RequestReader::State::Idle && loop_.draining) {
    closing_ = true;
    return false;
  }
  if (state == RequestReader::State::Body && reader_.take_expectation()) {
    stash_body();
    out_.append("HTTP/1.1 100 Continue\r\n\r\n");
  }
  if (!flush()) return true;
  if (!reading_ && !charge_memory()) {
    refuse({.status = 503,
            .code = ErrorCode::Unavailable,
            .message = "the server holds as many bytes of requests as it may; try again later"});
    return false;
  }
  enter(state == RequestReader::State::Idle     ? Phase::Idle
        : state == RequestReader::State::Header ? Phase::Header
                                                : Phase::Body);
  receive();
  return true;
}

void Connection::receive() {
  if (reading_) return;
  reading_ = true;
  const std::span<char> room = reader_.room();
  const auto buffer = asio::buffer(room.data(), room.size());
  auto done = [self = shared_from_this()](const error_code& ec, std::size_t count) {
    self->guarded([&] { self->received(ec.failed(), count); });
  };
  // What lingers is read for nobody, so it need not be deciphered.
  if (link_->tls && phase_ != Phase::Lingering) {
    link_->tls->async_read_some(buffer, std::move(done));
  } else {
    link_->socket.async_read_some(buffer, std::move(done));
  }
}

void Connection::received(bool failed, std::size_t count) {
  reading_ = false;
  if (closed_) return;
  if (!closing_) {
    if (failed) return close();
    reader_.commit(count);
    return advance();
  }
  if (phase_ != Phase::Lingering) return;  // the last answer is still being written
  discarded_ += count;
  if (failed || discarded_ > kLingerBytes) return close();
  forget_input();
  receive();
}

/// Makes room for input and charges what is beyond the free part of it to the server's budget;
/// false if that is over.
bool Connection::charge_memory() {
  static_cast<void>(reader_.room());
  const std::size_t held = std::max(reader_.capacity(), kFreeBytes) - kFreeBytes;
  if (held == charged_) return true;
  const bool grows = held > charged_;
  const std::size_t change = held - charged_;  // wraps around where it shrinks, as the sum does
  const std::size_t total = loop_.buffered.fetch_add(change, std::memory_order_relaxed) + change;
  charged_ = held;
  return !grows || total <= loop_.limits.buffered_bytes;
}

void Connection::forget_input() {
  if (reading_) return;  // into that memory
  reader_.discard();
  static_cast<void>(charge_memory());
}

void Connection::refuse(const Refusal& refusal) {
  stash_body();
  response_.reset();
  Refusal told = refusal;
  told.peer = peer();
  loop_.handler->refuse(told, response_);
  enqueue(/*keep_alive=*/false);
  forget_input();
}

void Connection::enqueue(bool keep_alive) {
  append_head(out_,
              response_,
              {.date = loop_.date, .keep_alive = keep_alive, .is_http_1_0 = reader_.is_http_1_0()});
  body_follows_ = has_body(response_.status);
  closing_ = !keep_alive;
}

void Connection::answer() noexcept {
  busy_ = false;
  if (closed_) return;
  guarded([this] {
    enqueue(reader_.keep_alive() && (!loop_.draining || reader_.has_more()));
    if (reader_.request().method == "HEAD") body_follows_ = false;
    answered_ = true;
    if (in_handler_) return;  // `advance` goes on when the handler is back
    asio::post(loop_.io, [self = shared_from_this()] { self->guarded([&] { self->advance(); }); });
  });
}

void Connection::answer_dropped() noexcept {
  guarded([this] {
    if (closed_) return;
    response_.reset();
    loop_.handler->refuse({.status = 500,
                           .code = ErrorCode::Internal,
                           .message = "the request was given up without an answer",
                           .peer = peer()},
                          response_);
  });
  answer();
}

std::string Connection::peer() const {
  error_code ec;
  const tcp::endpoint peer = link_->socket.remote_endpoint(ec);
  return ec ? std::string() : peer.address().to_string();
}

void Connection::stash_body() {
  if (std::exchange(body_follows_, false)) out_.append(response_.body);
}

std::size_t Connection::unsent() const noexcept {
  return out_.size() + (body_follows_ ? response_.body.size() : 0) - sent_;
}

/// Returns whether everything is sent; if not it goes on by itself, and then calls `advance`.
bool Connection::flush() {
  if (writing_ || closed_) return false;
  if (!send_some()) return false;
  if (phase_ == Phase::Writing) enter(Phase::Handling);
  out_.clear();
  sent_ = 0;
  body_follows_ = false;
  if (out_.capacity() > kKeptBytes) out_ = {};
  if (!busy_ && response_.body.capacity() > kKeptBytes) response_.body = {};
  return true;
}

/// Returns whether everything is sent.
bool Connection::send_some() {
  while (unsent() > 0) {
    if (link_->tls) return encrypt(), false;
    const std::size_t head = std::min(sent_, out_.size());
    const std::string_view body = body_follows_ ? response_.body : std::string_view();
    const std::array<asio::const_buffer, 2> parts = {
        asio::buffer(std::string_view(out_).substr(head)), asio::buffer(body.substr(sent_ - head))};
    error_code ec;
    sent_ += link_->socket.write_some(parts, ec);
    if (ec == asio::error::would_block) return await_writable(), false;
    if (ec) return close(), false;
  }
  return true;
}

void Connection::await_writable() {
  enter(Phase::Writing);
  writing_ = true;
  link_->socket.async_wait(tcp::socket::wait_write,
                           [self = shared_from_this()](const error_code& /*ec*/) {
                             self->writing_ = false;
                             self->guarded([&] {
                               if (self->flush()) self->advance();
                             });
                           });
}

void Connection::encrypt() {
  enter(Phase::Writing);
  writing_ = true;
  stash_body();
  link_->encrypting.clear();
  std::swap(link_->encrypting, out_);
  asio::async_write(*link_->tls,
                    asio::buffer(link_->encrypting),
                    [self = shared_from_this()](const error_code& ec, std::size_t /*count*/) {
                      self->writing_ = false;
                      if (self->closed_) return;
                      if (ec) return self->close();
                      self->guarded([&] {
                        if (self->flush()) self->advance();
                      });
                    });
}

/// A socket closed with unread input resets the client's end, and with it the answer that it may
/// not have read yet. So only our direction is shut, and some more is read for nobody.
void Connection::linger() {
  if (link_->tls) {
    enter(Phase::Lingering);
    link_->tls->async_shutdown([self = shared_from_this()](const error_code& /*ec*/) {
      if (!self->closed_) self->guarded([&] { self->read_to_end(); });
    });
  } else if (loop_.draining && !has_unread()) {
    close();
  } else {
    enter(Phase::Lingering);
    read_to_end();
  }
}

void Connection::read_to_end() {
  error_code ignored;
  link_->socket.shutdown(tcp::socket::shutdown_send, ignored);
  forget_input();
  receive();
}

bool Connection::has_unread() const {
  error_code ec;
  return link_->socket.available(ec) > 0;
}

void Connection::expire(std::chrono::steady_clock::time_point now) {
  if (now < deadline_ || (phase_ == Phase::Handling && !busy_)) return;
  if (phase_ == Phase::Handling) return give_up();
  if (phase_ != Phase::Header && phase_ != Phase::Body) {
    cut();
    return;
  }
  guarded([this] {
    refuse({.status = 408,
            .code = ErrorCode::Cancelled,
            .message = phase_ == Phase::Header ? "the header did not arrive in time"
                                               : "the body did not arrive in time"});
    advance();
  });
}

/// Tells the client that its answer does not come, and hangs up. The exchange is still out there
/// with the request and the response in hand: both are left to it.
void Connection::give_up() {
  if (link_->tls) return close();  // a record may be half written
  guarded([this] {
    Response late;
    loop_.handler->refuse({.status = 503,
                           .code = ErrorCode::Unavailable,
                           .message = "the answer was not ready in time; try again later",
                           .peer = peer()},
                          late);
    append_head(out_,
                late,
                {.date = loop_.date, .keep_alive = false, .is_http_1_0 = reader_.is_http_1_0()});
    out_.append(late.body);
    error_code ignored;
    link_->socket.write_some(asio::buffer(std::string_view(out_).substr(sent_)), ignored);
    link_->socket.shutdown(tcp::socket::shutdown_send, ignored);
    close();
  });
}

void Connection::drain() {
  if ((phase_ == Phase::Idle || phase_ == Phase::Lingering) && !has_unread()) close();
}

bool Connection::cut() {
  const bool in_hand =
      phase_ != Phase::Idle && phase_ != Phase::Lingering && phase_ != Phase::Greeting;
  if (phase_ == Phase::Writing) {
    error_code ignored;  // the system need not keep what the client does not take
    link_->socket.set_option(tcp::socket::linger(true, 0), ignored);
  }
  close();
  return in_hand;
}

void Connection::close() {
  if (std::exchange(closed_, true)) return;
  const auto self = shared_from_this();
  error_code ignored;
  link_->socket.close(ignored);
  loop_.buffered.fetch_sub(charged_, std::memory_order_relaxed);
  loop_.connections.back()->slot_ = slot_;
  std::swap(loop_.connections[slot_], loop_.connections.back());
  loop_.connections.pop_back();
  loop_.load.fetch_sub(1, std::memory_order_relaxed);
  if (loop_.draining && loop_.connections.empty()) loop_.io.stop();
}

Exchange::Exchange(std::shared_ptr<Connection> connection) noexcept
    : connection_(std::move(connection)) {}
Exchange::Exchange(Exchange&&) noexcept = default;

Exchange& Exchange::operator=(Exchange&& other) noexcept {
  const Exchange dropped(std::move(*this));
  connection_ = std::move(other.connection_);
  return *this;
}

Exchange::~Exchange() {
  if (connection_) connection_->answer_dropped();
}

const Request& Exchange::request() const noexcept {
  return connection_->request();
}

Response& Exchange::response() noexcept {
  return connection_->response();
}

std::string Exchange::peer() const {
  return connection_->peer();
}

void Exchange::send() {
  std::exchange(connection_, nullptr)->answer();
}

}  // namespace provender::http
