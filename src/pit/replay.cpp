#include "pit/replay.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "pit/parts.hpp"

namespace provender::pit {
namespace {

/// Before this many rows, nothing is said about their order.
constexpr std::uint64_t kFirstRows = 16'384;
/// Rows, and positions, whose winners are brought into the cache before their turn.
constexpr std::size_t kAhead = 32;

}  // namespace

Replay::Replay(const RoleSpine& spine, Slots& late, Variant variant)
    : spine_(&spine), late_(&late), delay_(variant.strictly_before ? 1 : 0) {}

void Replay::take(const SourceBatch& batch) {
  if (is_hopeless()) return late_->take(batch);
  if (batch.created == nullptr) {
    take_rows<false>(batch);
  } else {
    take_rows<true>(batch);
  }
}

template <bool HasCreated>
void Replay::take_rows(const SourceBatch& batch) {
  std::size_t skipped = 0;
  std::size_t late = 0;
  for (std::size_t i = 0; i < batch.rows; ++i) {
    const std::uint32_t entity = batch.entity[i];
    prefetch(batch, i + kAhead);
    if (entity == kNoEntity) {
      ++skipped;
      continue;
    }
    const std::int64_t seen = batch.ts[i] + delay_;
    if (winners_.empty()) start(seen, HasCreated);
    if (seen <= last_passed_) {
      if (late++ == 0) late_entities_.assign(batch.rows, kNoEntity);
      late_entities_[i] = entity;
      continue;
    }
    if (seen > next_) advance(seen);
    raise<HasCreated>(entity, batch.at(i));
  }
  taken_ += batch.rows - skipped;
  late_count_ += late;
  if (late == 0) return;
  SourceBatch late_rows = batch;
  late_rows.entity = late_entities_.data();
  late_->take(late_rows);
}

template <bool HasCreated>
void Replay::raise(std::uint32_t entity, const SourceRow& row) {
  SourceRows::Place& winner = winners_.places[entity];
  // In the order of time the newest row wins, whatever was there: nobody has to wait for it.
  if (row.ts > newest_.ts || (!HasCreated && row.ts == newest_.ts && row.row > newest_.row)) {
    newest_ = {.ts = row.ts, .row = row.row};
    winner = newest_;
    if constexpr (HasCreated) winners_.created[entity] = row.created;
    return;
  }
  if (row.ts < winner.ts) return;
  if (row.ts == winner.ts) {
    const std::int64_t created = HasCreated ? winners_.created[entity] : kNoTime;
    if (row < SourceRow{.ts = winner.ts, .created = created, .row = winner.row}) return;
  }
  winner = {.ts = row.ts, .row = row.row};
  if constexpr (HasCreated) winners_.created[entity] = row.created;
}

void Replay::prefetch(const SourceBatch& batch, std::size_t i) const {
  if (i >= batch.rows || batch.entity[i] >= winners_.size()) return;
  __builtin_prefetch(&winners_.places[batch.entity[i]], 1);
}

void Replay::start(std::int64_t seen, bool has_created) {
  winners_.places.resize(spine_->entity_count());
  if (has_created) winners_.created.assign(spine_->entity_count(), kNoTime);
  const auto& times = spine_->times();
  const auto first = std::ranges::lower_bound(times, seen);
  begin_ = static_cast<std::size_t>(first - times.begin());
  // Not touched before it is needed, and never moved to other memory.
  passed_.places.reserve(times.size());
  last_passed_ = begin_ == 0 ? kNoTime : times[begin_ - 1];
  next_ = begin_ == times.size() ? std::numeric_limits<std::int64_t>::max() : times[begin_];
}

void Replay::pass(std::size_t at) {
  const auto& entities = spine_->entities();
  if (at + kAhead < entities.size()) __builtin_prefetch(&winners_.places[entities[at + kAhead]]);
  passed_.places.push_back(winners_.places[entities[at]]);
  if (!winners_.created.empty()) passed_.created.push_back(winners_.created[entities[at]]);
}

SourceRows Replay::finish(const std::stop_token& stop) {
  const std::size_t first = end();
  for_each(spine_->size() - first, stop, [&](std::size_t i) { pass(first + i); });
  passed_.places.insert(passed_.places.begin(), begin_, {});
  if (!passed_.created.empty()) passed_.created.insert(passed_.created.begin(), begin_, kNoTime);
  passed_.resize(spine_->size());  // where a stop was requested
  return std::move(passed_);
}

/// Hands the winners to the positions whose rows do not see rows of time `seen` any more.
void Replay::advance(std::int64_t seen) {
  const auto& times = spine_->times();
  std::size_t at = end();
  for (; at < times.size() && times[at] < seen; ++at) {
    pass(at);
  }
  last_passed_ = times[at - 1];
  next_ = at == times.size() ? std::numeric_limits<std::int64_t>::max() : times[at];
}

/// Whether so many rows are late that the order is none.
bool Replay::is_hopeless() const {
  return taken_ >= kFirstRows && late_count_ * 4 > taken_;
}

}  // namespace provender::pit
