#include "materialize/sweep.hpp"

#include <vector>

#include "base/try.hpp"
#include "materialize/held_lease.hpp"

namespace provender::materialize {
namespace {

/// Readers notice a new revision within a second; the rest is for clocks that differ.
constexpr Duration kGrace = std::chrono::seconds(30);

/// Whether somebody may still write into a dead store of the view: a run that began while the store
/// lived, and holds the view's lease since. Runs that begin now look at the registry first.
Result<bool> is_being_materialized(const Stores& stores, const std::string& view) {
  const auto lease = HeldLease::acquire(stores.registry.runs(), stores.clock, lease_of_view(view));
  if (lease) return false;
  if (lease.error().code() == ErrorCode::Conflict) return true;
  return lease.error();
}

}  // namespace

Result<> sweep_dead_stores(const Stores& stores, const std::stop_token& stop) {
  PROVENDER_ASSIGN(const auto snapshot, stores.registry.snapshot());
  const Timestamp now = stores.clock.now();
  std::vector<std::uint32_t> dead;
  for (const registry::DeadStore& store : snapshot->dead_stores) {
    if (store.since + kGrace > now) continue;
    PROVENDER_ASSIGN(const bool is_written, is_being_materialized(stores, store.view));
    if (!is_written) dead.push_back(store.store_id);
  }
  if (dead.empty()) return {};
  PROVENDER_TRY(stores.online.sweep(dead, stop));
  return stores.registry.swept(dead);
}

}  // namespace provender::materialize
