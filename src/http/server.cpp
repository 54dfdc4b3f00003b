#include "http/server.hpp"

#include <algorithm>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

#include <fmt/format.h>
#include <netdb.h>
#include <unistd.h>

#include "base/try.hpp"
#include "http/encode.hpp"
#include "http/loop.hpp"
#include "http/tls.hpp"

namespace provender::http {
namespace {

using std::chrono::milliseconds;

constexpr int kAcceptsAtOnce = 64;  ///< before the other events have their turn
constexpr unsigned kMostThreads = 256;
constexpr auto kCertificateLook = std::chrono::seconds(1);

Result<> validate(const ServerOptions& options) {
  const Limits& limits = options.limits;
  const auto check = [](std::string_view name, auto value, auto least, auto most) -> Result<> {
    if (value >= least && value <= most) return {};
    return Error(
        ErrorCode::InvalidArgument,
        fmt::format("server setting {} is {}, expected {} to {}", name, value, least, most));
  };
  constexpr std::size_t kMostBytes = std::size_t{1} << 40;
  PROVENDER_TRY(check("threads", options.threads, 1U, kMostThreads));
  PROVENDER_TRY(check("tick (ms)", options.tick.count(), 1, 1000));
  PROVENDER_TRY(check("header_bytes", limits.header_bytes, 64U, std::size_t{1} << 20));
  PROVENDER_TRY(check("header_count", limits.header_count, 1U, std::size_t{10'000}));
  PROVENDER_TRY(check("body_bytes", limits.body_bytes, 0U, kMostBytes));
  PROVENDER_TRY(check("connections", limits.connections, 1U, std::size_t{1'000'000}));
  constexpr milliseconds::rep kDay = 86'400'000;
  PROVENDER_TRY(check("header_time (ms)", limits.header_time.count(), 1, kDay));
  PROVENDER_TRY(check("body_time (ms)", limits.body_time.count(), 1, kDay));
  PROVENDER_TRY(check("idle_time (ms)", limits.idle_time.count(), 1, kDay));
  PROVENDER_TRY(check("answer_time (ms)", limits.answer_time.count(), 1, kDay));
  PROVENDER_TRY(check("write_time (ms)", limits.write_time.count(), 1, kDay));
  PROVENDER_TRY(check("linger_time (ms)", limits.linger_time.count(), 1, kDay));
  return {};
}

std::string reason(int error_number) {
  return std::generic_category().message(error_number);
}

Error listen_error(const ServerOptions& options, int error_number) {
  const auto say = [&](ErrorCode code, std::string_view what) {
    return Error(code, fmt::format("listen on {}:{}: {}", options.host, options.port, what));
  };
  switch (error_number) {
    case EADDRINUSE:
      return say(ErrorCode::Unavailable,
                 "the port is in use; stop the program that has it, or choose another port");
    case EACCES:
      return say(ErrorCode::PermissionDenied,
                 "this user may not take the port; choose one from 1024 up");
    case EADDRNOTAVAIL:
      return say(ErrorCode::InvalidArgument,
                 "this machine does not have that address; expected one it has");
    default:
      return say(ErrorCode::Io, reason(error_number));
  }
}

struct FreeAddresses {
  void operator()(addrinfo* addresses) const noexcept { ::freeaddrinfo(addresses); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

/// Of a name, the first address is the one that counts.
Result<Addresses> resolve(const ServerOptions& options) {
  const std::string port = std::to_string(options.port);
  addrinfo hints{.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
  addrinfo* found = nullptr;
  int failure = ::getaddrinfo(options.host.c_str(), port.c_str(), &hints, &found);
  if (failure == EAI_NONAME) {  // not an address, so a name
    hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
    failure = ::getaddrinfo(options.host.c_str(), port.c_str(), &hints, &found);
  }
  if (failure == 0) return Addresses(found);
  return Error(ErrorCode::InvalidArgument,
               fmt::format("listen on '{}': expected an IP address or a host name: {}",
                           options.host,
                           ::gai_strerror(failure)));
}

/// Whether a failed accept leaves the connection waiting, so that trying again at once would spin.
bool lacks_resources(int error_number) noexcept {
  return error_number == EMFILE || error_number == ENFILE || error_number == ENOBUFS ||
         error_number == ENOMEM;
}

}  // namespace

/// Accepts on the first loop.
struct Server::Impl {
  Impl(ServerOptions server_options, Logger& server_logger)
      : options(std::move(server_options)), logger(server_logger) {}
  ~Impl() { stop_listening(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<> listen();
  void stop_listening();
  void start();
  void renew_certificate();
  void accept();
  void deal(int socket);
  void turn_away(int socket);
  bool drain(milliseconds deadline);
  std::size_t connections() const noexcept;

  const ServerOptions options;
  Logger& logger;
  std::atomic<std::size_t> buffered = 0;
  std::unique_ptr<TlsCredentials> tls;
  std::chrono::steady_clock::time_point tls_looked;
  std::vector<std::unique_ptr<Loop>> loops;
  struct Clients final : EventLoop::Watcher {
    explicit Clients(Impl& of) : impl(of) {}
    void on_ready(bool readable, bool writable) override {
      if (readable || writable) return impl.accept();
      impl.accept_paused =
          true;  // the system cannot wait for clients: tried again at the next tick
    }
    Impl& impl;
  } waiting{*this};
  int listener = -1;
  std::unique_ptr<EventLoop::Watch> clients;  ///< that wait to be accepted
  std::uint16_t port = 0;
  bool accept_paused = false;
  bool started = false;
  std::mutex joining;
  std::vector<std::thread> threads;
};

Result<> Server::Impl::listen() {
  PROVENDER_ASSIGN(const Addresses addresses, resolve(options));
  // Work that the process gives to a child must not hold the port open.
  listener = ::socket(addresses->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  auto* const name = reinterpret_cast<sockaddr*>(&bound);
  if (listener < 0 || ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(listener, addresses->ai_addr, addresses->ai_addrlen) != 0 ||
      ::listen(listener, SOMAXCONN) != 0 || ::getsockname(listener, name, &size) != 0) {
    return listen_error(options, errno);
  }
  // The port lies at the same place in both families.
  port = ntohs(reinterpret_cast<const sockaddr_in*>(&bound)->sin_port);
  return {};
}

void Server::Impl::stop_listening() {
  clients.reset();
  if (listener >= 0) ::close(std::exchange(listener, -1));
}

void Server::Impl::start() {
  started = true;
  loops.front()->set_chore([this] {
    if (std::exchange(accept_paused, false) && clients) {
      clients->want(EventLoop::Interest::Reading);
    }
    if (tls) renew_certificate();
  });
  clients = loops.front()->events().watch(listener, waiting);
  clients->want(EventLoop::Interest::Reading);
  for (const auto& loop : loops) {
    threads.emplace_back([&loop = *loop] { loop.run(); });
  }
}

void Server::Impl::renew_certificate() {
  const auto now = std::chrono::steady_clock::now();
  if (now - tls_looked < kCertificateLook) return;
  tls_looked = now;
  const auto renewed = tls->refresh();
  if (!renewed) {
    logger.log(LogLevel::Warning,
               fmt::format("the changed certificate is not used, the old one stays: {}",
                           renewed.error().message()));
  } else if (*renewed) {
    logger.log(LogLevel::Info, "new connections get the new certificate");
  }
}

void Server::Impl::accept() {
  for (int i = 0; i < kAcceptsAtOnce; ++i) {
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) {
      deal(socket);
    } else if (errno == EAGAIN) {
      break;
    } else if (lacks_resources(errno)) {
      accept_paused = true;  // until the next tick
      clients->want(EventLoop::Interest::Nothing);
      return logger.log(LogLevel::Warning, fmt::format("http: cannot accept: {}", reason(errno)));
    }  // else that one client is gone already
  }
}

void Server::Impl::deal(int socket) {
  if (connections() >= options.limits.connections) return turn_away(socket);
  const auto load = [](const std::unique_ptr<Loop>& loop) {
    return loop->state().load.load(std::memory_order_relaxed);
  };
  Loop& loop = **std::ranges::min_element(loops, {}, load);
  loop.state().load.fetch_add(1, std::memory_order_relaxed);
  if (&loop == loops.front().get()) return Connection::serve(loop.state(), socket);
  loop.events().post([&loop, socket] { Connection::serve(loop.state(), socket); });
}

/// Says why, if the client takes it at once.
void Server::Impl::turn_away(int socket) {
  if (tls) {
    ::close(socket);  // to say why would take a handshake
    return;
  }
  LoopState& state = loops.front()->state();
  Response response;
  state.handler->refuse({.status = 503,
                         .code = ErrorCode::Unavailable,
                         .message = fmt::format("all {} connections are taken; try again later",
                                                options.limits.connections),
                         .peer = peer_of(socket)},
                        response);
  std::string text;
  append_head(text, response, {.date = state.date, .keep_alive = false});
  text.append(response.body);
  static_cast<void>(::send(socket, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  ::shutdown(socket, SHUT_WR);
  // What was not read would make the system reset the connection, and the client lose the answer.
  std::array<char, 4096> unread{};
  static_cast<void>(::recv(socket, unread.data(), unread.size(), MSG_DONTWAIT));
  ::close(socket);
}

std::size_t Server::Impl::connections() const noexcept {
  std::size_t count = 0;
  for (const auto& loop : loops) {
    count += loop->state().load.load(std::memory_order_relaxed);
  }
  return count;
}

bool Server::Impl::drain(milliseconds deadline) {
  if (!started) return true;
  const auto until = std::chrono::steady_clock::now() + deadline;
  loops.front()->events().post([this, until] {
    stop_listening();
    // After the connections that were dealt.
    for (const auto& loop : loops) {
      loop->events().post([&loop = *loop, until] { loop.drain(until); });
    }
  });
  const std::lock_guard lock(joining);
  for (std::thread& thread : threads) {
    thread.join();
  }
  threads.clear();
  return std::ranges::all_of(loops, [](const auto& loop) { return loop->cut() == 0; });
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  close();
}

Result<std::unique_ptr<Server>> Server::open(ServerOptions options,
                                             const HandlerFactory& make_handler,
                                             Logger& logger) {
  try {
    PROVENDER_TRY(validate(options));
    std::unique_ptr<Server> server(new Server(std::make_unique<Impl>(std::move(options), logger)));
    Impl& impl = *server->impl_;
    if (impl.options.tls) {
      PROVENDER_ASSIGN(impl.tls, TlsCredentials::open(*impl.options.tls));
    }
    const Loop::Shared shared{.options = impl.options,
                              .logger = logger,
                              .buffered = impl.buffered,
                              .tls = impl.tls.get()};
    for (unsigned i = 0; i < impl.options.threads; ++i) {
      PROVENDER_ASSIGN(auto events, PollLoop::open());
      impl.loops.push_back(std::make_unique<Loop>(shared, std::move(events), make_handler(i)));
    }
    PROVENDER_TRY(impl.listen());
    impl.start();
    return server;
  } catch (const std::exception& e) {
    return Error(ErrorCode::Internal, fmt::format("start the HTTP server: {}", e.what()));
  }
}

std::uint16_t Server::port() const noexcept {
  return impl_->port;
}

std::size_t Server::connections() const noexcept {
  return impl_->connections();
}

bool Server::drain(milliseconds deadline) {
  return impl_->drain(deadline);
}

void Server::close() {
  impl_->drain(milliseconds(0));
}

}  // namespace provender::http
