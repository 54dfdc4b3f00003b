#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "http/server.hpp"

namespace provender::http::test {

/// An answer as it came over the wire; all empty if the connection ended before it was whole.
struct Reply {
  int status = 0;
  std::string head;
  std::string body;
};

/// A blocking client made of a bare socket, for tests that say exactly which bytes go out. Every
/// wait ends after 20 s.
class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0);
  Client(Client&& other) noexcept;
  Client& operator=(Client&&) = delete;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  /// Sends all, unless the server has hung up: then false.
  bool send(std::string_view bytes) const;
  void shut_down_sending() const;

  /// The next answer. `has_body` is false after HEAD.
  Reply receive(bool has_body = true);
  /// Sends a GET and returns its answer.
  Reply get(std::string_view path);
  /// Waits for the server to hang up; false if it sends more, or nothing for long.
  bool is_closed();

 private:
  bool read_more();
  int socket_;
  std::string received_;
};

/// A handler made of functions.
struct LambdaHandler : Handler {
  std::function<void(Exchange)> on_request;
  std::function<void()> on_tick;

  void handle(Exchange exchange) override { on_request(std::move(exchange)); }
  void tick() override {
    if (on_tick) on_tick();
  }
};

/// Keeps what was logged.
class MemoryLogger final : public Logger {
 public:
  void log(LogLevel level, std::string_view message) override;
  std::vector<std::string> messages() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> messages_;
};

/// Answers "METHOD PATH?QUERY BODY".
void echo(Exchange exchange);

/// Options with time-outs far beyond a test, and a tick that makes short ones exact.
ServerOptions test_options();

/// A running server whose loops all have the same functions.
std::unique_ptr<Server> serve(ServerOptions options,
                              std::function<void(Exchange)> on_request,
                              Logger* logger = nullptr,
                              std::function<void()> on_tick = {});

/// Polls until it is so; false after 20 s.
bool eventually(const std::function<bool()>& condition);

}  // namespace provender::http::test
