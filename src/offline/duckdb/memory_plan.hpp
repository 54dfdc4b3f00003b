#pragma once

#include <cstdint>
#include <span>
#include <vector>

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

/// What the kernel's arrays take at their most, in bytes.
struct KernelBytes {
  std::uint64_t per_row = 0;     ///< of the spine's rows that are joined at once
  std::uint64_t per_entity = 0;  ///< of the different keys among them
  /// The features that a view has for each row that wins; a source has no more winners than rows.
  struct Winners {
    std::uint64_t bytes = 0;
    std::uint64_t most = 0;
  };
  std::vector<Winners> winners;  ///< by view

  std::uint64_t of(std::uint64_t rows, std::uint64_t entities) const;
  /// Of a row's features.
  std::uint64_t values() const;
};

struct PageBytesRequest {
  const Definitions& definitions;
  const Selection& selection;
  std::span<const SourceGroup> groups;
  std::size_t spine_keys = 1;
  std::size_t threads = 1;
  std::uint64_t limit = 0;
};
/// What a page may take that is read without DuckDB, in bytes. The share of the scans holds, for
/// each thread, the buffers of all columns that the widest scan reads at once, keys and times (of
/// features it is one), and what is known of a dictionary of keys, each as large as this; and those
/// of the spine's keys and times, which are read before. Beside that are some kilobytes a
/// column: of the rows that are handed on together, and of zstd. It is 1 MB at least, so that of a
/// limit below some 100 MB scans take more than their share; and 64 MB at most, because nobody can
/// stop while a page is unpacked.
std::size_t most_page_bytes(const PageBytesRequest& request);

struct KernelBytesRequest {
  const Definitions& definitions;
  const Selection& selection;
  std::span<const SourceGroup> groups;
  std::size_t roles = 1;  ///< of the spine
  std::size_t threads = 1;
  bool shares_scans = false;  ///< each thread takes rows of all times
};
KernelBytes kernel_bytes(const KernelBytesRequest& request);

/// How many rows a row group of the result has, so that the threads that fill some fit into the
/// share of `limit` that is for writing.
/// `spine_bytes`: of a row of the spine's, 0: nobody knows.
std::size_t row_group_rows(const KernelBytes& bytes,
                           std::uint64_t spine_bytes,
                           std::uint64_t limit,
                           std::size_t threads);

/// What a result may take that is written without DuckDB, in bytes.
struct ResultBytes {
  /// Of a page or a dictionary, in the spine and in the result; and of what the spine has,
  /// unpacked, of a column for the rows of a row group, so that a dictionary has room for its
  /// texts.
  std::size_t piece;
  std::size_t held;  ///< of row groups that are packed, and not written yet
};
ResultBytes result_bytes(std::uint64_t limit, std::size_t threads);

/// How many passes of consecutive rows of the spine keep the kernel within its share of `limit`.
/// `entities`: about how many different keys the spine has. ResourceExhausted says which limit is
/// needed where not even the smallest pass fits.
Result<std::size_t> passes_within(const KernelBytes& bytes,
                                  std::uint64_t rows,
                                  std::uint64_t entities,
                                  std::uint64_t limit);

}  // namespace provender::offline
