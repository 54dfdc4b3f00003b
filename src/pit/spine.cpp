#include "pit/spine.hpp"

#include "pit/parts.hpp"
#include "pit/radix_sort.hpp"

namespace provender::pit {

TimeOrder::TimeOrder(std::span<const std::int64_t> times, const std::stop_token& stop)
    : spine_rows_(times.size()) {
  std::vector<Keyed> order;
  order.reserve(times.size());
  for_parts(times.size(), stop, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      if (times[row] == kNoTime) continue;
      order.push_back({.key = order_bits(times[row]), .value = static_cast<std::uint32_t>(row)});
    }
  });
  if (!radix_sort(order, stop)) return;
  times_.reserve(order.size());
  rows_.reserve(order.size());
  for_parts(order.size(), stop, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      times_.push_back(number_of(order[i].key));
      rows_.push_back(order[i].value);
    }
  });
}

RoleSpine::RoleSpine(const TimeOrder& order,
                     std::span<const std::uint32_t> entity_of_row,
                     std::size_t entities,
                     const std::stop_token& stop)
    : order_(&order), entity_count_(entities + 1) {
  entities_.reserve(order.size());
  const auto of_nulls = static_cast<std::uint32_t>(entities);
  for_parts(order.size(), stop, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint32_t entity = entity_of_row[order.rows()[i]];
      entities_.push_back(entity == kNoEntity ? of_nulls : entity);
    }
  });
}

}  // namespace provender::pit
