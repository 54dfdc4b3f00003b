#include "pit/role_join.hpp"

#include <algorithm>

#include "pit/parts.hpp"

namespace provender::pit {
namespace {

/// To what `replay` ended with, by entity.
void raise(SourceRows& rows, const Replay& replay, const std::stop_token& stop) {
  for_parts(rows.size(), stop, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      rows.raise(i, replay.winner(static_cast<std::uint32_t>(i)));
    }
  });
}

/// Replays that pass a place, and the place up to which they all do and no other.
struct Passing {
  std::vector<const Replay*> replays;
  std::size_t until;
};

/// Those of `waiting` that pass `at`. Those that have ended go from `waiting` to `ended`.
template <class Ended>
Passing passing_at(std::size_t at,
                   std::size_t end,
                   std::vector<const Replay*>& waiting,
                   const Ended& ended) {
  Passing out{.replays = {}, .until = end};
  std::erase_if(waiting, [&](const Replay* replay) {
    if (replay->end() <= at) {
      ended(*replay);
      return true;
    }
    out.until = std::min(out.until, replay->begin() > at ? replay->begin() : replay->end());
    if (replay->begin() <= at) out.replays.push_back(replay);
    return false;
  });
  return out;
}

}  // namespace

Replay& RoleJoin::add_replay() {
  const std::scoped_lock lock(mutex_);
  return replays_.emplace_back(*spine_, slots_, variant_);
}

SourceRows RoleJoin::finish(const Parallel& parallel) {
  std::erase_if(replays_, [](const Replay& replay) { return replay.empty(); });
  SourceRows best = replays_.size() == 1 ? replays_.front().finish(stop_) : merge_replays(parallel);
  replays_.clear();
  slots_.fold_into(best, parallel);
  return best;
}

/// A position's best row is the greatest that any replay has for it: one that passed it has it at
/// that place, one that ended before has it among its last winners. Between two places where a
/// replay begins or ends the same ones count.
SourceRows RoleJoin::merge_replays(const Parallel& parallel) {
  const bool has_created = std::ranges::any_of(replays_, &Replay::has_created);
  SourceRows best;
  best.resize(spine_->size(), has_created);
  SourceRows carried;  ///< by entity; empty: no replay has ended
  std::vector<const Replay*> waiting;
  for (const Replay& replay : replays_) {
    waiting.push_back(&replay);
  }

  const auto carry = [&](const Replay& ended) {
    carried.resize(spine_->entity_count(), has_created);
    raise(carried, ended, stop_);
  };
  for (std::size_t at = 0; at < best.size();) {
    const Passing passing = passing_at(at, best.size(), waiting, carry);
    const auto take_best = [&](std::size_t i) {
      if (!carried.empty()) best.raise(i, carried[spine_->entities()[i]]);
      for (const Replay* replay : passing.replays) {
        best.raise(i, replay->passed(i));
      }
    };
    parallel.for_parts_of(passing.until - at, [&](std::size_t, std::size_t begin, std::size_t end) {
      for_each(end - begin, stop_, [&](std::size_t i) { take_best(at + begin + i); });
    });
    if (stop_.stop_requested()) break;
    at = passing.until;
  }
  return best;
}

}  // namespace provender::pit
