#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace provender {

/// What a client that never blocks needs of the loop that it lives on: readiness of files, a timer,
/// and a way in from other threads. The HTTP server's loops are such, and a program that has a loop
/// of its own can be one (OnlineReader::on_loop). All but `post` is confined to the loop's thread,
/// as are the callbacks; none is called from inside of a call to the loop. What the loop gave must
/// not outlive it.
class EventLoop {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// What somebody wants to be told of.
  enum class Interest : unsigned char { Nothing, Reading, Writing, Both };

  /// Whoever is told that a file is ready.
  class Watcher {
   public:
    /// Neither: the system cannot look at the file, and nothing will be told of it.
    virtual void on_ready(bool readable, bool writable) = 0;

   protected:
    ~Watcher() = default;
  };

  /// Looks at one file; after its destruction the watcher is not called any more. Neither opens nor
  /// closes the file.
  class Watch {
   public:
    virtual ~Watch() = default;
    /// What to tell of from now on, as long as it lasts; at first nothing. An error or the other
    /// end's hanging up counts as both.
    virtual void want(Interest interest) = 0;
  };

  /// Calls what it was made with, once for each time that was set.
  class Timer {
   public:
    virtual ~Timer() = default;
    /// Replaces a time that has not come yet; Time::max() means never, Time::min() as soon as what
    /// the loop is at is done.
    virtual void set(Time time) = 0;
  };

  virtual ~EventLoop() = default;

  /// The file stays open, and the watcher lives, longer than the watch.
  virtual std::unique_ptr<Watch> watch(int file, Watcher& watcher) = 0;
  virtual std::unique_ptr<Timer> timer(std::function<void()> on_time) = 0;
  /// From any thread: has `work` done on the loop's.
  virtual void post(std::function<void()> work) = 0;
};

}  // namespace provender
