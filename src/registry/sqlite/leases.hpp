#pragma once

#include "registry/run_log.hpp"
#include "registry/sqlite/database.hpp"

namespace provender::registry::sqlite {

struct LeaseRequest {
  const std::string& name;
  const std::string& holder;
  Timestamp now;
  Duration length;
};

/// See RunLog. Each is a transaction of its own.
Result<std::optional<Lease>> current_lease(Database& database, const std::string& name);
Result<Lease> acquire_lease(Database& database, const LeaseRequest& request);
Result<Lease> renew_lease(Database& database, const Lease& lease, Timestamp now, Duration length);
Result<> release_lease(Database& database, const Lease& lease);

/// Conflict unless the lease is held: neither released nor taken over. A step of the caller's
/// transaction.
Result<> check_held(Database& database, const Lease& lease);

}  // namespace provender::registry::sqlite
