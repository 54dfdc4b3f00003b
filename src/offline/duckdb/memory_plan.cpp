#include "offline/duckdb/memory_plan.hpp"

#include <algorithm>

#include "pit/radix_sort.hpp"
#include "pit/values.hpp"

namespace provender::offline {
namespace {

/// The bytes behind a cell, where a value has some: a guess.
constexpr std::uint64_t kTextBytes = 16;
constexpr std::uint64_t kListBytes = 256;

std::uint64_t bytes_of(Type type) {
  if (type.is_list) return sizeof(pit::ListCell) + 1 + kListBytes;
  return pit::cell_width(type.kind) + 1 + (is_variable_length(type.kind) ? kTextBytes : 0);
}

}  // namespace

MemoryShares share_memory(std::uint64_t limit) {
  return {.main = limit / 2, .workers = limit / 8, .kernel = limit / 8 * 3};
}

std::uint64_t bytes_per_spine_row(const Definitions& definitions,
                                  const Selection& selection,
                                  std::span<const SourceGroup> groups,
                                  std::size_t roles) {
  // The time order, and each role's entities with their dictionary.
  std::uint64_t out = sizeof(std::int64_t) + sizeof(std::uint32_t) + roles * 40;
  // A group at work: what its replays passed, the best rows, and the sort of the winners.
  std::uint64_t at_work = 0;
  for (const SourceGroup& group : groups) {
    at_work = std::max<std::uint64_t>(
        at_work, group.roles.size() * sizeof(pit::SourceRow) + sizeof(pit::SourceRow));
    for (const SourceGroup::View& view : group.views) {
      const FeatureView& definition = *definitions.feature_view(selection.views[view.index].view);
      out += sizeof(std::uint32_t) + sizeof(std::int64_t);  // places and winners
      for (const std::size_t feature : view.features) {
        out += bytes_of(definition.features[feature].type);
      }
    }
  }
  return out + at_work + 2 * sizeof(pit::Keyed);
}

}  // namespace provender::offline
