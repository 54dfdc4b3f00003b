#include "http/loop.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/asio_events.hpp"
#include "http/encode.hpp"

namespace provender::http {
namespace {

std::string date_now() {
  return date_line(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

}  // namespace

struct Loop::Reactor {
  boost::asio::io_context io{1};  ///< one thread runs it; others may only post
  boost::asio::steady_timer timer{io};
};

Loop::Loop(const Shared& shared, std::unique_ptr<Handler> handler)
    : options_(shared.options),
      reactor_(std::make_unique<Reactor>()),
      state_{.io = reactor_->io,
             .limits = shared.options.limits,
             .logger = shared.logger,
             .buffered = shared.buffered,
             .tls = shared.tls,
             .handler = std::move(handler),
             .date = date_now(),
             .connections = {}} {
  state_.handler->begin(*this);
}

Loop::~Loop() = default;

std::unique_ptr<EventLoop::Watch> Loop::watch(int file, Watcher& watcher) {
  return watch_file(reactor_->io, file, watcher);
}

std::unique_ptr<EventLoop::Timer> Loop::timer(std::function<void()> on_time) {
  return make_timer(reactor_->io, std::move(on_time));
}

void Loop::post(std::function<void()> work) {
  boost::asio::post(reactor_->io, std::move(work));
}

void Loop::run() {
  arm();
  while (!reactor_->io.stopped()) {
    try {
      reactor_->io.run();
    } catch (const std::exception& e) {
      state_.logger.log(LogLevel::Error, e.what());
      arm();
    }
  }
}

void Loop::arm() {
  const auto next = std::chrono::steady_clock::now() + options_.tick;
  reactor_->timer.expires_at(std::min(next, drain_deadline_));
  reactor_->timer.async_wait([this](const boost::system::error_code& ec) {
    if (ec) return;  // armed anew meanwhile
    tick();
    arm();
  });
}

void Loop::tick() {
  const auto now = std::chrono::steady_clock::now();
  state_.date = date_now();
  // Backwards: a connection that closes is replaced by the last, which has been looked at.
  for (std::size_t i = state_.connections.size(); i-- > 0;) {
    const std::shared_ptr<Connection> connection = state_.connections[i];
    if (now < drain_deadline_) {
      connection->expire(now);
    } else if (connection->cut()) {
      ++cut_;
    }
  }
  if (chore_) chore_();
  state_.handler->tick();
}

void Loop::drain(std::chrono::steady_clock::time_point deadline) {
  state_.draining = true;
  drain_deadline_ = std::min(drain_deadline_, deadline);
  for (std::size_t i = state_.connections.size(); i-- > 0;) {
    const std::shared_ptr<Connection> connection = state_.connections[i];
    connection->drain();
  }
  if (state_.connections.empty()) reactor_->io.stop();
  arm();
}

}  // namespace provender::http
