#pragma once

#include <memory>

#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/project_files.hpp"
#include "offline/offline_store.hpp"

namespace provender::offline {

/// OfflineStore::latest, on a connection of its own.
Result<std::unique_ptr<LatestReader>> read_latest(Connection connection,
                                                  const ProjectFiles& files,
                                                  const Definitions& definitions,
                                                  const FeatureView& view,
                                                  Timestamp end);

}  // namespace provender::offline
