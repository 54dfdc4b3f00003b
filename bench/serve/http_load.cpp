// A load client for loopback: keeps C connections busy with one request each, and prints what it
// measured as one line of JSON. Latencies are raw: from the first byte sent to the last byte
// received of each request. Bodies are the lines of a file, used in turn by all connections
// together. An answer of another status than 200 (or --status) and a lost connection count as
// failed; the first of them is shown on stderr. An interrupt (SIGINT) ends the run early.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSilence = 10'000;  // ms without any answer that end a run

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a signal sets it
volatile std::sig_atomic_t is_stopped = 0;

struct Options {
  std::uint16_t port = 0;
  std::size_t requests = 10'000;
  double seconds = 0;  // not 0: as many requests as are answered in that time
  std::size_t connections = 1;
  std::string path = "/get-online-features";
  std::vector<std::string> bodies;
  std::string accept = "application/json";
  std::string status = "200";  // what every answer must have
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

[[noreturn]] void usage() {
  std::fprintf(stderr,
               "http_load --port P [--requests N | --seconds S] [--connections C] [--path /x] "
               "[--body JSON | --bodies FILE] [--accept TYPE] [--status 200]\n");
  std::exit(2);
}

std::vector<std::string> lines_of(const char* file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  if (lines.empty()) fail(file);
  return lines;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    if (i + 1 == argc) usage();
    const char* value = argv[i + 1];
    if (name == "--port") {
      options.port = static_cast<std::uint16_t>(std::atoi(value));
    } else if (name == "--requests") {
      options.requests = std::strtoull(value, nullptr, 10);
    } else if (name == "--seconds") {
      options.seconds = std::strtod(value, nullptr);
    } else if (name == "--connections") {
      options.connections = std::strtoull(value, nullptr, 10);
    } else if (name == "--path") {
      options.path = value;
    } else if (name == "--body") {
      options.bodies = {value};
    } else if (name == "--bodies") {
      options.bodies = lines_of(value);
    } else if (name == "--accept") {
      options.accept = value;
    } else if (name == "--status") {
      options.status = value;
    } else {
      usage();
    }
  }
  return options;
}

std::string request_of(const Options& options, const std::string& body) {
  return std::string(body.empty() ? "GET " : "POST ") + options.path +
         " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: " + options.accept +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
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

/// Whether `in` holds a whole answer.
bool is_whole(const std::string& in) {
  const auto end = in.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const auto at = in.find("Content-Length: ");
  if (at == std::string::npos || at > end) {
    std::fprintf(stderr, "an answer without Content-Length\n");
    std::exit(1);
  }
  return in.size() >= end + 4 + std::strtoul(in.c_str() + at + 16, nullptr, 10);
}

double percentile(const std::vector<double>& sorted, double p) {
  return sorted[std::min(sorted.size() - 1,
                         static_cast<std::size_t>(p * static_cast<double>(sorted.size())))];
}

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options), poll_(::epoll_create1(0)), buffer_(1 << 20) {
    for (const std::string& body : options.bodies) {
      requests_.push_back(request_of(options, body));
    }
    if (requests_.empty()) requests_.push_back(request_of(options, ""));
    connections_.resize(options.connections);
    latencies_.reserve(options.seconds > 0 ? 1'000'000 : options.requests);
  }

  int run() {
    for (Connection& connection : connections_) {
      open(connection);
    }
    const double cpu = cpu_seconds();
    begin_ = Clock::now();
    for (Connection& connection : connections_) {
      next(connection);
    }
    while (under_way_ > 0) {
      epoll_event events[64];
      const int ready = ::epoll_wait(poll_, events, 64, kSilence);
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0) fail("no answer for 10 s");
      for (int i = 0; i < ready; ++i) {
        receive(*static_cast<Connection*>(events[i].data.ptr));
      }
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    if (latencies_.empty()) fail("no answer");
    print(seconds, (cpu_seconds() - cpu) / seconds);
    return 0;
  }

 private:
  struct Connection {
    int socket = -1;
    std::string in;
    Clock::time_point sent;
    bool is_owed = false;  ///< an answer
  };

  void open(Connection& connection) const {
    connection.socket = connect_to(options_.port);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, connection.socket, &event);
  }

  /// Sends a request, unless all are sent.
  void next(Connection& connection) {
    connection.in.clear();
    connection.sent = Clock::now();
    const bool is_enough =
        is_stopped != 0 ||
        (options_.seconds > 0
             ? std::chrono::duration<double>(connection.sent - begin_).count() >= options_.seconds
             : sent_ >= options_.requests);
    if (is_enough) return;
    std::string_view rest = requests_[sent_++ % requests_.size()];
    ++under_way_;
    connection.is_owed = true;
    while (!rest.empty()) {
      const ssize_t n = ::send(connection.socket, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (n < 0) return;  // the loss is seen, and counted, where the answer is awaited
      rest.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  void receive(Connection& connection) {
    const ssize_t n = ::recv(connection.socket, buffer_.data(), buffer_.size(), 0);
    if (n <= 0) return lost(connection);
    connection.in.append(buffer_.data(), static_cast<std::size_t>(n));
    if (!is_whole(connection.in)) return;
    settle(connection);
    const auto time = Clock::now() - connection.sent;
    if (connection.in.starts_with("HTTP/1.1 " + options_.status)) {
      latencies_.push_back(std::chrono::duration<double, std::micro>(time).count());
      bytes_ += connection.in.size();
    } else {
      failed(connection.in.c_str());
    }
    next(connection);
  }

  /// A connection that goes while it owes an answer has failed a request.
  void lost(Connection& connection) {
    const bool is_owed = connection.is_owed;
    ::close(connection.socket);
    open(connection);
    if (!is_owed) return;
    settle(connection);
    failed("a connection was lost");
    next(connection);
  }

  void settle(Connection& connection) {
    connection.is_owed = false;
    --under_way_;
  }

  void failed(const char* what) {
    if (failed_++ == 0) std::fprintf(stderr, "%s\n", what);
  }

  void print(double seconds, double cpu_share) {
    std::ranges::sort(latencies_);
    std::printf(
        "{\"requests\":%zu,\"failed\":%zu,\"connections\":%zu,\"seconds\":%.4f,"
        "\"requests_per_second\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,"
        "\"max_us\":%.1f,\"bytes\":%zu,\"cpu_share\":%.3f}\n",
        latencies_.size(),
        failed_,
        options_.connections,
        seconds,
        static_cast<double>(latencies_.size()) / seconds,
        percentile(latencies_, 0.5),
        percentile(latencies_, 0.99),
        percentile(latencies_, 0.999),
        latencies_.back(),
        bytes_,
        cpu_share);
  }

  const Options& options_;
  int poll_;
  std::vector<std::string> requests_;
  std::vector<Connection> connections_;
  std::vector<char> buffer_;
  std::vector<double> latencies_;
  Clock::time_point begin_;
  std::size_t sent_ = 0;
  std::size_t under_way_ = 0;
  std::size_t failed_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  std::signal(SIGINT, [](int) { is_stopped = 1; });
  return Load(options).run();
}
