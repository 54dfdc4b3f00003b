#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "base/clock.hpp"
#include "registry/registry.hpp"

namespace provender::registry {

struct SqliteOptions {
  std::filesystem::path path;
  const Clock& clock;   ///< when a version was applied; outlives the registry
  bool create = false;  ///< make the file and its folder if they are not there
  std::chrono::milliseconds busy_timeout{
      5000};  ///< how long to wait for another process before Unavailable
};

/// A registry in one SQLite file (docs/format/registry.md). A file or folder that may only be read
/// serves readers: what writes is then PermissionDenied. NotFound if there is nothing and `create`
/// is off; FailedPrecondition for a database of another program or of a newer format; Corruption
/// for a file that is no SQLite database. Neither is ever changed. The registry must not be used
/// across a fork.
Result<std::unique_ptr<Registry>> open_sqlite_registry(const SqliteOptions& options);

}  // namespace provender::registry
