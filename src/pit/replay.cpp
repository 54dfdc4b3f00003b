#include "pit/replay.hpp"

#include <algorithm>
#include <limits>

namespace provender::pit {
namespace {

/// Before this many rows, nothing is said about their order.
constexpr std::uint64_t kFirstRows = 16'384;
/// Rows whose winners are brought into the cache before their turn.
constexpr std::size_t kAhead = 16;

}  // namespace

Replay::Replay(const RoleSpine& spine, Slots& late, Variant variant)
    : spine_(&spine), late_(&late), delay_(variant.strictly_before ? 1 : 0) {}

void Replay::take(const SourceBatch& batch) {
  if (is_hopeless()) return late_->take(batch);
  bool any_late = false;
  for (std::size_t i = 0; i < batch.rows; ++i) {
    const std::uint32_t entity = batch.entity[i];
    prefetch(batch, i + kAhead);
    if (entity == kNoEntity) continue;
    const std::int64_t seen = batch.ts[i] + delay_;
    if (winners_.empty()) start(seen);
    ++taken_;
    if (seen <= last_passed_) {
      if (!any_late) late_entities_.assign(batch.rows, kNoEntity);
      any_late = true;
      late_entities_[i] = entity;
      ++late_count_;
      continue;
    }
    if (seen > next_) advance(seen);
    SourceRow& winner = winners_[entity];
    winner = std::max(winner, batch.at(i));
  }
  if (!any_late) return;
  SourceBatch late = batch;
  late.entity = late_entities_.data();
  late_->take(late);
}

void Replay::prefetch(const SourceBatch& batch, std::size_t i) const {
  if (i >= batch.rows || batch.entity[i] >= winners_.size()) return;
  __builtin_prefetch(&winners_[batch.entity[i]], 1);
}

void Replay::start(std::int64_t seen) {
  winners_.resize(spine_->entity_count());
  const auto& times = spine_->times();
  const auto first = std::ranges::lower_bound(times, seen);
  begin_ = static_cast<std::size_t>(first - times.begin());
  last_passed_ = begin_ == 0 ? kNoTime : times[begin_ - 1];
  next_ = begin_ == times.size() ? std::numeric_limits<std::int64_t>::max() : times[begin_];
}

/// Hands the winners to the positions whose rows do not see rows of time `seen` any more.
void Replay::advance(std::int64_t seen) {
  const auto& times = spine_->times();
  const auto& entities = spine_->entities();
  std::size_t at = end();
  for (; at < times.size() && times[at] < seen; ++at) {
    passed_.push_back(winners_[entities[at]]);
  }
  last_passed_ = times[at - 1];
  next_ = at == times.size() ? std::numeric_limits<std::int64_t>::max() : times[at];
}

/// Whether so many rows are late that the order is none.
bool Replay::is_hopeless() const {
  return taken_ >= kFirstRows && late_count_ * 4 > taken_;
}

}  // namespace provender::pit
