#include "conformance/loop_store.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "base/poll_loop.hpp"
#include "online/testing/forwarding_store.hpp"

namespace provender::online {
namespace {

/// A loop and its reader.
struct Loop {
  std::unique_ptr<PollLoop> loop;
  std::unique_ptr<RowReader> reader;
  std::size_t under_way = 0;
};

/// What one thread has: a loop, and another for each answer that it reads in.
struct Loops {
  std::deque<Loop> loops;
  std::size_t depth = 0;
};

class ReadOnLoops final : public ForwardingStore<LoopStore> {
 public:
  using ForwardingStore::ForwardingStore;

  void read(std::span<const Lookup> lookups, ReadDone done) override {
    Loops& mine = of_this_thread();
    if (mine.loops.size() == mine.depth) {
      auto loop = PollLoop::open();
      if (!loop) return done(std::move(loop).error());
      auto reader = store_->reader_on(**loop);
      mine.loops.push_back({.loop = *std::move(loop), .reader = std::move(reader)});
    }
    Loop& loop = mine.loops[mine.depth];
    ++loop.under_way;
    loop.reader->read(
        lookups,
        [&loop, done = std::move(done)](Result<std::span<const std::string_view>> rows) mutable {
          --loop.under_way;
          done(std::move(rows));
        });
  }

  void run_callbacks() override {
    Loops& mine = of_this_thread();
    if (mine.loops.size() == mine.depth) return;
    Loop& loop = mine.loops[mine.depth];
    ++mine.depth;
    while (loop.under_way > 0) {
      loop.loop->turn(EventLoop::Time::max());
    }
    --mine.depth;
  }

  void check(CheckDone done) override { store_->check(std::move(done)); }

 private:
  Loops& of_this_thread() {
    const std::scoped_lock lock(mutex_);
    return loops_[std::this_thread::get_id()];
  }

  std::mutex mutex_;  // guards the map; what is in it is its thread's
  std::map<std::thread::id, Loops> loops_;
};

}  // namespace

std::unique_ptr<LoopStore> read_on_loops(std::unique_ptr<OnlineStore> store) {
  return std::make_unique<ReadOnLoops>(std::move(store));
}

}  // namespace provender::online
