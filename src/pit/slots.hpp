#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

#include "pit/spine.hpp"

namespace provender::pit {

/// Source rows in any order: each updates the one spine row of its entity from which on it can be
/// seen; the rows after inherit when all have been taken. Every row touches some lines of memory
/// far from each other, but none needs to come at its time.
class Slots {
 public:
  /// `spine` must outlive it. Takes no memory before the first row. Once `stop` is requested it may
  /// take nothing, and its answers are none.
  Slots(const RoleSpine& spine, Variant variant, std::stop_token stop = {})
      : spine_(&spine), variant_(variant), stop_(std::move(stop)) {}

  /// Safe for concurrent use.
  void take(const SourceBatch& batch);

  /// Raises each position's best row to what was taken. Not while rows are taken.
  void fold_into(std::span<SourceRow> best);

  bool empty() const { return slots_.empty(); }

 private:
  void prepare();
  void take_together(const SourceBatch& batch, std::size_t begin, std::size_t end);
  void raise(SourceRow& slot, const SourceRow& row);

  const RoleSpine* spine_;
  Variant variant_;
  std::stop_token stop_;
  std::once_flag prepared_;
  // In the order of (entity, time):
  std::vector<std::size_t> starts_;  ///< by entity, and the end
  std::vector<std::int64_t> times_;
  std::vector<std::uint32_t> positions_;
  std::vector<SourceRow> slots_;
};

}  // namespace provender::pit
