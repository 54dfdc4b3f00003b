#pragma once

#include "offline/duckdb/source_groups.hpp"

namespace provender::offline {

/// About how many bytes a value of `column`, a feature of `type`, has outside of its cell
/// (pit::ValueStore), by some rows of the part that it is in. Of a type that has none: 0.
std::uint64_t sampled_value_bytes(Connection& connection,
                                  const SourceRelation::Part& part,
                                  const SourceRelation::Column& column,
                                  Type type);

}  // namespace provender::offline
