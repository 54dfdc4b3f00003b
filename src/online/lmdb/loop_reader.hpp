#pragma once

#include <memory>
#include <span>
#include <vector>

#include "provender/event_loop.hpp"

#include "online/online_store.hpp"

namespace provender::online::lmdb {

/// Reads of one event loop's callers. The way to a row is mostly waiting for memory, which one walk
/// does for many keys at once: reads of a few entities that are asked for in one round of the loop
/// are done together. Confined to the loop's thread.
class LoopReader final : public RowReader {
 public:
  /// `store` and `loop` outlive it.
  LoopReader(RowReader& store, EventLoop& loop);

  void read(std::span<const Lookup> lookups, ReadDone done) override;

 private:
  struct Read {
    std::span<const Lookup> lookups;
    ReadDone done;
  };
  void read_gathered();
  void answer(const Result<std::span<const std::string_view>>& rows);

  RowReader& store_;
  std::unique_ptr<EventLoop::Timer> timer_;
  std::vector<Read> gathered_;
  std::vector<Read> reading_;  ///< not empty: a read is under way
  std::vector<Lookup> lookups_;
};

}  // namespace provender::online::lmdb
