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
/// Rows from which the rest of a batch is thought of.
constexpr std::size_t kSample = 64;

/// Whether most rows are of entities that the spine has not, as far as the first ones tell.
bool are_few_known(const SourceBatch& batch) {
  const std::size_t rows = std::min(batch.rows, kSample);
  return std::count(batch.entity, batch.entity + rows, kNoEntity) >
         static_cast<std::int64_t>(rows) / 2;
}

}  // namespace

Replay::Replay(const RoleSpine& spine, Slots& late, Variant variant)
    : spine_(&spine), late_(&late), delay_(variant.strictly_before ? 1 : 0) {}

void Replay::take(const SourceBatch& batch) {
  if (is_hopeless()) return late_->take(batch);
  if (batch.created == nullptr) {
    take_batch<false>(batch);
  } else {
    take_batch<true>(batch);
  }
}

template <bool HasCreated>
void Replay::take_batch(const SourceBatch& batch) {
  if (!are_few_known(batch)) {
    return take_rows<HasCreated>(batch, batch.rows, [](std::size_t i) { return i; });
  }
  find_known(batch);
  take_rows<HasCreated>(batch, known_.size(), [this](std::size_t i) { return known_[i]; });
}

/// Without a branch: nobody could foretell which way it goes.
void Replay::find_known(const SourceBatch& batch) {
  known_.resize(batch.rows);
  std::size_t count = 0;
  for (std::size_t i = 0; i < batch.rows; ++i) {
    known_[count] = static_cast<std::uint32_t>(i);
    count += batch.entity[i] != kNoEntity ? 1 : 0;
  }
  known_.resize(count);
}

/// Of `count` rows, of which the k-th is `row_at(k)`.
template <bool HasCreated, class RowAt>
void Replay::take_rows(const SourceBatch& batch, std::size_t count, RowAt row_at) {
  std::size_t skipped = 0;
  std::size_t late = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t i = row_at(k);
    const std::uint32_t entity = batch.entity[i];
    if (k + kAhead < count) prefetch(batch.entity[row_at(k + kAhead)]);
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
  taken_ += count - skipped;
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

void Replay::prefetch(std::uint32_t entity) const {
  if (entity < winners_.size()) __builtin_prefetch(&winners_.places[entity], 1);
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
  passed_.resize(spine_->size(), has_created());  // where a stop was requested
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
