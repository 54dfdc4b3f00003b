#pragma once

#include <cstdint>
#include <span>

#include "offline/duckdb/source_groups.hpp"

namespace provender::offline {

/// How offline.memory_limit is shared out: what DuckDB scans and writes with, and the arrays of the
/// kernel, which DuckDB does not know of.
struct MemoryShares {
  std::uint64_t main;     ///< the database that stages and writes
  std::uint64_t workers;  ///< that of the scans
  std::uint64_t kernel;
};
MemoryShares share_memory(std::uint64_t limit);

/// About how many bytes the kernel needs for each row of the spine that is joined at once.
std::uint64_t bytes_per_spine_row(const Definitions& definitions,
                                  const Selection& selection,
                                  std::span<const SourceGroup> groups,
                                  std::size_t roles);

}  // namespace provender::offline
