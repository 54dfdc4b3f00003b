#include "http/server.hpp"

#include <mutex>
#include <thread>
#include <vector>

#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/try.hpp"
#include "http/encode.hpp"
#include "http/loop.hpp"
#include "http/tls.hpp"

namespace provender::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
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

Error listen_error(const ServerOptions& options, const error_code& ec) {
  const auto say = [&](ErrorCode code, std::string_view what) {
    return Error(code, fmt::format("listen on {}:{}: {}", options.host, options.port, what));
  };
  switch (ec.value()) {
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
      return say(ErrorCode::Io, ec.message());
  }
}

Result<tcp::endpoint> resolve(const ServerOptions& options, asio::io_context& io) {
  error_code ec;
  const asio::ip::address address = asio::ip::make_address(options.host, ec);
  if (!ec) return tcp::endpoint(address, options.port);
  tcp::resolver resolver(io);
  const auto found = resolver.resolve(options.host, "", ec);
  if (found.empty()) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("listen on '{}': expected an IP address or a host name: {}",
                             options.host,
                             ec.message()));
  }
  return tcp::endpoint(found.begin()->endpoint().address(), options.port);
}

/// Whether a failed accept leaves the connection waiting, so that trying again at once would spin.
bool lacks_resources(int error_number) noexcept {
  return error_number == EMFILE || error_number == ENFILE || error_number == ENOBUFS ||
         error_number == ENOMEM;
}

}  // namespace

/// The acceptor lives on the first loop.
struct Server::Impl {
  Impl(ServerOptions server_options, Logger& server_logger)
      : options(std::move(server_options)), logger(server_logger) {}

  Result<> listen();
  void start();
  void renew_certificate();
  void await_client();
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
  std::unique_ptr<tcp::acceptor> acceptor;
  std::uint16_t port = 0;
  bool accept_paused = false;
  bool started = false;
  std::mutex joining;
  std::vector<std::thread> threads;
};

Result<> Server::Impl::listen() {
  asio::io_context& io = loops.front()->state().io;
  PROVENDER_ASSIGN(const tcp::endpoint endpoint, resolve(options, io));
  acceptor = std::make_unique<tcp::acceptor>(io);
  error_code ec;
  acceptor->open(endpoint.protocol(), ec);
  // Work that the process gives to a child must not hold the port open.
  if (!ec) ::fcntl(acceptor->native_handle(), F_SETFD, FD_CLOEXEC);
  if (!ec) acceptor->set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec) acceptor->bind(endpoint, ec);
  if (!ec) acceptor->listen(asio::socket_base::max_listen_connections, ec);
  if (!ec) acceptor->non_blocking(true, ec);
  if (ec) return listen_error(options, ec);
  port = acceptor->local_endpoint(ec).port();
  return {};
}

void Server::Impl::start() {
  started = true;
  loops.front()->set_chore([this] {
    if (std::exchange(accept_paused, false)) accept();
    if (tls) renew_certificate();
  });
  await_client();
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

void Server::Impl::await_client() {
  acceptor->async_wait(tcp::acceptor::wait_read, [this](const error_code& ec) {
    if (!ec) accept();
  });
}

void Server::Impl::accept() {
  for (int i = 0; i < kAcceptsAtOnce && acceptor->is_open(); ++i) {
    const int socket =
        ::accept4(acceptor->native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) {
      deal(socket);
    } else if (errno == EAGAIN) {
      break;
    } else if (lacks_resources(errno)) {
      accept_paused = true;  // until the next tick
      return logger.log(LogLevel::Warning,
                        fmt::format("http: cannot accept: {}",
                                    error_code(errno, boost::system::system_category()).message()));
    }  // else that one client is gone already
  }
  if (acceptor->is_open()) await_client();
}

void Server::Impl::deal(int socket) {
  if (connections() >= options.limits.connections) return turn_away(socket);
  const auto load = [](const std::unique_ptr<Loop>& loop) {
    return loop->state().load.load(std::memory_order_relaxed);
  };
  Loop& loop = **std::ranges::min_element(loops, {}, load);
  loop.state().load.fetch_add(1, std::memory_order_relaxed);
  if (&loop == loops.front().get()) return Connection::serve(loop.state(), socket);
  loop.post([&loop, socket] { Connection::serve(loop.state(), socket); });
}

/// The address at the other end; empty if it is gone.
std::string peer_of(int socket) {
  tcp::endpoint peer;
  auto size = static_cast<socklen_t>(peer.capacity());
  if (::getpeername(socket, peer.data(), &size) != 0) return {};
  peer.resize(size);
  return peer.address().to_string();
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
  loops.front()->post([this, until] {
    error_code ignored;
    acceptor->close(ignored);
    // After the connections that were dealt.
    for (const auto& loop : loops) {
      loop->post([&loop = *loop, until] { loop.drain(until); });
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
      impl.loops.push_back(std::make_unique<Loop>(shared, make_handler(i)));
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
