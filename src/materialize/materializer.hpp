#pragma once

#include <memory>
#include <vector>

#include "provender/control.hpp"
#include "provender/log.hpp"
#include "provender/materialize.hpp"

#include "base/clock.hpp"
#include "offline/offline_store.hpp"
#include "online/online_store.hpp"
#include "registry/registry.hpp"

namespace provender::materialize {

/// What a materialization works on. All outlive it.
struct Stores {
  registry::Registry& registry;
  offline::OfflineStore& offline;
  online::OnlineStore& online;
  const Clock& clock;
  Logger& logger;
};

/// Brings the online store up to date with the offline store: the winning row of each entity (rule
/// 1) at the end time, under one lease and one run record a view. Views of one entity set share a
/// write pass. May be killed at any moment and repeated: rows are only replaced by rows that are
/// not older. Returns one run per view, failed ones with Run::error; an Error only where nothing
/// could begin, or Cancelled.
Result<std::vector<Run>> materialize(const Stores& stores,
                                     const MaterializeOptions& options,
                                     const Control& control);

}  // namespace provender::materialize
