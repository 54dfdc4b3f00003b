#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "provender/result.hpp"

namespace provender::online::redis::testing {

/// A network between a client and a server of loopback that misbehaves as it is told. Safe for
/// concurrent use.
class Proxy {
 public:
  static Result<std::unique_ptr<Proxy>> start(int server_port);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  int port() const { return port_; }
  /// At most so many bytes at once, in both directions.
  void split(std::size_t bytes) { split_ = bytes; }
  /// Replies arrive so much later.
  void delay(std::chrono::milliseconds time) { delay_ = time; }
  /// Replies are held back while this is set.
  void hold(bool held) { is_held_ = held; }
  /// Each connection is cut, both ends, when so many bytes of replies went through it; 0: never.
  void cut_after(std::size_t bytes) { cut_after_ = bytes; }
  /// Connections there were.
  int connections() const { return connections_; }
  /// Connections there are.
  int open_connections() const { return open_; }
  /// Connections over which something was asked since forget_asked().
  int asked() const { return asked_; }
  void forget_asked() {
    asked_ = 0;
    ++round_;
  }

 private:
  explicit Proxy(int listener, int port, int server_port)
      : listener_(listener), port_(port), server_port_(server_port) {}
  /// A part of a reply, and when it is to arrive.
  struct Late {
    std::chrono::steady_clock::time_point due;
    std::string bytes;
  };
  /// Two sockets, bytes of one going to the other.
  struct Pair {
    int client{};
    int server{};
    int round = -1;  ///< when it was last asked something
    std::size_t replied = 0;
    std::deque<Late> late;
  };
  void run(const std::stop_token& stop);
  bool serve(Pair& pair, bool client_wrote, bool server_wrote);
  bool ask(Pair& pair);
  bool reply(Pair& pair);
  void accept(std::list<Pair>& pairs);

  int listener_;
  int port_;
  int server_port_;
  std::atomic<std::size_t> split_ = 65'536;
  std::atomic<std::size_t> cut_after_ = 0;
  std::atomic<std::chrono::milliseconds> delay_;
  std::atomic<bool> is_held_ = false;
  std::atomic<int> open_ = 0;
  std::atomic<int> asked_ = 0;
  std::atomic<int> round_ = 0;
  std::atomic<int> connections_ = 0;
  std::jthread thread_;
};

}  // namespace provender::online::redis::testing
