#pragma once

#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/project_files.hpp"
#include "offline/offline_store.hpp"

namespace provender::offline {

/// OfflineStore::as_of.
Result<std::vector<ValueAsOf>> read_as_of(Connection& connection,
                                          const ProjectFiles& files,
                                          const Definitions& definitions,
                                          const Selection& selection,
                                          std::span<const Value> keys,
                                          Timestamp t);

}  // namespace provender::offline
