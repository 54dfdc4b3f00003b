#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "provender/event_loop.hpp"
#include "provender/log.hpp"

#include "http/handler.hpp"
#include "http/limits.hpp"
#include "http/link.hpp"
#include "http/request_reader.hpp"

namespace provender::http {

/// What the connections of one event loop share. Confined to its thread, but for the atomic counts.
struct LoopState {
  EventLoop& events;
  const Limits& limits;
  Logger& logger;
  std::atomic<std::size_t>& buffered;  ///< of all loops: see Limits::buffered_bytes
  const TlsCredentials* tls;           ///< null: plain HTTP
  std::unique_ptr<Handler> handler;
  std::string date;
  bool draining = false;
  bool is_done = false;  ///< draining, and no connection is left
  std::vector<std::shared_ptr<Connection>> connections;
  /// Some that have put the sending of an answer off until the requests of others were handled: a
  /// client that they share is woken once for several, and the code of either step is warm.
  std::vector<std::shared_ptr<Connection>> answered;
  std::atomic<std::size_t> load = 0;  ///< connections dealt to this loop and still open
};

/// One client: reads requests, has them handled one after the other, writes the answers in order.
/// Whatever the client does or leaves undone, each phase has a deadline, and the memory it can take
/// is bounded. Confined to its loop's thread.
class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  /// Takes over a connected, non-blocking socket and starts to serve it.
  static void serve(LoopState& loop, int socket);

  /// Sends what was put off. Called when the events that have come were handled.
  static void send_answers(LoopState& loop) noexcept;

  /// Takes the socket over: -1 is left.
  Connection(LoopState& loop, int& socket);
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

  struct Watcher final : EventLoop::Watcher {
    explicit Watcher(Connection& of) : connection(of) {}
    void on_ready(bool readable, bool writable) override {
      readable || writable ? connection.on_ready() : connection.on_unwatched();
    }
    Connection& connection;
  };

  template <class Step>
  void guarded(Step step) noexcept;
  void enter(Phase phase);
  void on_ready() noexcept;
  void on_unwatched() noexcept;
  void resume();
  void resume_later();
  void greet();
  void advance();
  bool dispatch();
  bool await_input(RequestReader::State state);
  void receive();
  bool put_off();
  bool charge_memory();
  void forget_input();
  void refuse(const Refusal& refusal);
  void give_up();
  void enqueue(bool keep_alive);
  void stash_body();
  std::size_t unsent() const noexcept;
  bool flush();
  bool send_some();
  void linger();
  void end_writing();
  void discard();
  void close(bool abruptly = false);

  LoopState& loop_;
  Link link_;
  Watcher watcher_{*this};
  std::unique_ptr<EventLoop::Watch> watch_;
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
  bool closing_ = false;     ///< after what is enqueued
  bool ended_ = false;       ///< lingering, and the client was told that nothing more comes
  bool closed_ = false;
};

}  // namespace provender::http
