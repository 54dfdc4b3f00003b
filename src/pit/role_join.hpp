#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <stop_token>
#include <vector>

#include "pit/parallel.hpp"
#include "pit/replay.hpp"
#include "pit/slots.hpp"

namespace provender::pit {

/// Joins one source to the spine in one role: which source row is the value at each position.
class RoleJoin {
 public:
  /// `spine` must outlive it. Once `stop` is requested, calls end soon and answers are none.
  RoleJoin(const RoleSpine& spine, Variant variant, const std::stop_token& stop = {})
      : spine_(&spine), variant_(variant), stop_(stop), slots_(spine, variant, stop) {}

  /// Takes rows whose order is about that of their times, by one thread at a time; several may take
  /// others meanwhile, behind them in time or between them. Safe for concurrent use.
  Replay& add_replay();
  /// Takes rows in any order, from any thread.
  Slots& slots() { return slots_; }

  /// The best row of each position, once all rows are taken; gives up the memory that took them.
  SourceRows finish(const Parallel& parallel = {});

  const RoleSpine& spine() const { return *spine_; }
  Variant variant() const { return variant_; }

 private:
  SourceRows merge_replays(const Parallel& parallel);

  const RoleSpine* spine_;
  Variant variant_;
  std::stop_token stop_;
  Slots slots_;
  std::mutex mutex_;
  std::deque<Replay> replays_;  ///< guarded by mutex_ while it grows
};

}  // namespace provender::pit
