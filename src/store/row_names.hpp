#pragma once

#include "online/row_names.hpp"
#include "registry/snapshot.hpp"

namespace provender::store {

/// What the numbers of a snapshot stand for. FailedPrecondition where two views of one entity have
/// a feature of the same name: in a layout by feature they would write to one place.
Result<std::shared_ptr<const online::RowNames>> row_names(const registry::Snapshot& snapshot);

}  // namespace provender::store
