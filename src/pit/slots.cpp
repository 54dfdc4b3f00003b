#include "pit/slots.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>

#include "pit/parts.hpp"

namespace provender::pit {
namespace {

/// SourceRow::row of a slot that somebody changes.
constexpr std::int64_t kLocked = -2;
/// Rows that are taken together.
constexpr std::size_t kRowsTogether = 32;

/// From what time on a row is seen; nullopt: never.
std::optional<std::int64_t> seen_from(const SourceRow& row, Variant variant) {
  const std::int64_t seen = row.ts + (variant.strictly_before ? 1 : 0);
  if (!variant.known_by) return seen;
  if (row.created == kNoTime) return std::nullopt;
  return std::max(seen, row.created);
}

}  // namespace

/// A counting sort by entity of what is sorted by time.
void Slots::prepare() {
  const LargeVector<std::uint32_t>& entities = spine_->entities();
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
  if (batch.created != nullptr) has_created_.store(true, std::memory_order_relaxed);
  for (std::size_t at = 0; at < batch.rows; at += kRowsTogether) {
    take_together(batch, at, std::min(at + kRowsTogether, batch.rows));
  }
}

/// Which of an entity's slots sees a row first; their number: none.
std::size_t Slots::slot_of(const SourceRow& row,
                           std::span<const std::int64_t> times,
                           std::size_t guess) const {
  const std::optional<std::int64_t> seen = seen_from(row, variant_);
  if (!seen) return times.size();
  const bool is_after = guess == 0 || times[guess - 1] < *seen;
  if (is_after && (guess == times.size() || *seen <= times[guess])) return guess;
  return static_cast<std::size_t>(std::ranges::lower_bound(times, *seen) - times.begin());
}

/// Of some rows one step after the other: what the next one reads is brought into the cache
/// meanwhile.
void Slots::take_together(const SourceBatch& batch, std::size_t begin, std::size_t end) {
  std::array<Run, kRowsTogether> runs{};
  std::size_t count = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const std::uint32_t entity = batch.entity[i];
    if (entity == kNoEntity) continue;
    if (count > 0 && runs[count - 1].end == i && batch.entity[i - 1] == entity) {
      runs[count - 1].end = i + 1;
      continue;
    }
    __builtin_prefetch(&starts_[entity]);
    runs[count++] = {.begin = i, .end = i + 1, .times = {}, .slot = 0};
  }
  const std::span<Run> all(runs.data(), count);
  for (Run& run : all) {
    const std::uint32_t entity = batch.entity[run.begin];
    run.times = std::span(times_).subspan(starts_[entity], starts_[entity + 1] - starts_[entity]);
    __builtin_prefetch(run.times.data() + run.times.size() / 2);
  }
  for (Run& run : all) {
    run.slot = slot_of(batch.at(run.begin), run.times, run.times.size() / 2);
    __builtin_prefetch(slots_.data() + slot_at(run), 1);
  }
  for (const Run& run : all) {
    raise(batch, run);
  }
}

/// Many rows that follow each other may belong to one slot, which is raised once then.
void Slots::raise(const SourceBatch& batch, Run run) {
  SourceRow best = batch.at(run.begin);
  const auto raise_slot = [&] {
    if (run.slot < run.times.size()) raise(slots_[slot_at(run)], best);
  };
  for (std::size_t i = run.begin + 1; i < run.end; ++i) {
    const SourceRow row = batch.at(i);
    const std::size_t slot = slot_of(row, run.times, run.slot);
    if (slot != run.slot) {
      raise_slot();
      run.slot = slot;
      best = row;
    } else {
      best = std::max(best, row);
    }
  }
  raise_slot();
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

void Slots::fold_into(SourceRows& best, const Parallel& parallel) {
  if (empty()) return;
  best.resize(best.size(), has_created_.load(std::memory_order_relaxed));
  parallel.for_parts_of(slots_.size(), [&](std::size_t, std::size_t begin, std::size_t end) {
    fold_entities(best, entity_from(begin), entity_from(end));
  });
  LargeVector<SourceRow>().swap(slots_);
  LargeVector<std::size_t>().swap(starts_);
  LargeVector<std::int64_t>().swap(times_);
  LargeVector<std::uint32_t>().swap(positions_);
}

std::size_t Slots::entity_from(std::size_t slot) const {
  return static_cast<std::size_t>(std::ranges::lower_bound(starts_, slot) - starts_.begin());
}

/// Those of [first, end).
void Slots::fold_entities(SourceRows& best, std::size_t first, std::size_t end) const {
  std::size_t entity = first;
  SourceRow seen;
  const std::size_t begin = starts_[first];
  for_each(starts_[end] - begin, stop_, [&](std::size_t i) {
    for (; begin + i >= starts_[entity + 1]; ++entity) {
      seen = {};
    }
    seen = std::max(seen, slots_[begin + i]);
    best.raise(positions_[begin + i], seen);
  });
}

}  // namespace provender::pit
