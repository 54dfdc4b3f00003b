#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "pit/slots.hpp"
#include "pit/source_rows.hpp"

namespace provender::pit {

/// One run through source rows that come in about the order of their times: keeps each entity's
/// winning row, and hands it to the spine rows as their times come. A row that comes too late for
/// that goes to the slots; so any order gives the right answer, and a good one gives it fast.
/// Used by one thread at a time.
class Replay {
 public:
  /// Both must outlive it. The variant is not known_by, which does not follow event time.
  Replay(const RoleSpine& spine, Slots& late, Variant variant);

  void take(const SourceBatch& batch);

  bool empty() const { return winners_.empty(); }
  bool has_created() const { return !winners_.created.empty(); }
  /// The positions whose times came: [begin, end).
  std::size_t begin() const { return begin_; }
  std::size_t end() const { return begin_ + passed_.size(); }
  /// What the rows taken make of position `at` in there.
  SourceRow passed(std::size_t at) const { return passed_[at - begin_]; }
  /// What they make of positions from end() on.
  SourceRow winner(std::uint32_t entity) const { return winners_[entity]; }
  /// What they make of all positions; gives up the memory that took them. If a stop is requested it
  /// ends soon, with rows that are good for nothing.
  SourceRows finish(const std::stop_token& stop);

 private:
  template <bool HasCreated>
  void take_batch(const SourceBatch& batch);
  void find_known(const SourceBatch& batch);
  template <bool HasCreated, class RowAt>
  void take_rows(const SourceBatch& batch, std::size_t count, RowAt row_at);
  template <bool HasCreated>
  void raise(std::uint32_t entity, const SourceRow& row);
  void prefetch(std::uint32_t entity) const;
  void start(std::int64_t seen, bool has_created);
  void advance(std::int64_t seen);
  void pass(std::size_t at);
  bool is_hopeless() const;

  const RoleSpine* spine_;
  Slots* late_;
  std::int64_t delay_;  ///< from a row's event timestamp to when it is seen
  SourceRows winners_;  ///< by entity
  SourceRows passed_;   ///< by position, from begin_ on
  std::size_t begin_ = 0;
  std::int64_t last_passed_ = kNoTime;  ///< the times around end()
  std::int64_t next_ = kNoTime;
  SourceRows::Place newest_;  ///< greatest of the rows taken
  std::uint64_t taken_ = 0;
  std::uint64_t late_count_ = 0;
  std::vector<std::uint32_t> late_entities_;
  std::vector<std::uint32_t> known_;  ///< rows of the batch whose entities the spine has
};

}  // namespace provender::pit
