#include "pit/role_join.hpp"

#include <algorithm>

namespace provender::pit {

Replay& RoleJoin::add_replay() {
  const std::scoped_lock lock(mutex_);
  return replays_.emplace_back(*spine_, slots_, variant_);
}

std::vector<SourceRow> RoleJoin::finish() {
  std::vector<SourceRow> best = merge_replays();
  slots_.fold_into(best);
  return best;
}

/// A position's best row is the greatest that any replay has for it: one that passed it has it at
/// that place, one that ended before has it among its last winners. Between two places where a
/// replay begins or ends the same ones count.
std::vector<SourceRow> RoleJoin::merge_replays() {
  std::erase_if(replays_, [](const Replay& replay) { return replay.empty(); });
  std::vector<SourceRow> best(spine_->size());
  std::vector<SourceRow> carried(spine_->entity_count());
  std::vector<const Replay*> waiting;
  for (const Replay& replay : replays_) {
    waiting.push_back(&replay);
  }

  for (std::size_t at = 0; at < best.size();) {
    std::size_t next = best.size();
    std::vector<const Replay*> passing;
    std::erase_if(waiting, [&](const Replay* replay) {
      if (replay->end() <= at) {
        std::ranges::transform(carried, replay->winners(), carried.begin(), [](auto& a, auto& b) {
          return std::max(a, b);
        });
        return true;
      }
      next = std::min(next, replay->begin() > at ? replay->begin() : replay->end());
      if (replay->begin() <= at) passing.push_back(replay);
      return false;
    });
    for (; at < next; ++at) {
      best[at] = carried[spine_->entities()[at]];
      for (const Replay* replay : passing) {
        best[at] = std::max(best[at], replay->passed(at));
      }
    }
  }
  replays_.clear();
  return best;
}

}  // namespace provender::pit
