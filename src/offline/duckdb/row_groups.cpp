#include "offline/duckdb/row_groups.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

std::int64_t number(const Value& value) {
  return std::get<std::int64_t>(value.storage);
}

const SourceRelation::Column& time_column(const SourceRelation::Part& part) {
  return *std::ranges::find(part.columns, "ts", &SourceRelation::Column::name);
}

bool is_plain_time(const SourceRelation::Column& time) {
  const NativeKind kind = parse_native_type(time.native_type).kind;
  return kind == NativeKind::Timestamp || kind == NativeKind::TimestampZoned;
}

constexpr std::string_view kLeast = "coalesce(stats_min_value, stats_min)";
constexpr std::string_view kMost = "coalesce(stats_max_value, stats_max)";

/// Parquet's first fields for least and most have the order of signed numbers, whatever the type:
/// old writers compared the bytes of texts so, each its own way.
bool is_signed_integer(const SourceRelation::Column& column) {
  const NativeType native = parse_native_type(column.native_type);
  return native.kind == NativeKind::Integer && native.is_signed;
}

std::string of_column(std::string_view value, const SourceRelation::Column& column) {
  return fmt::format("max({}) FILTER (path_in_schema = {})", value, sql::literal(column.source));
}

/// What is asked of the metadata about each row group: times, flaws, then each key's bounds as
/// text.
std::string statistics_query(const SourceRelation::Part& part, std::size_t keys) {
  const SourceRelation::Column& time = time_column(part);
  const auto micros = [&](std::string_view text) {
    return is_plain_time(time)
               ? of_column(fmt::format("epoch_us(TRY_CAST({} AS TIMESTAMPTZ))", text), time)
               : std::string("CAST(NULL AS BIGINT)");
  };
  std::vector<std::string> items = {
      "file_name", "row_group_id", "max(row_group_num_rows)", micros(kLeast), micros(kMost)};
  std::vector<std::string> names = {sql::literal(time.source)};
  for (std::size_t k = 0; k < keys; ++k) {
    names.push_back(sql::literal(part.columns[k].source));
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  items.push_back(
      fmt::format("count(*) FILTER (path_in_schema IN ({}) AND stats_null_count = 0) = {}",
                  sql::join(names, ", "),
                  names.size()));
  for (std::size_t k = 0; k < keys; ++k) {
    const bool any = is_signed_integer(part.columns[k]);
    items.push_back(of_column(any ? kLeast : "stats_min_value", part.columns[k]));
    items.push_back(of_column(any ? kMost : "stats_max_value", part.columns[k]));
  }
  return fmt::format(
      "SELECT {} FROM parquet_metadata({}) GROUP BY file_name, row_group_id ORDER BY file_name, "
      "row_group_id",
      sql::join(items, ", "),
      sql::literal_list(part.source.files));
}

std::optional<pit::EntityIndex::Bound> bound_of(const Value& value,
                                                const SourceRelation::Column& column) {
  if (value.is_null() || !column.conversion.is_exact.empty()) return std::nullopt;
  const auto& text = std::get<std::string>(value.storage);
  const NativeType native = parse_native_type(column.native_type);
  if (native.is_list) return std::nullopt;
  if (native.kind == NativeKind::Integer) {
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
    return number;
  }
  if (column.native_type == "VARCHAR") return text;
  return std::nullopt;
}

RowGroup row_group_of(const std::vector<Value>& row,
                      const SourceRelation::Part& part,
                      std::size_t keys) {
  RowGroup out{.end = number(row[2])};
  if (!row[3].is_null() && !row[4].is_null()) {
    out.times = {.least = number(row[3]), .most = number(row[4])};
  }
  bool always_converts = true;
  for (std::size_t k = 0; k < keys; ++k) {
    always_converts = always_converts && part.columns[k].conversion.is_exact.empty();
    auto least = bound_of(row[6 + 2 * k], part.columns[k]);
    auto most = bound_of(row[7 + 2 * k], part.columns[k]);
    out.keys.emplace_back();
    if (least && most) out.keys.back() = {.least = *std::move(least), .most = *std::move(most)};
  }
  out.is_flawless = always_converts && out.times && std::get<bool>(row[5].storage);
  return out;
}

bool is_large(const RowRange& range) {
  return range.files == 1 && range.end >= kRowsOfOwnScan;
}

/// Ranges of one file that touch each other become one; small files that are read whole, one scan.
void add(std::vector<RowRange>& ranges, RowRange range, bool whole) {
  if (!ranges.empty()) {
    RowRange& last = ranges.back();
    if (last.begin && last.first_file == range.first_file && last.end == range.begin) {
      last.end = range.end;
      return;
    }
    if (whole && !last.begin && last.first_file + last.files == range.first_file &&
        !is_large(last) && !is_large(range)) {
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
                                              const SourceRelation::Part& part,
                                              std::size_t keys) {
  PROVENDER_ASSIGN(const Rows rows, connection.query(statistics_query(part, keys)));
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < files.size(); ++i) {
    places[files[i]] = i;
  }
  std::vector<RowGroup> out;
  for (const auto& row : rows) {
    RowGroup group = row_group_of(row, part, keys);
    group.file = places.at(std::get<std::string>(row[0].storage));
    if (!out.empty() && out.back().file == group.file) {
      group.begin = out.back().end;
      group.end += group.begin;
    }
    out.push_back(std::move(group));
  }
  std::ranges::stable_sort(out, {}, &RowGroup::file);
  return out;
}

bool are_time_ordered(const std::vector<RowGroup>& groups) {
  std::size_t known = 0;
  std::size_t back = 0;
  for (std::size_t i = 1; i < groups.size(); ++i) {
    if (!groups[i].times || !groups[i - 1].times) continue;
    ++known;
    if (groups[i].times->most < groups[i - 1].times->most) ++back;
  }
  return back * 4 <= known;
}

bool are_clustered(const std::vector<RowGroup>& groups) {
  std::size_t known = 0;
  std::size_t overlapping = 0;
  for (std::size_t i = 1; i < groups.size(); ++i) {
    if (groups[i].keys.empty() || !groups[i].keys[0] || !groups[i - 1].keys[0]) continue;
    ++known;
    if (groups[i].keys[0]->least < groups[i - 1].keys[0]->most) ++overlapping;
  }
  return known > 0 && overlapping * 4 <= known;
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
