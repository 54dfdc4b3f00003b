#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "provender/log.hpp"

#include "http/handler.hpp"
#include "http/limits.hpp"
#include "http/request_reader.hpp"

namespace boost::asio {
class io_context;  // NOLINT(readability-identifier-naming): Boost's name
}

namespace provender::http {

class TlsCredentials;

/// What the connections of one event loop share. Confined to its thread, but for the atomic counts.
struct LoopState {
  boost::asio::io_context& io;
  const Limits& limits;
  Logger& logger;
  std::atomic<std::size_t>& buffered;  ///< of all loops: see Limits::buffered_bytes
  const TlsCredentials* tls;           ///< null: plain HTTP
  std::unique_ptr<Handler> handler;
  std::string date;
  bool draining = false;
  std::vector<std::shared_ptr<Connection>> connections;
  std::atomic<std::size_t> load = 0;  ///< connections dealt to this loop and still open
};

/// One client: reads requests, has them handled one after the other, writes the answers in order.
/// Whatever the client does or leaves undone, each phase has a deadline, and the memory it can take
/// is bounded. Confined to its loop's thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// Takes over a connected, non-blocking socket and starts to serve it.
  static void serve(LoopState& loop, int socket);

  Connection(LoopState& loop, int socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Closes or answers if the phase has lasted too long.
  void expire(std::chrono::steady_clock::time_point now);
  /// Closes if nothing is in hand; otherwise the loop's `draining` makes the next answer the last.
  void drain();
  /// Closes at once, unsent bytes dropped; returns whether a request or an answer was cut by it.
  bool cut();

  /// For Exchange.
  const Request& request() const noexcept { return reader_.request(); }
  Response& response() noexcept { return response_; }
  std::string peer() const;
  void answer() noexcept;
  void answer_dropped() noexcept;

 private:
  enum class Phase : unsigned char { Idle, Header, Body, Handling, Writing, Lingering, Greeting };
  struct Link;

  template <class Step>
  void guarded(Step step) noexcept;
  void enter(Phase phase);
  void greet();
  void advance();
  bool dispatch();
  bool await_input(RequestReader::State state);
  void receive();
  void received(bool failed, std::size_t count);
  bool charge_memory();
  void forget_input();
  void refuse(const Refusal& refusal);
  void give_up();
  void enqueue(bool keep_alive);
  void stash_body();
  std::size_t unsent() const noexcept;
  bool flush();
  bool send_some();
  void await_writable();
  void encrypt();
  void linger();
  void read_to_end();
  bool has_unread() const;
  void close();

  LoopState& loop_;
  std::unique_ptr<Link> link_;
  RequestReader reader_;
  Response response_;
  std::string out_;  ///< heads, and all bodies but the last, of answers not yet sent
  bool body_follows_ =
      false;  ///< the last answer's body is still in `response_`, to be sent behind `out_`
  std::size_t sent_ = 0;       ///< bytes of both that the system took
  std::size_t charged_ = 0;    ///< our part of LoopState::buffered
  std::size_t discarded_ = 0;  ///< bytes read while lingering
  std::size_t slot_ = 0;       ///< place in LoopState::connections
  std::chrono::steady_clock::time_point deadline_;
  Phase phase_ = Phase::Handling;
  bool busy_ = false;        ///< an exchange is out
  bool in_handler_ = false;  ///< the handler is being called
  bool answered_ = false;    ///< the reader's request is done with
  bool reading_ = false;
  bool writing_ = false;
  bool closing_ = false;  ///< after what is enqueued
  bool closed_ = false;
};

}  // namespace provender::http
