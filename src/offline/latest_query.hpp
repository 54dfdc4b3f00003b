#pragma once

#include <string>

#include "model/definitions.hpp"
#include "offline/source_relation.hpp"

namespace provender::offline {

/// A SELECT of the rows up to `end` that may be the latest of their key: keys, ts, created,
/// features; in order of keys, and of each key the winning row (rule 1) first. `many_per_key`
/// leaves out in a first pass what is not of the key's last event timestamp: worth it where there
/// are much fewer keys than rows, and never needed for the answer.
std::string compile_latest(const SourceRelation& relation,
                           const FeatureView& view,
                           Timestamp end,
                           bool many_per_key);

}  // namespace provender::offline
