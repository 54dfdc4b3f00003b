#pragma once

#include <vector>

#include "provender/materialize.hpp"

#include "base/clock.hpp"
#include "registry/registry.hpp"

namespace provender::materialize {

/// How each applied view stands against its cadence at `now`, by name.
Result<std::vector<ViewStatus>> status(registry::Registry& registry, Timestamp now);

/// How one view stands.
Result<ViewStatus> view_status(registry::RunLog& log,
                               const registry::Snapshot& snapshot,
                               const FeatureView& view,
                               Timestamp now);

}  // namespace provender::materialize
