#include "pit/answers.hpp"

#include "pit/radix_sort.hpp"

namespace provender::pit {
namespace {

bool is_outside(const SourceRow& row, std::int64_t t, std::optional<Duration> ttl) {
  return ttl && Timestamp(Duration(row.ts)) < minus_saturating(Timestamp(Duration(t)), *ttl);
}

/// Numbers the different winners in their order.
void number_winners(std::vector<Keyed>& given, Answers& out) {
  radix_sort(given);
  for (const Keyed& item : given) {
    const auto row = static_cast<std::int64_t>(item.key);
    if (out.winners.empty() || out.winners.back() != row) out.winners.push_back(row);
    out.places[item.value] = static_cast<std::uint32_t>(out.winners.size() - 1);
  }
}

}  // namespace

Answers judge(const RoleSpine& spine,
              std::span<const SourceRow> best,
              std::optional<Duration> ttl) {
  Answers out;
  out.places.assign(spine.order().spine_rows(), Answers::kNotFound);
  std::vector<Keyed> given;
  given.reserve(best.size());
  for (std::size_t position = 0; position < best.size(); ++position) {
    const SourceRow& row = best[position];
    if (!row.exists()) continue;
    const std::uint32_t spine_row = spine.order().rows()[position];
    const std::int64_t t = spine.times()[position];
    if (is_outside(row, t, ttl)) {
      out.places[spine_row] = Answers::kOutsideMaxAge;
      continue;
    }
    given.push_back({.key = static_cast<std::uint64_t>(row.row), .value = spine_row});
    if (row.created != kNoTime && row.created > t) ++out.created_after;
  }
  number_winners(given, out);
  return out;
}

}  // namespace provender::pit
