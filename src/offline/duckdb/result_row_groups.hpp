#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "offline/duckdb/page_files.hpp"
#include "offline/duckdb/spine_pages.hpp"

namespace provender::offline {

/// What a row group of a result is at most: in rows, and in what those row groups of the spine
/// have, unpacked, that it has rows of.
struct RowGroupLimits {
  std::size_t rows = 0;
  std::uint64_t column_bytes = 0;
  std::uint64_t bytes = 0;  ///< of all columns
};

/// Cuts rows of a spine into the row groups of a result: row groups of the spine are put together
/// as far as they fit; the rows of one that has more bytes are dealt out, as if each had as many.
std::vector<RowsOfSpine> result_row_groups(const PageFile& spine,
                                           RowsOfSpine rows,
                                           const RowGroupLimits& limits);

}  // namespace provender::offline
