#pragma once

#include <memory>

#include "online/online_store.hpp"

namespace provender::online {

/// A store whose reads go through its readers of event loops, one loop for each thread that reads.
/// They are answered in run_callbacks(); a read made from an answer is on a loop of its own. Safe
/// for concurrent use.
class LoopStore : public OnlineStore {
 public:
  /// Calls back what the calling thread's reads found, until all are answered.
  virtual void run_callbacks() = 0;
};

std::unique_ptr<LoopStore> read_on_loops(std::unique_ptr<OnlineStore> store);

}  // namespace provender::online
