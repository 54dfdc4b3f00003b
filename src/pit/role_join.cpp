#include "pit/role_join.hpp"

#include <algorithm>

#include "pit/parts.hpp"

namespace provender::pit {
namespace {

/// To what `replay` ended with, by entity.
void raise(std::vector<SourceRow>& rows, const Replay& replay, const std::stop_token& stop) {
  for_parts(rows.size(), stop, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      rows[i] = std::max(rows[i], replay.winner(static_cast<std::uint32_t>(i)));
    }
  });
}

}  // namespace

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
  std::vector<SourceRow> carried;  ///< by entity; empty: no replay has ended
  std::vector<const Replay*> waiting;
  for (const Replay& replay : replays_) {
    waiting.push_back(&replay);
  }

  for (std::size_t at = 0; at < best.size();) {
    std::size_t next = best.size();
    std::vector<const Replay*> passing;
    std::erase_if(waiting, [&](const Replay* replay) {
      if (replay->end() <= at) {
        carried.resize(spine_->entity_count());
        raise(carried, *replay, stop_);
        return true;
      }
      next = std::min(next, replay->begin() > at ? replay->begin() : replay->end());
      if (replay->begin() <= at) passing.push_back(replay);
      return false;
    });
    const bool done = for_parts(next - at, stop_, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = at + begin; i < at + end; ++i) {
        if (!carried.empty()) best[i] = carried[spine_->entities()[i]];
        for (const Replay* replay : passing) {
          best[i] = std::max(best[i], replay->passed(i));
        }
      }
    });
    if (!done) break;
    at = next;
  }
  replays_.clear();
  return best;
}

}  // namespace provender::pit
