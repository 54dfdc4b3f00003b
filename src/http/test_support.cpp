#include "http/test_support.hpp"

#include <array>
#include <chrono>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <unistd.h>

namespace provender::http::test {
namespace {

NullLogger& silent() {
  static NullLogger logger;
  return logger;
}

}  // namespace

Client::Client(std::uint16_t port, int receive_buffer)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (socket_ < 0) throw std::runtime_error("no socket for a test client");
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (receive_buffer > 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    throw std::runtime_error("a test client cannot connect");
  }
}

Client::Client(Client&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}

Client::~Client() {
  if (socket_ >= 0) ::close(socket_);
}

bool Client::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void Client::shut_down_sending() const {
  ::shutdown(socket_, SHUT_WR);
}

bool Client::read_more() {
  std::array<char, 16384> buffer{};
  const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (count <= 0) return false;
  received_.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

Reply Client::receive(bool has_body) {
  std::size_t head_end = 0;
  while ((head_end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return {};
  }
  head_end += 4;
  Reply reply{.head = received_.substr(0, head_end), .body = {}};
  reply.status = std::stoi(reply.head.substr(reply.head.find(' ')));
  std::size_t size = 0;
  constexpr std::string_view kLength = "Content-Length: ";
  if (const std::size_t at = reply.head.find(kLength); has_body && at != std::string::npos) {
    size = std::stoul(reply.head.substr(at + kLength.size()));
  }
  while (received_.size() < head_end + size) {
    if (!read_more()) return {};
  }
  reply.body = received_.substr(head_end, size);
  received_.erase(0, head_end + size);
  return reply;
}

Reply Client::get(std::string_view path) {
  if (!send("GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n\r\n")) return {};
  return receive();
}

bool Client::is_closed() {
  if (!received_.empty()) return false;
  std::array<char, 1> byte{};
  const ssize_t count = ::recv(socket_, byte.data(), byte.size(), 0);
  return count == 0 || (count < 0 && errno == ECONNRESET);
}

void MemoryLogger::log(LogLevel /*level*/, std::string_view message) {
  const std::lock_guard lock(mutex_);
  messages_.emplace_back(message);
}

std::vector<std::string> MemoryLogger::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

void echo(Exchange exchange) {
  const Request& request = exchange.request();
  std::string& body = exchange.response().body;
  body.append(request.method).append(" ").append(request.path).append("?").append(request.query);
  body.append(" ").append(request.body);
  exchange.send();
}

ServerOptions test_options() {
  using std::chrono::hours;
  ServerOptions options{.tick = std::chrono::milliseconds(5)};
  options.limits.header_time = options.limits.body_time = options.limits.idle_time = hours(1);
  options.limits.answer_time = hours(1);
  options.limits.write_time = options.limits.linger_time = hours(1);
  return options;
}

std::unique_ptr<Server> serve(ServerOptions options,
                              std::function<void(Exchange)> on_request,
                              Logger* logger,
                              std::function<void()> on_tick) {
  const auto make = [&](unsigned /*loop*/) {
    auto handler = std::make_unique<LambdaHandler>();
    handler->on_request = on_request;
    handler->on_tick = on_tick;
    return handler;
  };
  auto server = Server::open(std::move(options), make, logger != nullptr ? *logger : silent());
  if (!server) throw std::runtime_error(std::string(server.error().message()));
  return *std::move(server);
}

bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace provender::http::test
