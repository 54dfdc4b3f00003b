#include "base/poll_loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <system_error>

#include <sys/eventfd.h>

#include <poll.h>
#include <unistd.h>

namespace provender {
namespace {

/// Waits for what is asked; a signal is as if nothing had come.
void wait(std::span<pollfd> questions, EventLoop::Time until) {
  timespec rest{};
  const timespec* timeout = nullptr;
  if (until != EventLoop::Time::max()) {
    const auto left =
        std::max(until - std::chrono::steady_clock::now(), EventLoop::Time::duration::zero());
    rest.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(left).count();
    rest.tv_nsec = (left % std::chrono::seconds(1)).count();
    timeout = &rest;
  }
  if (::ppoll(questions.data(), questions.size(), timeout, nullptr) >= 0) return;
  for (pollfd& question : questions) {  // interrupted by a signal
    question.revents = 0;
  }
}

}  // namespace

class PollLoop::FileWatch final : public EventLoop::Watch {
 public:
  FileWatch(PollLoop& loop, int file, Watcher& watcher)
      : loop_(loop), file_(file), watcher_(watcher) {
    loop_.watches_.push_back(this);
  }
  ~FileWatch() override { std::ranges::replace(loop_.watches_, this, nullptr); }
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  void want(Interest interest) override {
    const bool reads = interest == Interest::Reading || interest == Interest::Both;
    const bool writes = interest == Interest::Writing || interest == Interest::Both;
    events_ = static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
  }

  pollfd question() const {
    return {.fd = events_ != 0 ? file_ : -1, .events = events_, .revents = 0};
  }

  void tell(short found) {
    const bool broken = (found & (POLLERR | POLLHUP | POLLNVAL)) != 0;
    watcher_.on_ready((events_ & POLLIN) != 0 && (broken || (found & POLLIN) != 0),
                      (events_ & POLLOUT) != 0 && (broken || (found & POLLOUT) != 0));
  }

 private:
  PollLoop& loop_;
  int file_;
  Watcher& watcher_;
  short events_ = 0;
};

class PollLoop::OneTimer final : public EventLoop::Timer {
 public:
  OneTimer(PollLoop& loop, std::function<void()> on_time)
      : loop_(loop), on_time_(std::move(on_time)) {
    loop_.timers_.push_back(this);
  }
  ~OneTimer() override { std::ranges::replace(loop_.timers_, this, nullptr); }
  OneTimer(const OneTimer&) = delete;
  OneTimer& operator=(const OneTimer&) = delete;

  void set(Time time) override { time_ = time; }
  Time time() const { return time_; }
  void fire() {
    time_ = Time::max();
    on_time_();
  }

 private:
  PollLoop& loop_;
  std::function<void()> on_time_;
  Time time_ = Time::max();
};

Result<std::unique_ptr<PollLoop>> PollLoop::open() {
  const int wakeup = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wakeup < 0) {
    return Error(ErrorCode::ResourceExhausted,
                 "open an event loop: " + std::generic_category().message(errno));
  }
  return std::unique_ptr<PollLoop>(new PollLoop(wakeup));
}

PollLoop::~PollLoop() {
  ::close(wakeup_);
}

std::unique_ptr<EventLoop::Watch> PollLoop::watch(int file, Watcher& watcher) {
  return std::make_unique<FileWatch>(*this, file, watcher);
}

std::unique_ptr<EventLoop::Timer> PollLoop::timer(std::function<void()> on_time) {
  return std::make_unique<OneTimer>(*this, std::move(on_time));
}

void PollLoop::post(std::function<void()> work) {
  {
    const std::scoped_lock lock(mutex_);
    posted_.push_back(std::move(work));
  }
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then the loop is awake anyhow.
  static_cast<void>(::write(wakeup_, &one, sizeof one));
}

void PollLoop::turn(Time deadline) {
  std::erase(watches_, nullptr);
  std::erase(timers_, nullptr);
  Time until = deadline;
  for (const OneTimer* timer : timers_) {
    until = std::min(until, timer->time());
  }
  std::array<pollfd, 16> few{};
  std::vector<pollfd> many;
  if (watches_.size() >= few.size()) many.resize(watches_.size() + 1);
  const std::span<pollfd> questions =
      many.empty() ? std::span(few).first(watches_.size() + 1) : std::span(many);
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    questions[i] = watches_[i]->question();
  }
  questions.back() = {.fd = wakeup_, .events = POLLIN, .revents = 0};
  wait(questions, until);
  // What is called may end watches and begin new ones, which go behind the old.
  for (std::size_t i = 0; i + 1 < questions.size(); ++i) {
    if (questions[i].revents == 0 || watches_[i] == nullptr) continue;
    watches_[i]->tell(questions[i].revents);
  }
  if (questions.back().revents != 0) run_posted();
  run_timers();
}

void PollLoop::run_posted() {
  std::uint64_t count = 0;
  static_cast<void>(::read(wakeup_, &count, sizeof count));
  std::vector<std::function<void()>> work;
  {
    const std::scoped_lock lock(mutex_);
    work.swap(posted_);
  }
  for (auto& step : work) {
    step();
  }
}

void PollLoop::run_timers() {
  const Time now = std::chrono::steady_clock::now();
  const std::size_t count = timers_.size();  // new ones have their turn the next time
  for (std::size_t i = 0; i < count; ++i) {
    if (timers_[i] != nullptr && timers_[i]->time() <= now) timers_[i]->fire();
  }
}

}  // namespace provender
