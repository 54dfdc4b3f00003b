#pragma once

#include "provender/online_read.hpp"

#include "model/selection.hpp"
#include "registry/registry.hpp"

namespace provender::registry {

/// Resolves a feature request against `snapshot`; a service may be pinned to an applied version,
/// `name@N`: the service as that version declared it, its features as they are now.
/// FailedPrecondition where nothing is applied; else errors as select().
Result<Selection> resolve(Registry& registry,
                          const Snapshot& snapshot,
                          const FeatureRequest& request);

}  // namespace provender::registry
