#include "offline/duckdb/row_groups.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <span>
#include <utility>

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

/// Null pointer: none is declared.
const SourceRelation::Column* created_column(const SourceRelation::Part& part) {
  const auto found = std::ranges::find(part.columns, "created", &SourceRelation::Column::name);
  return found == part.columns.end() ? nullptr : &*found;
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

/// The columns none of whose values may be null, each once.
std::vector<std::string> needed_columns(const SourceRelation::Part& part, std::size_t keys) {
  std::vector<std::string> out = {time_column(part).source};
  for (std::size_t k = 0; k < keys; ++k) {
    out.push_back(part.columns[k].source);
  }
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

/// A row for each row group and each of these columns: what its metadata says of nulls, then least
/// and most by both pairs of fields, by the newer one, and as a time. A row group without such a
/// column has that of its first one.
std::string statistics_query(const SourceRelation::Part& part, std::size_t keys) {
  std::vector<std::string> names;
  for (const std::string& column : needed_columns(part, keys)) {
    names.push_back(sql::literal(column));
  }
  std::vector<std::string> times;
  const auto add_time = [&](const SourceRelation::Column& time) {
    if (is_plain_time(time)) times.push_back(sql::literal(time.source));
  };
  add_time(time_column(part));
  if (const auto* const created = created_column(part)) {
    names.push_back(sql::literal(created->source));
    add_time(*created);
  }
  const auto micros = [&](std::string_view text) {
    if (times.empty()) return std::string("CAST(NULL AS BIGINT)");
    return fmt::format(
        "CASE WHEN path_in_schema IN ({}) THEN epoch_us(TRY(CAST({} AS TIMESTAMPTZ))) END",
        sql::join(times, ", "),
        text);
  };
  return fmt::format(
      "SELECT file_name, row_group_id, row_group_num_rows, path_in_schema, stats_null_count, {}, "
      "{}, stats_min_value, stats_max_value, {}, {} FROM parquet_metadata({}) WHERE column_id = 0 "
      "OR path_in_schema IN ({})",
      kLeast,
      kMost,
      micros(kLeast),
      micros(kMost),
      sql::literal_list(part.source.files),
      sql::join(names, ", "));
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
  // DuckDB prints bytes of a character that is cut off as \x and digits, which bound nothing.
  if (column.native_type == "VARCHAR" && text.find("\\x") == std::string::npos) return text;
  return std::nullopt;
}

/// What the metadata says of the row groups, row by row.
class Statistics {
 public:
  Statistics(const SourceRelation::Part& part, std::size_t keys)
      : part_(part),
        keys_(keys),
        needed_(needed_columns(part, keys)),
        created_(created_column(part)) {}

  /// A row of statistics_query, of a file at its place.
  void add(std::size_t file, const std::vector<Value>& row) {
    Found& found = found_[{file, number(row[1])}];
    found.rows = number(row[2]);
    found.keys.resize(keys_);
    const auto& path = std::get<std::string>(row[3].storage);
    const auto has_nulls = [&](std::int64_t nulls) {
      return !row[4].is_null() && number(row[4]) == nulls;
    };
    const bool has_bounds = !row[9].is_null() && !row[10].is_null();
    if (std::ranges::binary_search(needed_, path) && has_nulls(0)) ++found.without_nulls;
    if (path == time_column(part_).source && has_bounds) {
      found.times = {.least = number(row[9]), .most = number(row[10])};
    }
    if (created_ != nullptr && path == created_->source) {
      found.knows_created = has_bounds || has_nulls(found.rows);
    }
    for (std::size_t k = 0; k < keys_; ++k) {
      const SourceRelation::Column& column = part_.columns[k];
      if (column.source != path) continue;
      const std::size_t bounds = is_signed_integer(column) ? 5 : 7;
      auto least = bound_of(row[bounds], column);
      auto most = bound_of(row[bounds + 1], column);
      if (least && most) found.keys[k] = {.least = *std::move(least), .most = *std::move(most)};
    }
  }

  std::vector<RowGroup> row_groups() && {
    const bool keys_convert = std::ranges::all_of(
        std::span(part_.columns).first(keys_),
        [](const SourceRelation::Column& column) { return column.conversion.is_exact.empty(); });
    std::vector<RowGroup> out;
    for (auto& [place, found] : found_) {
      const bool is_first = out.empty() || out.back().file != place.first;
      const std::int64_t begin = is_first ? 0 : out.back().end;
      out.push_back({.file = place.first,
                     .begin = begin,
                     .end = begin + found.rows,
                     .times = found.times,
                     .keys = std::move(found.keys),
                     .is_flawless = keys_convert && found.times &&
                                    (found.knows_created || !created_) &&
                                    found.without_nulls == needed_.size()});
    }
    return out;
  }

 private:
  struct Found {
    std::int64_t rows = 0;
    std::size_t without_nulls = 0;  ///< columns of those needed
    bool knows_created = false;     ///< that the created timestamps are times or null
    std::optional<RowGroup::Bounds<std::int64_t>> times;
    std::vector<std::optional<RowGroup::Bounds<pit::EntityIndex::Bound>>> keys;
  };

  const SourceRelation::Part& part_;
  std::size_t keys_;
  std::vector<std::string> needed_;
  const SourceRelation::Column* created_;
  std::map<std::pair<std::size_t, std::int64_t>, Found> found_;  ///< by file and place in it
};

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
  Statistics statistics(part, keys);
  for (const auto& row : rows) {
    statistics.add(places.at(std::get<std::string>(row[0].storage)), row);
  }
  return std::move(statistics).row_groups();
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
