#include "pit/role_join.hpp"

#include <algorithm>

#include "pit/parts.hpp"

namespace provender::pit {
namespace {

/// Of a replay, at the positions of [begin, end) that it passed and at those behind.
void raise(SourceRows& best,
           const RoleSpine& spine,
           const Replay& replay,
           std::size_t begin,
           std::size_t end) {
  const std::size_t passed = std::min(std::max(begin, replay.end()), end);
  for (std::size_t i = std::max(begin, replay.begin()); i < passed; ++i) {
    best.raise(i, replay.passed(i));
  }
  for (std::size_t i = passed; i < end; ++i) {
    best.raise(i, replay.winner(spine.entities()[i]));
  }
}

}  // namespace

Replay& RoleJoin::add_replay() {
  const std::scoped_lock lock(mutex_);
  return replays_.emplace_back(*spine_, slots_, variant_);
}

SourceRows RoleJoin::finish(const Parallel& parallel) {
  std::erase_if(replays_, [](const Replay& replay) { return replay.empty(); });
  SourceRows best;
  if (replays_.empty()) {
    best.resize(spine_->size(), /*has_created=*/false);
  } else {
    best = merge_replays(parallel);
  }
  replays_.clear();
  slots_.fold_into(best, parallel);
  return best;
}

/// A position's best row is the greatest that any replay has for it: one that passed it has it at
/// that place, one that ended before has it among its last winners. The first one's memory takes
/// what the others have.
SourceRows RoleJoin::merge_replays(const Parallel& parallel) {
  const auto first = std::ranges::min_element(replays_, {}, &Replay::begin);
  const bool has_created = std::ranges::any_of(replays_, &Replay::has_created);
  SourceRows best = first->finish(stop_);
  best.resize(best.size(), has_created);
  parallel.for_parts_of(best.size(), [&](std::size_t, std::size_t begin, std::size_t end) {
    for (auto replay = replays_.begin(); replay != replays_.end(); ++replay) {
      if (replay == first) continue;
      for_parts(end - begin, stop_, [&](std::size_t from, std::size_t to) {
        raise(best, *spine_, *replay, begin + from, begin + to);
      });
    }
  });
  return best;
}

}  // namespace provender::pit
