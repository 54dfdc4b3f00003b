#include "offline/duckdb/result_row_groups.hpp"

#include <algorithm>

namespace provender::offline {
namespace {

std::uint64_t unpacked_bytes(const parquet::Footer::RowGroup& group) {
  std::uint64_t out = 0;
  for (const auto& chunk : group.chunks) {
    out += static_cast<std::uint64_t>(chunk->unpacked_bytes);
  }
  return out;
}

/// Of a row group that has `bytes`.
std::uint64_t most_rows(std::uint64_t rows, std::uint64_t bytes, const RowGroupLimits& limits) {
  if (bytes <= limits.spine_bytes) return limits.rows;
  const double part = static_cast<double>(limits.spine_bytes) / static_cast<double>(bytes);
  const auto fit = static_cast<std::uint64_t>(static_cast<double>(rows) * part);
  return std::clamp<std::uint64_t>(fit, 1, limits.rows);
}

}  // namespace

std::vector<RowsOfSpine> result_row_groups(const PageFile& spine,
                                           RowsOfSpine rows,
                                           const RowGroupLimits& limits) {
  std::vector<RowsOfSpine> out;
  std::uint64_t bytes = 0;  // of the spine's that the last one lies in
  for (const PageFile::Stretch& stretch : spine.stretches(rows.of_file())) {
    const parquet::Footer::RowGroup& group = spine.footer.row_groups[stretch.row_group];
    const std::uint64_t more = unpacked_bytes(group);
    const std::uint64_t most = most_rows(static_cast<std::uint64_t>(group.rows), more, limits);
    auto begin = static_cast<std::uint64_t>(stretch.rows.begin);
    const auto end = static_cast<std::uint64_t>(stretch.rows.end);
    bytes += more;
    if (!out.empty() && bytes <= limits.spine_bytes && out.back().count() < limits.rows) {
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
