#include "http/loop.hpp"

#include "http/encode.hpp"

namespace provender::http {
namespace {

std::string date_now() {
  return date_line(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

}  // namespace

Loop::Loop(const Shared& shared, std::unique_ptr<PollLoop> events, std::unique_ptr<Handler> handler)
    : options_(shared.options),
      events_(std::move(events)),
      timer_(events_->timer([this] {
        arm();
        tick();
      })),
      state_{.events = *events_,
             .limits = shared.options.limits,
             .logger = shared.logger,
             .buffered = shared.buffered,
             .tls = shared.tls,
             .handler = std::move(handler),
             .date = date_now(),
             .connections = {}} {
  state_.handler->begin(*events_);
}

void Loop::run() {
  arm();
  while (!state_.is_done) {
    try {
      events_->turn(EventLoop::Time::max());
    } catch (const std::exception& e) {
      state_.logger.log(LogLevel::Error, e.what());
    }
    Connection::send_answers(state_);
  }
}

void Loop::arm() {
  timer_->set(std::min(std::chrono::steady_clock::now() + options_.tick, drain_deadline_));
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
  if (state_.connections.empty()) state_.is_done = true;
  arm();
}

}  // namespace provender::http
