#include "offline/duckdb/row_groups.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

std::int64_t number(const Value& value) {
  return std::get<std::int64_t>(value.storage);
}

std::optional<std::int64_t> time_of(const Value& value) {
  return value.is_null() ? std::nullopt : std::optional(number(value));
}

/// The range of a column's values as microseconds; NULL where its text does not tell exactly.
std::string time_statistic(const SourceRelation::Column& time, std::string_view which) {
  const NativeKind kind = parse_native_type(time.native_type).kind;
  if (kind != NativeKind::Timestamp && kind != NativeKind::TimestampZoned) {
    return "CAST(NULL AS BIGINT)";
  }
  return fmt::format("max(epoch_us(TRY_CAST({} AS TIMESTAMPTZ))) FILTER (path_in_schema = {})",
                     which,
                     sql::literal(time.source));
}

/// Ranges of one file that touch each other become one; files that are read whole, one scan.
void add(std::vector<RowRange>& ranges, RowRange range, bool whole) {
  if (!ranges.empty()) {
    RowRange& last = ranges.back();
    if (last.begin && last.first_file == range.first_file && last.end == range.begin) {
      last.end = range.end;
      return;
    }
    if (whole && !last.begin && last.first_file + last.files == range.first_file) {
      ++last.files;
      return;
    }
  }
  if (whole) range.begin.reset();
  ranges.push_back(range);
}

}  // namespace

Result<std::vector<RowGroup>> read_row_groups(Connection& connection,
                                              const std::vector<std::string>& files,
                                              const SourceRelation::Part& part) {
  const auto& time = *std::ranges::find(part.columns, "ts", &SourceRelation::Column::name);
  PROVENDER_ASSIGN(const Rows rows,
                   connection.query(fmt::format(
                       "SELECT file_name, row_group_id, max(row_group_num_rows), {}, {} FROM "
                       "parquet_metadata({}) GROUP BY ALL ORDER BY file_name, row_group_id",
                       time_statistic(time, "coalesce(stats_min_value, stats_min)"),
                       time_statistic(time, "coalesce(stats_max_value, stats_max)"),
                       sql::literal_list(part.source.files))));
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < files.size(); ++i) {
    places[files[i]] = i;
  }
  std::vector<RowGroup> out;
  for (const auto& row : rows) {
    const std::size_t file = places.at(std::get<std::string>(row[0].storage));
    const std::int64_t begin =
        !out.empty() && out.back().file == file ? out.back().end : std::int64_t{0};
    out.push_back({.file = file,
                   .begin = begin,
                   .end = begin + number(row[2]),
                   .least_time = time_of(row[3]),
                   .most_time = time_of(row[4])});
  }
  std::ranges::stable_sort(out, {}, &RowGroup::file);
  return out;
}

bool are_time_ordered(const std::vector<RowGroup>& groups) {
  std::size_t known = 0;
  std::size_t overlapping = 0;
  for (std::size_t i = 1; i < groups.size(); ++i) {
    if (!groups[i].least_time || !groups[i - 1].most_time) continue;
    ++known;
    if (*groups[i].least_time < *groups[i - 1].most_time) ++overlapping;
  }
  return overlapping * 8 <= known;
}

std::vector<std::vector<RowRange>> cut(const std::vector<RowGroup>& groups,
                                       const std::vector<RowGroup>& all,
                                       std::size_t parts) {
  std::map<std::size_t, std::int64_t> file_rows;
  for (const RowGroup& group : all) {
    file_rows[group.file] += group.rows();
  }
  std::int64_t total = 0;
  for (const RowGroup& group : groups) {
    total += group.rows();
  }
  const std::int64_t each = std::max<std::int64_t>(total / static_cast<std::int64_t>(parts), 1);

  std::vector<std::vector<RowRange>> out;
  std::int64_t done = 0;
  for (std::size_t i = 0; i < groups.size();) {
    // Up to the cut, the row groups of one file are one range.
    const std::int64_t next_cut = (done / each + 1) * each;
    if (out.empty() || done >= static_cast<std::int64_t>(out.size()) * each) out.emplace_back();
    RowRange range{.first_file = groups[i].file, .begin = groups[i].begin, .end = groups[i].begin};
    for (; i < groups.size() && groups[i].file == range.first_file && groups[i].begin == range.end;
         ++i) {
      if (done >= next_cut) break;
      range.end = groups[i].end;
      done += groups[i].rows();
    }
    add(out.back(), range, range.begin == 0 && range.end == file_rows[range.first_file]);
  }
  return out;
}

}  // namespace provender::offline
