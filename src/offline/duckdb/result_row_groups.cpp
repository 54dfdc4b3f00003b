#include "offline/duckdb/result_row_groups.hpp"

#include <algorithm>
#include <numeric>
#include <span>

namespace provender::offline {
namespace {

using ColumnBytes = std::vector<std::uint64_t>;

ColumnBytes unpacked_bytes(const parquet::Footer::RowGroup& group) {
  ColumnBytes out;
  for (const auto& chunk : group.chunks) {
    out.push_back(static_cast<std::uint64_t>(chunk->unpacked_bytes));
  }
  return out;
}

std::uint64_t sum(const ColumnBytes& columns) {
  return std::reduce(columns.begin(), columns.end());
}

bool fit(const ColumnBytes& columns, const RowGroupLimits& limits) {
  return sum(columns) <= limits.bytes &&
         (columns.empty() || std::ranges::max(columns) <= limits.column_bytes);
}

/// Of those of one row group.
std::uint64_t most_rows(std::int64_t rows, std::uint64_t bytes, const RowGroupLimits& limits) {
  if (bytes <= limits.bytes) return limits.rows;
  const double part = static_cast<double>(limits.bytes) / static_cast<double>(bytes);
  const auto fitting = static_cast<std::uint64_t>(static_cast<double>(rows) * part);
  return std::clamp<std::uint64_t>(fitting, 1, limits.rows);
}

}  // namespace

std::vector<RowsOfSpine> result_row_groups(const PageFile& spine,
                                           RowsOfSpine rows,
                                           const RowGroupLimits& limits) {
  std::vector<RowsOfSpine> out;
  ColumnBytes bytes(spine.footer.columns.size());  // of the spine's that the last one has rows of
  for (const PageFile::Stretch& stretch : spine.stretches(rows.of_file())) {
    const parquet::Footer::RowGroup& group = spine.footer.row_groups[stretch.row_group];
    const ColumnBytes more = unpacked_bytes(group);
    const std::uint64_t most = most_rows(group.rows, sum(more), limits);
    auto begin = static_cast<std::uint64_t>(stretch.rows.begin);
    const auto end = static_cast<std::uint64_t>(stretch.rows.end);
    std::ranges::transform(bytes, more, bytes.begin(), std::plus());
    if (!out.empty() && fit(bytes, limits) && out.back().count() < limits.rows) {
      begin = std::min(end, out.back().begin + limits.rows);
      out.back().end = begin;
    }
    while (begin < end) {
      bytes = more;
      out.push_back({.begin = begin, .end = std::min(end, begin + most)});
      begin = out.back().end;
    }
  }
  return out;
}

}  // namespace provender::offline
