#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "provender/result.hpp"

#include "online/online_store.hpp"

namespace provender::online {

struct LmdbOptions {
  /// The store's folder, on a local file system; made if it is not there (unless read_only).
  std::filesystem::path path;
  /// Whose features these are: a folder of another project or registry is refused.
  std::string project;
  std::string registry_id;
  /// The most that the store can grow to: address space, not memory or disk.
  std::uint64_t map_size = std::uint64_t{1} << 40U;
  bool read_only = false;
  /// How long after a write it would survive a loss of power without a flush().
  std::chrono::milliseconds sync_interval{1'000};
  /// By how many bytes the file may grow before it is synced sooner: what passes that follow each
  /// other replace is free for the next one only once it is synced.
  std::uint64_t sync_growth = std::uint64_t{64} << 20U;
};

/// The embedded store: one LMDB environment in a folder (docs/format/lmdb.md). Any number of
/// processes may have it open, to read and to write; stores opened twice in one process share their
/// environment. A process that forks opens it anew in the child: calls there fail with
/// FailedPrecondition, and nothing is harmed.
///
/// NotFound: read_only and no store there. FailedPrecondition: a folder of a newer format, of
/// another project or registry, or of something else. Corruption: bytes are missing or damaged.
Result<std::unique_ptr<OnlineStore>> open_lmdb_store(const LmdbOptions& options);

}  // namespace provender::online
