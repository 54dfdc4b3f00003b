#pragma once

#include <vector>

#include "provender/catalog.hpp"

#include "registry/snapshot.hpp"

namespace provender::store {

/// The public description of what is registered. Pure.
Catalog describe(const registry::Snapshot& snapshot);
std::vector<FeatureInfo> describe_features(const Definitions& definitions);

}  // namespace provender::store
