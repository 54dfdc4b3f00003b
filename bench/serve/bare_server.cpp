// The floor under an HTTP server: one thread, epoll, and no more of HTTP than finding a request's
// end. Answers every request with the same bytes, those of a file (status line and headers
// included). Prints its port, and serves until it is killed. Links nothing of ours.
//
//   bare_server ANSWER_FILE
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <unistd.h>

namespace {

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

/// The bytes of the first whole request; 0: it is not there yet.
std::size_t request_size(std::string_view in) {
  const auto head = in.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  std::size_t size = head + 4;
  const auto field = in.substr(0, head).find("Content-Length: ");
  if (field != std::string_view::npos) size += std::strtoul(in.data() + field + 16, nullptr, 10);
  return size <= in.size() ? size : 0;
}

struct Connection {
  int socket;
  std::string in;
  std::size_t owed = 0;  ///< answers to send
  std::size_t sent = 0;  ///< bytes of the one that is being sent
  bool is_waiting = false;
};

class Server {
 public:
  explicit Server(std::string answer) : answer_(std::move(answer)), poll_(::epoll_create1(0)) {}

  void listen() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* name = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, name, size) != 0 || ::listen(listener_, 512) != 0) fail("listen");
    ::getsockname(listener_, name, &size);
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, listener_, &event);
  }

  [[noreturn]] void serve() {
    while (true) {
      epoll_event events[64];
      const int ready = ::epoll_wait(poll_, events, 64, -1);
      for (int i = 0; i < ready; ++i) {
        auto* connection = static_cast<Connection*>(events[i].data.ptr);
        if (connection == nullptr) {
          accept();
        } else if (!move(*connection, events[i].events)) {
          ::close(connection->socket);
          delete connection;
        }
      }
    }
  }

 private:
  void accept() const {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto connection = std::make_unique<Connection>(Connection{.socket = socket, .in = {}});
    epoll_event event{.events = EPOLLIN, .data = {.ptr = connection.release()}};
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, socket, &event);
  }

  /// False: the other end is gone.
  bool move(Connection& connection, std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) return send(connection);
    char chunk[65'536];
    const ssize_t count = ::recv(connection.socket, chunk, sizeof chunk, 0);
    if (count <= 0) return count < 0 && errno == EAGAIN;
    connection.in.append(chunk, static_cast<std::size_t>(count));
    while (const std::size_t size = request_size(connection.in)) {
      connection.in.erase(0, size);
      ++connection.owed;
    }
    return send(connection);
  }

  bool send(Connection& connection) {
    while (connection.owed > 0) {
      const auto rest = std::string_view(answer_).substr(connection.sent);
      const ssize_t count = ::send(connection.socket, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (count < 0 && errno != EAGAIN) return false;
      if (count < 0) return wait(connection, /*for_room=*/true);
      connection.sent += static_cast<std::size_t>(count);
      if (connection.sent < answer_.size()) continue;
      connection.sent = 0;
      --connection.owed;
    }
    return wait(connection, /*for_room=*/false);
  }

  bool wait(Connection& connection, bool for_room) const {
    if (connection.is_waiting == for_room) return true;
    connection.is_waiting = for_room;
    epoll_event event{.events = for_room ? EPOLLOUT : EPOLLIN, .data = {.ptr = &connection}};
    return ::epoll_ctl(poll_, EPOLL_CTL_MOD, connection.socket, &event) == 0;
  }

  std::string answer_;
  int poll_;
  int listener_ = -1;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "bare_server ANSWER_FILE\n");
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  std::string answer{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (answer.empty()) fail(argv[1]);
  Server server(std::move(answer));
  server.listen();
  server.serve();
}
