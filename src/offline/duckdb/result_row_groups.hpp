#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "offline/duckdb/page_files.hpp"
#include "offline/duckdb/spine_pages.hpp"

namespace provender::offline {

/// What a row group of a result is at most.
struct RowGroupLimits {
  std::size_t rows = 0;
  /// Of what the row groups of the spine have, unpacked, that its rows lie in; more only where that
  /// is one, whose rows are then dealt out to several.
  std::uint64_t spine_bytes = 0;
};

/// Cuts rows of a spine into the row groups of a result, as far as its footer tells how large they
/// are.
std::vector<RowsOfSpine> result_row_groups(const PageFile& spine,
                                           RowsOfSpine rows,
                                           const RowGroupLimits& limits);

}  // namespace provender::offline
