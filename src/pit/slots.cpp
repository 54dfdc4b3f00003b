#include "pit/slots.hpp"

#include <algorithm>
#include <atomic>

#include "pit/parts.hpp"

namespace provender::pit {
namespace {

/// SourceRow::row of a slot that somebody changes.
constexpr std::int64_t kLocked = -2;

}  // namespace

/// A counting sort by entity of what is sorted by time.
void Slots::prepare() {
  const std::vector<std::uint32_t>& entities = spine_->entities();
  starts_.assign(spine_->entity_count() + 1, 0);
  for (const std::uint32_t entity : entities) {
    ++starts_[entity + 1];
  }
  for (std::size_t i = 1; i < starts_.size(); ++i) {
    starts_[i] += starts_[i - 1];
  }
  std::vector<std::size_t> next(starts_.begin(), starts_.end() - 1);
  times_.resize(entities.size());
  positions_.resize(entities.size());
  const bool sorted = for_parts(entities.size(), stop_, [&](std::size_t begin, std::size_t end) {
    for (std::size_t position = begin; position < end; ++position) {
      const std::size_t at = next[entities[position]]++;
      times_[at] = spine_->times()[position];
      positions_[at] = static_cast<std::uint32_t>(position);
    }
  });
  if (sorted) slots_.resize(entities.size());
}

void Slots::take(const SourceBatch& batch) {
  std::call_once(prepared_, [this] { prepare(); });
  if (empty()) return;
  for (std::size_t i = 0; i < batch.rows; ++i) {
    if (batch.entity[i] != kNoEntity) take_row(batch.entity[i], batch.at(i));
  }
}

void Slots::take_row(std::uint32_t entity, const SourceRow& row) {
  // From this time on the row is seen.
  std::int64_t seen = row.ts + (variant_.strictly_before ? 1 : 0);
  if (variant_.known_by) {
    if (row.created == kNoTime) return;
    seen = std::max(seen, row.created);
  }
  const auto begin = times_.begin() + static_cast<std::ptrdiff_t>(starts_[entity]);
  const auto end = times_.begin() + static_cast<std::ptrdiff_t>(starts_[entity + 1]);
  const auto found = std::lower_bound(begin, end, seen);
  if (found != end) raise(slots_[static_cast<std::size_t>(found - times_.begin())], row);
}

void Slots::raise(SourceRow& slot, const SourceRow& row) {
  const std::atomic_ref ts(slot.ts);
  const std::atomic_ref lock(slot.row);
  // Times only grow: an older row needs no lock.
  if (row.ts < ts.load(std::memory_order_relaxed)) return;
  std::int64_t held = 0;
  while ((held = lock.exchange(kLocked, std::memory_order_acquire)) == kLocked) {
  }
  const SourceRow old{
      .ts = ts.load(std::memory_order_relaxed), .created = slot.created, .row = held};
  if (old < row) {
    ts.store(row.ts, std::memory_order_relaxed);
    slot.created = row.created;
    held = row.row;
  }
  lock.store(held, std::memory_order_release);
}

void Slots::fold_into(std::span<SourceRow> best) {
  std::size_t entity = 0;
  SourceRow seen;
  for_parts(slots_.size(), stop_, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      for (; i >= starts_[entity + 1]; ++entity) {
        seen = {};
      }
      seen = std::max(seen, slots_[i]);
      SourceRow& row = best[positions_[i]];
      row = std::max(row, seen);
    }
  });
}

}  // namespace provender::pit
