#include "online/redis/testing/proxy.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <poll.h>
#include <unistd.h>

namespace provender::online::redis::testing {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* as_sockaddr(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

/// At most so many bytes that came; none when the other end is gone.
std::string take(int from, std::size_t most) {
  std::string bytes(std::min<std::size_t>(most, 65'536), '\0');
  const ssize_t got = ::recv(from, bytes.data(), bytes.size(), MSG_DONTWAIT);
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return bytes;
}

bool give(int to, const std::string& bytes) {
  return ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

}  // namespace

Result<std::unique_ptr<Proxy>> Proxy::start(int server_port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const bool listens = listener >= 0 &&
                       ::bind(listener, as_sockaddr(address), sizeof address) == 0 &&
                       ::listen(listener, 64) == 0 &&
                       ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (!listens) return Error(ErrorCode::Unavailable, "the proxy cannot listen");
  std::unique_ptr<Proxy> proxy(new Proxy(listener, ntohs(address.sin_port), server_port));
  proxy->thread_ =
      std::jthread([&running = *proxy](const std::stop_token& stop) { running.run(stop); });
  return proxy;
}

Proxy::~Proxy() {
  thread_.request_stop();
  thread_.join();
  ::close(listener_);
}

/// Moves bytes on between the two ends of a connection; false when it is to be closed.
bool Proxy::serve(Pair& pair, bool client_wrote, bool server_wrote) {
  if (client_wrote && !ask(pair)) return false;
  if (server_wrote && !reply(pair)) return false;
  while (!pair.late.empty() && pair.late.front().due <= std::chrono::steady_clock::now()) {
    if (!give(pair.client, pair.late.front().bytes)) return false;
    pair.late.pop_front();
  }
  return cut_after_ == 0 || pair.replied < cut_after_;
}

bool Proxy::ask(Pair& pair) {
  const std::string bytes = take(pair.client, split_);
  if (bytes.empty()) return false;
  if (std::exchange(pair.round, round_.load()) != round_) ++asked_;
  return give(pair.server, bytes);
}

bool Proxy::reply(Pair& pair) {
  std::string bytes = take(pair.server, split_);
  if (bytes.empty()) return false;
  pair.replied += bytes.size();
  pair.late.push_back(
      {.due = std::chrono::steady_clock::now() + delay_.load(), .bytes = std::move(bytes)});
  return true;
}

void Proxy::accept(std::list<Pair>& pairs) {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const sockaddr_in address = loopback(server_port_);
  if (server >= 0 && ::connect(server, as_sockaddr(address), sizeof address) == 0) {
    pairs.push_back({.client = client, .server = server});
    ++connections_;
    return;
  }
  ::close(client);
  if (server >= 0) ::close(server);
}

void Proxy::run(const std::stop_token& stop) {
  std::list<Pair> pairs;
  while (!stop.stop_requested()) {
    std::vector<pollfd> files = {{.fd = listener_, .events = POLLIN, .revents = 0}};
    for (const Pair& pair : pairs) {
      files.push_back({.fd = pair.client, .events = POLLIN, .revents = 0});
      files.push_back({.fd = is_held_ ? -1 : pair.server, .events = POLLIN, .revents = 0});
    }
    ::poll(files.data(), files.size(), delay_.load().count() > 0 ? 1 : 5);
    std::size_t i = 1;
    std::erase_if(pairs, [&](Pair& pair) {
      const bool goes_on = serve(pair, files[i].revents != 0, files[i + 1].revents != 0);
      i += 2;
      if (goes_on) return false;
      ::close(pair.client);
      ::close(pair.server);
      return true;
    });
    if (files.front().revents != 0) accept(pairs);
    open_ = static_cast<int>(pairs.size());
  }
  for (const Pair& pair : pairs) {
    ::close(pair.client);
    ::close(pair.server);
  }
}

}  // namespace provender::online::redis::testing
