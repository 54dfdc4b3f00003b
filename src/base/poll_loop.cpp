#include "base/poll_loop.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include <sys/eventfd.h>

#include <unistd.h>

namespace provender {
namespace {

/// Rounded up, so that nothing is looked at before its time.
int milliseconds_from(EventLoop::Time now, EventLoop::Time until) {
  constexpr EventLoop::Time::duration kMost = std::chrono::hours(1);
  if (until <= now) return 0;
  const auto left = std::min(until - now, kMost);
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

}  // namespace

class PollLoop::FileWatch final : public EventLoop::Watch {
 public:
  FileWatch(PollLoop& loop, int file, Watcher& watcher)
      : loop_(loop), file_(file), watcher_(watcher) {}
  ~FileWatch() override {
    wanted_ = 0;
    settle();
    for (epoll_event& event : loop_.waiting_) {
      if (event.data.ptr == this) event.events = 0;
    }
    std::ranges::replace(loop_.unwatched_, this, nullptr);
  }
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  /// What is no longer wanted stays with the system until it tells of it: mostly it is wanted again
  /// by then.
  void want(Interest interest) override {
    const bool reads = interest == Interest::Reading || interest == Interest::Both;
    const bool writes = interest == Interest::Writing || interest == Interest::Both;
    wanted_ = (reads ? EPOLLIN : 0U) | (writes ? EPOLLOUT : 0U);
    if ((wanted_ & ~settled_) != 0) settle();
  }

  void tell(std::uint32_t found) {
    const std::uint32_t ready = (found & (EPOLLERR | EPOLLHUP)) != 0 ? wanted_ : found & wanted_;
    if (ready == 0 || (found & settled_ & ~wanted_) != 0) settle();
    if (ready != 0) watcher_.on_ready((ready & EPOLLIN) != 0, (ready & EPOLLOUT) != 0);
  }

  void tell_unwatched() { watcher_.on_ready(/*readable=*/false, /*writable=*/false); }

 private:
  /// A file of which nothing is wanted must be taken out: the system would go on telling of an
  /// error. A child has nothing to say: what the system was told is still the parent's.
  void settle() {
    if (settled_ == wanted_ || loop_.process_ != ::getpid()) return;
    epoll_event event{.events = wanted_, .data = {.ptr = this}};
    const int change = settled_ == 0 ? EPOLL_CTL_ADD : wanted_ == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
    if (::epoll_ctl(loop_.poll_, change, file_, &event) == 0) {
      settled_ = wanted_;
    } else if (wanted_ != 0) {
      loop_.unwatched_.push_back(this);
    }
  }

  PollLoop& loop_;
  int file_;
  Watcher& watcher_;
  std::uint32_t wanted_ = 0;
  std::uint32_t settled_ = 0;  ///< what the system was told
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

PollLoop::PollLoop(int poll, int wakeup) : poll_(poll), process_(::getpid()), wakeup_(wakeup) {}

Result<std::unique_ptr<PollLoop>> PollLoop::open() {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  const int wakeup = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  std::unique_ptr<PollLoop> loop(new PollLoop(poll, wakeup));
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  if (::epoll_ctl(poll, EPOLL_CTL_ADD, wakeup, &event) == 0) return loop;
  return Error(ErrorCode::ResourceExhausted,
               "open an event loop: " + std::generic_category().message(errno));
}

PollLoop::~PollLoop() {
  for (const int file : {poll_, wakeup_}) {
    if (file >= 0) ::close(file);
  }
}

std::unique_ptr<EventLoop::Watch> PollLoop::watch(int file, Watcher& watcher) {
  return std::make_unique<FileWatch>(*this, file, watcher);
}

std::unique_ptr<EventLoop::Timer> PollLoop::timer(std::function<void()> on_time) {
  return std::make_unique<OneTimer>(*this, std::move(on_time));
}

void PollLoop::post(std::function<void()> work) {
  if (turner_.load(std::memory_order_relaxed) == std::this_thread::get_id()) {
    work_.push_back(std::move(work));
    return;
  }
  {
    const std::scoped_lock lock(mutex_);
    posted_.push_back(std::move(work));
  }
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then the loop is awake anyhow.
  static_cast<void>(::write(wakeup_, &one, sizeof one));
}

void PollLoop::turn(Time deadline) {
  struct Turning {
    explicit Turning(std::atomic<std::thread::id>& turner) : who(turner) {
      who.store(std::this_thread::get_id(), std::memory_order_relaxed);
    }
    ~Turning() { who.store({}, std::memory_order_relaxed); }
    Turning(const Turning&) = delete;
    Turning& operator=(const Turning&) = delete;
    std::atomic<std::thread::id>& who;
  } const turning(turner_);

  const Time now = std::chrono::steady_clock::now();
  const bool is_busy = run_timers(now) || !work_.empty() || !unwatched_.empty();
  const int timeout = is_busy ? 0 : milliseconds_from(now, std::min(deadline, next_timer()));
  const int count = ::epoll_wait(poll_, events_.data(), static_cast<int>(events_.size()), timeout);
  if (count > 0) {
    handle(static_cast<std::size_t>(count));
    run_timers(Time::min());
  } else {  // it is time, or a signal came, which is as if nothing had
    run_timers(std::chrono::steady_clock::now());
  }
  tell_unwatched();
  run_work();
}

/// Those that are refused anew have their turn the next time.
void PollLoop::tell_unwatched() {
  for (std::size_t left = unwatched_.size(); left > 0; --left) {
    FileWatch* const watch = unwatched_.front();
    unwatched_.erase(unwatched_.begin());
    if (watch != nullptr) watch->tell_unwatched();
  }
}

/// An event that is not handled, since another one throws, comes again.
void PollLoop::handle(std::size_t count) {
  waiting_ = std::span(events_).first(count);
  while (!waiting_.empty()) {
    const epoll_event event = waiting_.front();
    waiting_ = waiting_.subspan(1);
    if (event.events == 0) continue;  // the watch went away meanwhile
    if (event.data.ptr == nullptr) {
      take_posted();
    } else {
      static_cast<FileWatch*>(event.data.ptr)->tell(event.events);
    }
  }
}

void PollLoop::take_posted() {
  std::uint64_t count = 0;
  static_cast<void>(::read(wakeup_, &count, sizeof count));
  const std::scoped_lock lock(mutex_);
  std::ranges::move(posted_, std::back_inserter(work_));
  posted_.clear();
}

/// What the work posts has its turn the next time.
void PollLoop::run_work() {
  for (std::size_t left = work_.size(); left > 0; --left) {
    const std::function<void()> step = std::move(work_.front());
    work_.pop_front();
    step();
  }
}

EventLoop::Time PollLoop::next_timer() const {
  Time next = Time::max();
  for (const OneTimer* timer : timers_) {
    if (timer != nullptr) next = std::min(next, timer->time());
  }
  return next;
}

/// Whether any was due.
bool PollLoop::run_timers(Time now) {
  if (next_timer() > now) return false;
  std::erase(timers_, nullptr);
  const std::size_t count = timers_.size();  // new ones have their turn the next time
  for (std::size_t i = 0; i < count; ++i) {
    if (timers_[i] != nullptr && timers_[i]->time() <= now) timers_[i]->fire();
  }
  return true;
}

}  // namespace provender
