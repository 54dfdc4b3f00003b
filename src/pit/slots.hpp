#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

#include "pit/large_vector.hpp"
#include "pit/parallel.hpp"
#include "pit/source_rows.hpp"
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

  /// Raises each position's best row to what was taken, and gives up the memory that took it. Not
  /// while rows are taken.
  void fold_into(SourceRows& best, const Parallel& parallel = {});

  bool empty() const { return slots_.empty(); }

 private:
  void prepare();
  void take_together(const SourceBatch& batch, std::size_t begin, std::size_t end);
  /// Rows of a batch that follow each other and are of one entity: [begin, end).
  struct Run {
    std::size_t begin;
    std::size_t end;
    std::span<const std::int64_t> times;  ///< of its slots
    std::size_t slot;                     ///< of its first row
  };
  /// Sooner said where `guess` is right.
  std::size_t slot_of(const SourceRow& row,
                      std::span<const std::int64_t> times,
                      std::size_t guess) const;
  /// Where the run's slot is in slots_.
  std::size_t slot_at(const Run& run) const {
    return static_cast<std::size_t>(run.times.data() - times_.data()) + run.slot;
  }
  void raise(const SourceBatch& batch, Run run);
  void raise(SourceRow& slot, const SourceRow& row);
  void fold_entities(SourceRows& best, std::size_t first, std::size_t end) const;
  /// The first entity whose slots begin at `slot` or behind it.
  std::size_t entity_from(std::size_t slot) const;

  const RoleSpine* spine_;
  Variant variant_;
  std::stop_token stop_;
  std::once_flag prepared_;
  std::atomic<bool> has_created_ = false;  ///< any batch that was taken
  // In the order of (entity, time):
  LargeVector<std::size_t> starts_;  ///< by entity, and the end
  LargeVector<std::int64_t> times_;
  LargeVector<std::uint32_t> positions_;
  LargeVector<SourceRow> slots_;
};

}  // namespace provender::pit
