#include "pit/answers.hpp"

#include "pit/parts.hpp"
#include "pit/row_ranks.hpp"

namespace provender::pit {
namespace {

bool is_outside(const SourceRow& row, std::int64_t t, std::optional<Duration> ttl) {
  return ttl && Timestamp(Duration(row.ts)) < minus_saturating(Timestamp(Duration(t)), *ttl);
}

}  // namespace

Answers judge(const RoleSpine& spine,
              const SourceRows& best,
              std::optional<Duration> ttl,
              const std::stop_token& stop) {
  Answers out;
  out.places.assign(spine.order().spine_rows(), Answers::kNotFound);
  RowRanks given(best.size());
  const auto time = [&](std::size_t position) { return spine.times()[position]; };
  const auto judge_one = [&](std::size_t position) {
    const SourceRow row = best[position];
    if (!row.exists()) return;
    if (is_outside(row, time(position), ttl)) {
      out.places[spine.order().rows()[position]] = Answers::kOutsideMaxAge;
      return;
    }
    given.add(row.row);
    if (row.created != kNoTime && row.created > time(position)) ++out.created_after;
  };
  const auto give = [&](std::size_t position) {
    const SourceRow row = best[position];
    if (!row.exists() || is_outside(row, time(position), ttl)) return;
    out.places[spine.order().rows()[position]] = static_cast<std::uint32_t>(given.rank(row.row));
  };
  if (!for_each(best.size(), stop, judge_one)) return out;
  out.winners = given.finish(stop);
  if (!stop.stop_requested()) for_each(best.size(), stop, give);
  return out;
}

}  // namespace provender::pit
