// A load client for loopback: keeps C connections busy with one request each until N are answered,
// and prints what it measured as one line of JSON. Latencies are raw: from the first byte sent to
// the last byte received of each request.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::uint16_t port = 0;
  int requests = 10'000;
  int connections = 1;
  std::string path = "/get-online-features";
  std::string body;
  std::string accept = "application/json";
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

struct Connection {
  int socket = -1;
  std::string in;
  Clock::time_point sent;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* value = argv[i + 1];
    if (name == "--port") {
      options.port = static_cast<std::uint16_t>(std::atoi(value));
    } else if (name == "--requests") {
      options.requests = std::atoi(value);
    } else if (name == "--connections") {
      options.connections = std::atoi(value);
    } else if (name == "--path") {
      options.path = value;
    } else if (name == "--body") {
      options.body = value;
    } else if (name == "--accept") {
      options.accept = value;
    } else {
      std::fprintf(stderr,
                   "http_load --port P [--requests N] [--connections C] [--path /x] [--body JSON] "
                   "[--accept TYPE]\n");
      std::exit(2);
    }
  }
  return options;
}

int connect_to(std::uint16_t port) {
  const int s = ::socket(AF_INET, SOCK_STREAM, 0);
  if (s < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("connect");
  }
  const int on = 1;
  ::setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return s;
}

/// Whether `in` holds a whole answer; leaves the loop on anything but 200.
bool is_whole(const std::string& in) {
  const auto end = in.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  if (!in.starts_with("HTTP/1.1 200")) {
    std::fprintf(stderr, "%s\n", in.c_str());
    std::exit(1);
  }
  const auto at = in.find("Content-Length: ");
  if (at == std::string::npos || at > end) {
    std::fprintf(stderr, "an answer without Content-Length\n");
    std::exit(1);
  }
  return in.size() >= end + 4 + std::strtoul(in.c_str() + at + 16, nullptr, 10);
}

void send_request(Connection& connection, const std::string& request) {
  connection.in.clear();
  connection.sent = Clock::now();
  std::string_view rest = request;
  while (!rest.empty()) {
    const ssize_t n = ::send(connection.socket, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (n < 0) fail("send");
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
}

double percentile(const std::vector<double>& sorted, double p) {
  return sorted[std::min(sorted.size() - 1,
                         static_cast<std::size_t>(p * static_cast<double>(sorted.size())))];
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  const std::string request = std::string(options.body.empty() ? "GET " : "POST ") + options.path +
                              " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: " + options.accept +
                              "\r\nContent-Type: application/json\r\nContent-Length: " +
                              std::to_string(options.body.size()) + "\r\n\r\n" + options.body;
  std::vector<Connection> connections(static_cast<std::size_t>(options.connections));
  const int poll = ::epoll_create1(0);
  for (auto& connection : connections) {
    connection.socket = connect_to(options.port);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, connection.socket, &event);
  }
  std::vector<double> latencies;
  latencies.reserve(static_cast<std::size_t>(options.requests));
  const auto begin = Clock::now();
  int sent = 0;
  for (auto& connection : connections) {
    if (sent++ < options.requests) send_request(connection, request);
  }
  std::size_t bytes = 0;
  std::vector<char> buffer(1 << 20);
  while (latencies.size() < static_cast<std::size_t>(options.requests)) {
    epoll_event events[64];
    const int ready = ::epoll_wait(poll, events, 64, 10'000);
    if (ready <= 0) fail("no answer for 10 s");
    for (int i = 0; i < ready; ++i) {
      auto& connection = *static_cast<Connection*>(events[i].data.ptr);
      const ssize_t n = ::recv(connection.socket, buffer.data(), buffer.size(), 0);
      if (n <= 0) fail("recv");
      connection.in.append(buffer.data(), static_cast<std::size_t>(n));
      if (!is_whole(connection.in)) continue;
      latencies.push_back(
          std::chrono::duration<double, std::micro>(Clock::now() - connection.sent).count());
      bytes += connection.in.size();
      if (sent < options.requests) {
        ++sent;
        send_request(connection, request);
      }
    }
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  std::ranges::sort(latencies);
  std::printf(
      "{\"requests\":%d,\"connections\":%d,\"seconds\":%.4f,\"requests_per_second\":%.0f,\"p50_"
      "us\":%.1f,\"p99_us\":%.1f,"
      "\"p999_us\":%.1f,\"max_us\":%.1f,\"bytes\":%zu}\n",
      options.requests,
      options.connections,
      seconds,
      options.requests / seconds,
      percentile(latencies, 0.5),
      percentile(latencies, 0.99),
      percentile(latencies, 0.999),
      latencies.back(),
      bytes);
}
