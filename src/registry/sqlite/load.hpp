#pragma once

#include "registry/snapshot.hpp"
#include "registry/sqlite/database.hpp"

namespace provender::registry::sqlite {

/// The number that tells whether a snapshot is still the newest.
Result<std::uint64_t> load_revision(Database& database);

/// The current state, in the caller's transaction. Corruption if the tables contradict themselves.
Result<Snapshot> load_snapshot(Database& database);

/// NotFound for a version that never was.
Result<Definitions> load_definitions(Database& database, std::uint64_t version);

}  // namespace provender::registry::sqlite
