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
  for (std::size_t at = 0; at < batch.rows; at += kRowsTogether) {
    take_together(batch, at, std::min(at + kRowsTogether, batch.rows));
  }
}

/// Of some rows one step after the other: what the next one reads is brought into the cache
/// meanwhile.
void Slots::take_together(const SourceBatch& batch, std::size_t begin, std::size_t end) {
  struct Way {
    std::size_t row;    ///< in the batch
    std::int64_t seen;  ///< from this time on
    std::span<const std::int64_t> times;
    SourceRow* slot;
  };
  std::array<Way, kRowsTogether> ways{};
  std::size_t count = 0;
  for (std::size_t i = begin; i < end; ++i) {
    if (batch.entity[i] == kNoEntity) continue;
    const std::optional<std::int64_t> seen = seen_from(batch.at(i), variant_);
    if (!seen) continue;
    __builtin_prefetch(&starts_[batch.entity[i]]);
    ways[count++] = {.row = i, .seen = *seen, .times = {}, .slot = nullptr};
  }
  const std::span<Way> all(ways.data(), count);
  for (Way& way : all) {
    const std::uint32_t entity = batch.entity[way.row];
    way.times = std::span(times_).subspan(starts_[entity], starts_[entity + 1] - starts_[entity]);
    __builtin_prefetch(way.times.data() + way.times.size() / 2);
  }
  for (Way& way : all) {
    const auto found = std::ranges::lower_bound(way.times, way.seen);
    if (found == way.times.end()) continue;
    way.slot = &slots_[static_cast<std::size_t>(&*found - times_.data())];
    __builtin_prefetch(way.slot, 1);
  }
  for (const Way& way : all) {
    if (way.slot != nullptr) raise(*way.slot, batch.at(way.row));
  }
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
