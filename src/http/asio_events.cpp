#include "http/asio_events.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace provender::http {
namespace {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;
using boost::system::error_code;

/// What of a watch outlives it: handlers that Asio has yet to call hold it.
struct WatchState : std::enable_shared_from_this<WatchState> {
  WatchState(asio::io_context& io, int file, EventLoop::Watcher& to_tell)
      : descriptor(io), watcher(&to_tell) {
    error_code failure;
    descriptor.assign(file, failure);
    is_broken = failure.failed();
  }

  struct Direction {
    bool is_wanted = false;
    bool is_waiting = false;
  };

  void arm(Direction& direction, bool is_read) {
    if (!direction.is_wanted || direction.is_waiting || watcher == nullptr || is_broken) return;
    direction.is_waiting = true;
    descriptor.async_wait(is_read ? stream_descriptor::wait_read : stream_descriptor::wait_write,
                          [self = shared_from_this(), &direction, is_read](const error_code&) {
                            direction.is_waiting = false;
                            self->tell(direction, is_read);
                          });
  }

  void tell(Direction& direction, bool is_read) {
    if (watcher == nullptr || !direction.is_wanted) return;
    watcher->on_ready(is_read, !is_read);
    arm(direction, is_read);
  }

  stream_descriptor descriptor;
  EventLoop::Watcher* watcher;  ///< null: the watch is gone
  Direction in;
  Direction out;
  bool is_broken = false;
};

class AsioWatch final : public EventLoop::Watch {
 public:
  AsioWatch(asio::io_context& io, int file, EventLoop::Watcher& watcher)
      : state_(std::make_shared<WatchState>(io, file, watcher)) {}
  ~AsioWatch() override {
    state_->watcher = nullptr;
    if (!state_->is_broken) state_->descriptor.release();  // the file is not ours to close
  }
  AsioWatch(const AsioWatch&) = delete;
  AsioWatch& operator=(const AsioWatch&) = delete;

  void want(EventLoop::Interest interest) override {
    using Interest = EventLoop::Interest;
    state_->in.is_wanted = interest == Interest::Reading || interest == Interest::Both;
    state_->out.is_wanted = interest == Interest::Writing || interest == Interest::Both;
    state_->arm(state_->in, /*is_read=*/true);
    state_->arm(state_->out, /*is_read=*/false);
  }

 private:
  std::shared_ptr<WatchState> state_;
};

class AsioTimer final : public EventLoop::Timer {
 public:
  AsioTimer(asio::io_context& io, std::function<void()> on_time)
      : state_(std::make_shared<State>(io, std::move(on_time))) {}
  ~AsioTimer() override { state_->is_gone = true; }
  AsioTimer(const AsioTimer&) = delete;
  AsioTimer& operator=(const AsioTimer&) = delete;

  void set(EventLoop::Time time) override {
    const std::uint64_t setting = ++state_->setting;
    if (time == EventLoop::Time::max()) {
      state_->timer.cancel();
      return;
    }
    state_->timer.expires_at(time);
    state_->timer.async_wait([state = state_, setting](const error_code&) {
      // An earlier setting may have been on its way already when it was replaced.
      if (!state->is_gone && state->setting == setting) state->on_time();
    });
  }

 private:
  struct State {
    State(asio::io_context& io, std::function<void()> to_call)
        : timer(io), on_time(std::move(to_call)) {}
    asio::steady_timer timer;
    std::function<void()> on_time;
    std::uint64_t setting = 0;
    bool is_gone = false;
  };
  std::shared_ptr<State> state_;
};

}  // namespace

std::unique_ptr<EventLoop::Watch> watch_file(asio::io_context& io,
                                             int file,
                                             EventLoop::Watcher& watcher) {
  return std::make_unique<AsioWatch>(io, file, watcher);
}

std::unique_ptr<EventLoop::Timer> make_timer(asio::io_context& io, std::function<void()> on_time) {
  return std::make_unique<AsioTimer>(io, std::move(on_time));
}

}  // namespace provender::http
