#pragma once

#include <cstdint>
#include <span>
#include <stop_token>

#include "pit/large_vector.hpp"
#include "pit/parallel.hpp"
#include "pit/source_row.hpp"

namespace provender::pit {

/// The spine's rows that have a time, in the order of their times. Immutable.
class TimeOrder {
 public:
  /// `times` by row of the spine (fewer than 2^32 - 2); kNoTime: null. If a stop is
  /// requested it is made soon, and is good for nothing.
  explicit TimeOrder(std::span<const std::int64_t> times,
                     const std::stop_token& stop = {},
                     const Parallel& parallel = {});

  std::size_t size() const { return times_.size(); }
  std::size_t spine_rows() const { return spine_rows_; }
  const LargeVector<std::int64_t>& times() const { return times_; }  ///< ascending
  const LargeVector<std::uint32_t>& rows() const { return rows_; }   ///< of the spine

 private:
  std::size_t spine_rows_;
  LargeVector<std::int64_t> times_;
  LargeVector<std::uint32_t> rows_;
};

/// The spine in time order with the entities that its rows ask about in one role. A *position* is a
/// place in that order. Immutable; `order` must outlive it.
class RoleSpine {
 public:
  /// `entity_of_row` by row of the spine; kNoEntity: a key is null. `stop` as of TimeOrder.
  RoleSpine(const TimeOrder& order,
            std::span<const std::uint32_t> entity_of_row,
            std::size_t entities,
            const std::stop_token& stop = {},
            const Parallel& parallel = {});

  const TimeOrder& order() const { return *order_; }
  std::size_t size() const { return order_->size(); }
  const LargeVector<std::int64_t>& times() const { return order_->times(); }
  /// By position. Rows with a null key have an entity of their own, the last one, that no source
  /// row has: so nobody has to ask.
  const LargeVector<std::uint32_t>& entities() const { return entities_; }
  /// That one included.
  std::size_t entity_count() const { return entity_count_; }

 private:
  const TimeOrder* order_;
  LargeVector<std::uint32_t> entities_;
  std::size_t entity_count_;
};

}  // namespace provender::pit
