#include "http/connection.hpp"

#include <algorithm>
#include <array>
#include <exception>

#include <unistd.h>

#include "http/encode.hpp"

namespace provender::http {
namespace {

using Interest = EventLoop::Interest;

constexpr std::size_t kBatchBytes = std::size_t{64} << 10;   ///< answers are gathered up to here
constexpr std::size_t kKeptBytes = std::size_t{256} << 10;   ///< memory kept for the next answer
constexpr std::size_t kFreeBytes = std::size_t{64} << 10;    ///< input not charged to the budget
constexpr std::size_t kPutOffBytes = std::size_t{16} << 10;  ///< larger answers are sent at once
constexpr std::size_t kPutOffCount = 16;  ///< measured: as many as are read together
constexpr std::size_t kJoinedBytes =
    8192;  ///< a body is copied behind its head: cheaper than two parts
constexpr std::size_t kLingerBytes = std::size_t{256} << 10;

}  // namespace

void Connection::serve(LoopState& loop, int socket) {
  std::shared_ptr<Connection> connection;
  try {
    connection = std::make_shared<Connection>(loop, socket);
    connection->slot_ = loop.connections.size();
    loop.connections.push_back(connection);
  } catch (const std::exception& e) {
    loop.logger.log(LogLevel::Error, e.what());
    if (socket >= 0) ::close(socket);
    loop.load.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  connection->guarded([&] { loop.tls == nullptr ? connection->advance() : connection->greet(); });
}

Connection::Connection(LoopState& loop, int& socket)
    : loop_(loop),
      link_(std::exchange(socket, -1)),
      watch_(loop.events.watch(link_.socket(), watcher_)),
      reader_(loop.limits) {}

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

void Connection::on_ready() noexcept {
  if (loop_.answered.size() >= kPutOffCount) send_answers(loop_);
  const auto self = shared_from_this();
  guarded([this] { resume(); });
}

/// What the client sends would never be seen.
void Connection::on_unwatched() noexcept {
  guarded([this] {
    loop_.logger.log(LogLevel::Warning, "http: the system cannot wait for a client");
    close();
  });
}

/// Goes on with what the client was waited for.
void Connection::resume() {
  if (closed_) return;
  switch (phase_) {
    case Phase::Greeting:
      return greet();
    case Phase::Idle:
    case Phase::Header:
    case Phase::Body:
      return receive();
    case Phase::Writing:
      if (flush()) advance();
      return;
    case Phase::Lingering:
      return ended_ ? discard() : end_writing();
    case Phase::Handling:
      return watch_->want(Interest::Nothing);  // it is not the client who is waited for
  }
}

void Connection::resume_later() {
  loop_.events.post([self = shared_from_this()] { self->guarded([&] { self->resume(); }); });
}

/// The handshake of TLS; a client that does not speak it is disconnected.
void Connection::greet() {
  enter(Phase::Greeting);
  if (!link_.is_secure()) link_.secure(loop_.tls->current());
  const Link::Outcome greeted = link_.greet();
  if (greeted.is_over) return close();
  if (greeted.waits_for != Interest::Nothing) return watch_->want(greeted.waits_for);
  phase_ = Phase::Handling;
  advance();
}

/// Goes on until it waits for the client or for an answer. Harmless to call when there is nothing
/// to do.
void Connection::advance() {
  while (!closed_ && !busy_ && phase_ != Phase::Writing) {
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
  if (state == RequestReader::State::Idle && put_off()) return true;
  if (!flush()) return true;
  if (!charge_memory()) {
    refuse({.status = 503,
            .code = ErrorCode::Unavailable,
            .message = "the server holds as many bytes of requests as it may; try again later"});
    return false;
  }
  enter(state == RequestReader::State::Idle     ? Phase::Idle
        : state == RequestReader::State::Header ? Phase::Header
                                                : Phase::Body);
  if (link_.has_pending()) {
    resume_later();  // when others had their turn
  } else {
    watch_->want(Interest::Reading);
  }
  return true;
}

void Connection::receive() {
  const Link::Outcome got = link_.read(reader_.room());
  if (got.is_over) return close();
  if (got.waits_for != Interest::Nothing) return watch_->want(got.waits_for);
  reader_.commit(got.count);
  advance();
}

/// Leaves a small answer to `send_answers`, for the sake of other requests that have arrived.
bool Connection::put_off() {
  if (unsent() == 0 || unsent() > kPutOffBytes || sent_ > 0) return false;
  loop_.answered.push_back(shared_from_this());
  return true;
}

void Connection::send_answers(LoopState& loop) noexcept {
  // Behind an answer comes the connection's next request, which may add to them.
  std::size_t sent = 0;
  while (sent < loop.answered.size()) {
    const auto connection = std::move(loop.answered[sent++]);
    connection->guarded([&] {
      if (connection->flush()) connection->advance();
    });
  }
  loop.answered.clear();
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
    if (!in_handler_) loop_.answered.push_back(shared_from_this());  // else `advance` goes on
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
  return peer_of(link_.socket());
}

void Connection::stash_body() {
  if (std::exchange(body_follows_, false)) out_.append(response_.body);
}

std::size_t Connection::unsent() const noexcept {
  return out_.size() + (body_follows_ ? response_.body.size() : 0) - sent_;
}

/// Returns whether everything is sent; if not it goes on by itself, and then calls `advance`.
bool Connection::flush() {
  if (closed_ || !send_some()) return false;
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
  if (link_.is_secure() || response_.body.size() <= kJoinedBytes) stash_body();
  while (unsent() > 0) {
    const std::size_t head = std::min(sent_, out_.size());
    const std::string_view body = body_follows_ ? response_.body : std::string_view();
    const Link::Outcome sent =
        link_.write(std::string_view(out_).substr(head), body.substr(sent_ - head));
    if (sent.is_over) return close(), false;
    if (sent.waits_for != Interest::Nothing) {
      enter(Phase::Writing);
      return watch_->want(sent.waits_for), false;
    }
    sent_ += sent.count;
  }
  return true;
}

/// A socket closed with unread input resets the client's end, and with it the answer that it may
/// not have read yet. So only our direction is shut, and some more is read for nobody.
void Connection::linger() {
  if (!link_.is_secure() && loop_.draining && !link_.has_unread()) return close();
  enter(Phase::Lingering);
  end_writing();
}

void Connection::end_writing() {
  const Link::Outcome ended = link_.end_writing();
  if (ended.is_over) return close();
  if (ended.waits_for != Interest::Nothing) return watch_->want(ended.waits_for);
  ended_ = true;
  forget_input();
  watch_->want(Interest::Reading);
}

void Connection::discard() {
  const Link::Outcome got = link_.discard();
  discarded_ += got.count;
  if (got.is_over || discarded_ > kLingerBytes) close();
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
  if (link_.is_secure()) return close();  // a record may be half written
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
    link_.write(std::string_view(out_).substr(sent_), {});
    link_.end_writing();
    close();
  });
}

void Connection::drain() {
  if ((phase_ == Phase::Idle || phase_ == Phase::Lingering) && !link_.has_unread()) close();
}

bool Connection::cut() {
  const bool in_hand =
      phase_ != Phase::Idle && phase_ != Phase::Lingering && phase_ != Phase::Greeting;
  // The system need not keep what the client does not take.
  close(/*abruptly=*/phase_ == Phase::Writing);
  return in_hand;
}

void Connection::close(bool abruptly) {
  if (std::exchange(closed_, true)) return;
  const auto self = shared_from_this();
  watch_.reset();
  link_.close(abruptly);
  loop_.buffered.fetch_sub(charged_, std::memory_order_relaxed);
  loop_.connections.back()->slot_ = slot_;
  std::swap(loop_.connections[slot_], loop_.connections.back());
  loop_.connections.pop_back();
  loop_.load.fetch_sub(1, std::memory_order_relaxed);
  if (loop_.draining && loop_.connections.empty()) loop_.is_done = true;
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
