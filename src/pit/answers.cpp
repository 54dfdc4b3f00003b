#include "pit/answers.hpp"

#include "pit/parts.hpp"
#include "pit/radix_sort.hpp"

namespace provender::pit {
namespace {

bool is_outside(const SourceRow& row, std::int64_t t, std::optional<Duration> ttl) {
  return ttl && Timestamp(Duration(row.ts)) < minus_saturating(Timestamp(Duration(t)), *ttl);
}

/// Numbers the different winners in their order.
void number_winners(std::vector<Keyed>& given, Answers& out, const std::stop_token& stop) {
  if (!radix_sort(given, stop)) return;
  for_parts(given.size(), stop, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const auto row = static_cast<std::int64_t>(given[i].key);
      if (out.winners.empty() || out.winners.back() != row) out.winners.push_back(row);
      out.places[given[i].value] = static_cast<std::uint32_t>(out.winners.size() - 1);
    }
  });
}

}  // namespace

Answers judge(const RoleSpine& spine,
              std::span<const SourceRow> best,
              std::optional<Duration> ttl,
              const std::stop_token& stop) {
  Answers out;
  out.places.assign(spine.order().spine_rows(), Answers::kNotFound);
  std::vector<Keyed> given;
  given.reserve(best.size());
  const auto judge_one = [&](std::size_t position) {
    const SourceRow& row = best[position];
    if (!row.exists()) return;
    const std::uint32_t spine_row = spine.order().rows()[position];
    const std::int64_t t = spine.times()[position];
    if (is_outside(row, t, ttl)) {
      out.places[spine_row] = Answers::kOutsideMaxAge;
      return;
    }
    given.push_back({.key = static_cast<std::uint64_t>(row.row), .value = spine_row});
    if (row.created != kNoTime && row.created > t) ++out.created_after;
  };
  const bool judged = for_parts(best.size(), stop, [&](std::size_t begin, std::size_t end) {
    for (std::size_t position = begin; position < end; ++position) {
      judge_one(position);
    }
  });
  if (judged) number_winners(given, out, stop);
  return out;
}

}  // namespace provender::pit
