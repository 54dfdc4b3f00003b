#include "materialize/sweep.hpp"

#include <vector>

#include "base/try.hpp"

namespace provender::materialize {
namespace {

/// Readers notice a new revision within a second; the rest is for clocks that differ.
constexpr Duration kGrace = std::chrono::seconds(30);

}  // namespace

Result<> sweep_dead_stores(const Stores& stores, const std::stop_token& stop) {
  PROVENDER_ASSIGN(const auto snapshot, stores.registry.snapshot());
  const Timestamp now = stores.clock.now();
  std::vector<std::uint32_t> dead;
  for (const registry::DeadStore& store : snapshot->dead_stores) {
    if (store.since + kGrace <= now) dead.push_back(store.store_id);
  }
  if (dead.empty()) return {};
  PROVENDER_TRY(stores.online.sweep(dead, stop));
  return stores.registry.swept(dead);
}

}  // namespace provender::materialize
