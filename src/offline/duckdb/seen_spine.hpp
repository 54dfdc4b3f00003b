#pragma once

#include <span>

#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/project_files.hpp"
#include "offline/duckdb/staged_sources.hpp"
#include "offline/offline_store.hpp"

namespace provender::offline {

/// Makes the table `spine` of the rows that a request without a spine asks about.
/// InvalidArgument: its views do not share their keys, or a key has the name of the time's column.
Result<> make_seen_spine(Connection& connection,
                         const ProjectFiles& files,
                         const HistoricalRequest& request,
                         StagedSources& staged);

/// Makes the table without a row, as it would be: to plan with.
Result<> make_unseen_spine(Connection& connection,
                           const HistoricalRequest& request,
                           std::span<const RequestKey> keys);

}  // namespace provender::offline
