#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "provender/materialize.hpp"

namespace provender::registry {

/// The right to do one thing alone, until it expires. The fencing number grows with every holder.
struct Lease {
  std::string name;    ///< "materialize:user_activity", "scheduler"
  std::string holder;  ///< host:pid:random
  std::uint64_t fencing = 0;
  Timestamp expires;
};

/// Leases, runs and watermarks: changes that readers of features do not care about.
/// Safe for concurrent use, by several processes too.
class RunLog {
 public:
  virtual ~RunLog() = default;

  /// Takes the lease if it is free or expired at `now`; Conflict names its holder otherwise.
  virtual Result<Lease> acquire(const std::string& name,
                                const std::string& holder,
                                Timestamp now,
                                Duration length) = 0;
  /// Who holds the lease, expired or not; nullopt: nobody.
  virtual Result<std::optional<Lease>> current(const std::string& name) = 0;
  /// Extends it; Conflict if it was taken over.
  virtual Result<Lease> renew(const Lease& lease, Timestamp now, Duration length) = 0;
  virtual Result<> release(const Lease& lease) = 0;

  /// Records that a run began; returns it with its id.
  virtual Result<Run> begin_run(Run run) = 0;
  /// Records how it ended. A run without an error into a view's building generation switches
  /// readers to it in the same transaction, and the old store id is dead. Conflict if `lease` is no
  /// longer held: nothing is recorded. Conflict too if what the run filled has died meanwhile: the
  /// run is recorded as failed.
  virtual Result<> finish_run(const Run& run, const Lease& lease) = 0;

  /// The newest runs of a view, newest first.
  virtual Result<std::vector<Run>> runs(const std::string& view, std::size_t limit) = 0;
  /// The newest successful run into the store id, if any.
  virtual Result<std::optional<Run>> last_success(const std::string& view,
                                                  std::uint32_t store_id) = 0;
};

}  // namespace provender::registry
