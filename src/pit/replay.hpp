#pragma once

#include <cstdint>
#include <vector>

#include "pit/large_vector.hpp"
#include "pit/slots.hpp"

namespace provender::pit {

/// One run through source rows that come in about the order of their times: keeps each entity's
/// winning row, and hands it to the spine rows as their times come. A row that comes too late for
/// that goes to the slots; so any order gives the right answer, and a good one gives it fast.
/// Confined to one thread.
class Replay {
 public:
  /// Both must outlive it. The variant is not known_by, which does not follow event time.
  Replay(const RoleSpine& spine, Slots& late, Variant variant);

  void take(const SourceBatch& batch);

  bool empty() const { return winners_.empty(); }
  /// The positions whose times came: [begin, end).
  std::size_t begin() const { return begin_; }
  std::size_t end() const { return begin_ + passed_.size(); }
  /// What the rows taken make of position `at` in there.
  SourceRow passed(std::size_t at) const { return passed_.at(at - begin_); }
  /// What they make of positions from end() on.
  SourceRow winner(std::uint32_t entity) const { return winners_.at(entity); }

 private:
  struct Place {
    std::int64_t ts = kNoTime;
    std::int64_t row = -1;
  };
  /// Source rows, small where none was created at a time: so that those of many entities stay in
  /// the cache.
  struct Rows {
    LargeVector<Place> places;
    LargeVector<std::int64_t> created;  ///< empty: not declared

    bool empty() const { return places.empty(); }
    std::size_t size() const { return places.size(); }
    SourceRow at(std::size_t i) const {
      return {.ts = places[i].ts,
              .created = created.empty() ? kNoTime : created[i],
              .row = places[i].row};
    }
  };

  template <bool HasCreated>
  void take_rows(const SourceBatch& batch);
  template <bool HasCreated>
  void raise(std::uint32_t entity, const SourceRow& row);
  void prefetch(const SourceBatch& batch, std::size_t i) const;
  void start(std::int64_t seen, bool has_created);
  void advance(std::int64_t seen);
  bool is_hopeless() const;

  const RoleSpine* spine_;
  Slots* late_;
  std::int64_t delay_;  ///< from a row's event timestamp to when it is seen
  Rows winners_;        ///< by entity
  Rows passed_;         ///< by position, from begin_ on
  std::size_t begin_ = 0;
  std::int64_t last_passed_ = kNoTime;  ///< the times around end()
  std::int64_t next_ = kNoTime;
  Place newest_;  ///< greatest of the rows taken
  std::uint64_t taken_ = 0;
  std::uint64_t late_count_ = 0;
  std::vector<std::uint32_t> late_entities_;
};

}  // namespace provender::pit
