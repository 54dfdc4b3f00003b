#include "pit/spine.hpp"

#include "pit/radix_sort.hpp"

namespace provender::pit {

TimeOrder::TimeOrder(std::span<const std::int64_t> times) : spine_rows_(times.size()) {
  std::vector<Keyed> order;
  order.reserve(times.size());
  for (std::size_t row = 0; row < times.size(); ++row) {
    if (times[row] == kNoTime) continue;
    order.push_back({.key = order_bits(times[row]), .value = static_cast<std::uint32_t>(row)});
  }
  radix_sort(order);
  times_.reserve(order.size());
  rows_.reserve(order.size());
  for (const Keyed& item : order) {
    times_.push_back(times[item.value]);
    rows_.push_back(item.value);
  }
}

RoleSpine::RoleSpine(const TimeOrder& order,
                     std::span<const std::uint32_t> entity_of_row,
                     std::size_t entities)
    : order_(&order), entity_count_(entities + 1) {
  entities_.reserve(order.size());
  const auto of_nulls = static_cast<std::uint32_t>(entities);
  for (const std::uint32_t row : order.rows()) {
    const std::uint32_t entity = entity_of_row[row];
    entities_.push_back(entity == kNoEntity ? of_nulls : entity);
  }
}

}  // namespace provender::pit
