#pragma once

#include "registry/snapshot.hpp"
#include "registry/sqlite/database.hpp"

namespace provender::registry::sqlite {

/// Numbers the stored rows of all views as `proposed` takes the place of what is applied: entity
/// sets, fields, schemas and stores. A step of the caller's transaction. ResourceExhausted if a
/// view has had 65,535 features.
Result<> update_storage(Database& database,
                        const Snapshot& applied,
                        const Definitions& proposed,
                        Timestamp now);

}  // namespace provender::registry::sqlite
