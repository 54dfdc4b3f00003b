#pragma once

#include <vector>

#include "model/problem.hpp"
#include "offline/offline_store.hpp"

namespace provender::offline {

/// Compares a view with its source: every column there (nearest name otherwise), types compatible
/// without loss, event and created timestamps are timestamps (or integers with a declared unit).
/// Pure.
std::vector<Problem> check_source(const Definitions& definitions,
                                  const FeatureView& view,
                                  const SourceInfo& source);

/// Inspects the sources of all views, checks them, and gives every join key without a type the type
/// of its column in the sources (which must agree). Problems carry the place in the definitions.
std::vector<Problem> resolve_sources(OfflineStore& store, Definitions& definitions);

}  // namespace provender::offline
