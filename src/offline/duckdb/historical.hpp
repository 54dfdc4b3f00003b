#pragma once

#include "offline/duckdb/project_files.hpp"
#include "offline/offline_store.hpp"

namespace provender::offline {

/// OfflineStore::historical.
Result<HistoricalReport> write_historical(const HistoricalRequest& request,
                                          const OfflineOptions& options,
                                          const ProjectFiles& files,
                                          const Control& control);

}  // namespace provender::offline
