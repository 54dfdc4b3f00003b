#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "provender/plan.hpp"

#include "registry/run_log.hpp"
#include "registry/snapshot.hpp"

namespace provender::registry {

struct ApplyRequest {
  Definitions definitions;     ///< validated, sources checked, key types resolved
  std::uint64_t base_version;  ///< the version that the plan was made against
  std::string applied_by;
  std::string summary;
};

/// The applied definitions, every version of them, and the numbers that stored rows refer to.
/// Safe for concurrent use, by several processes too. A change is whole or not there.
class Registry {
 public:
  virtual ~Registry() = default;

  /// The current state. Costs one small read while nothing has changed, and then returns the same
  /// object.
  virtual Result<std::shared_ptr<const Snapshot>> snapshot() = 0;

  /// NotFound for a version that never was.
  virtual Result<Definitions> definitions_at(std::uint64_t version) = 0;

  /// Newest first.
  virtual Result<std::vector<Version>> history() = 0;

  /// Makes a new version. Conflict if `base_version` is no longer the current one. Definitions
  /// equal to the current ones make none.
  virtual Result<std::shared_ptr<const Snapshot>> apply(ApplyRequest request) = 0;

  /// Gives the view a new generation to build (`materialize --full`); one that is being built
  /// already is replaced.
  virtual Result<std::shared_ptr<const Snapshot>> rebuild(const std::string& view) = 0;

  /// Forgets dead store ids whose rows are gone.
  virtual Result<> swept(std::span<const std::uint32_t> store_ids) = 0;

  /// Leases, runs and watermarks.
  virtual RunLog& runs() = 0;
};

}  // namespace provender::registry
