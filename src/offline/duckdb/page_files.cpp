#include "offline/duckdb/page_files.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "offline/conversion.hpp"
#include "offline/duckdb/errors.hpp"
#include "offline/scan_query.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

bool is_time(const SourceRelation::Column& column) {
  return column.name == "ts" || column.name == "created";
}

/// Whether the values asked for are those of the source's column. Of keys and features that are
/// timestamps DuckDB says which are infinite.
bool is_unconverted(const SourceRelation::Column& column, Kind kind) {
  if (is_time(column)) return kind == Kind::Timestamp;
  if (kind == Kind::Timestamp || !column.conversion.is_exact.empty()) return false;
  const std::string name = sql::identifier(column.source);
  const auto is_cast_to = [&](std::string_view type) {
    return column.conversion.value == fmt::format("CAST({} AS {})", name, type);
  };
  if (kind == Kind::String) return is_cast_to("VARCHAR");
  // Keys are looked up by their number, however wide.
  const bool is_key = column.name.starts_with('k');
  return column.conversion.value == name || (is_key && kind == Kind::Int32 && is_cast_to("BIGINT"));
}

std::optional<std::size_t> place_of(const PageFile& file, const SourceRelation::Column& column) {
  const auto place = file.footer.find(column.source);
  if (!place) return std::nullopt;
  const parquet::Column& there = file.footer.columns[*place];
  const bool is_it = native_type(there) == column.native_type;
  return is_it && is_unconverted(column, there.type.kind) ? place : std::nullopt;
}

/// Forgets all other columns of a footer.
void keep_only(parquet::Footer& footer, const std::set<std::string>& columns) {
  std::vector<parquet::Column> kept;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < footer.columns.size(); ++i) {
    if (!columns.contains(footer.columns[i].name)) continue;
    kept.push_back(std::move(footer.columns[i]));
    places.push_back(i);
  }
  for (parquet::Footer::RowGroup& group : footer.row_groups) {
    parquet::Footer::RowGroup some{.rows = group.rows, .chunks = {}, .statistics = {}};
    for (const std::size_t place : places) {
      some.chunks.push_back(group.chunks[place]);
      some.statistics.push_back(std::move(group.statistics[place]));
    }
    group = std::move(some);
  }
  footer.columns = std::move(kept);
}

/// Forgets the statistics of all other columns.
void keep_bounds_only(parquet::Footer& footer, const std::set<std::string>& columns) {
  for (std::size_t i = 0; i < footer.columns.size(); ++i) {
    if (columns.contains(footer.columns[i].name)) continue;
    for (parquet::Footer::RowGroup& group : footer.row_groups) {
      group.statistics[i] = {};
    }
  }
}

std::optional<parquet::Footer> read_footer(const std::string& path) {
  const auto file = parquet::File::open(path);
  if (!file) return std::nullopt;
  auto out = file->read_footer();
  if (!out) return std::nullopt;
  return *std::move(out);
}

/// nullopt: it has more rows than can be numbered.
std::optional<PageFile> page_file(parquet::Footer footer) {
  PageFile out{.footer = std::move(footer), .ends = {}};
  std::int64_t end = 0;
  for (const parquet::Footer::RowGroup& group : out.footer.row_groups) {
    end += group.rows;
    out.ends.push_back(end);
  }
  if (end > kFileStride) return std::nullopt;
  return out;
}

/// Of a column of a footer.
bool can_read_column(const parquet::Footer& footer,
                     std::size_t column,
                     std::size_t most_page_bytes) {
  return std::ranges::all_of(footer.row_groups, [&](const parquet::Footer::RowGroup& group) {
    const auto& chunk = group.chunks[column];
    return chunk && parquet::fits(footer.columns[column], *chunk, most_page_bytes);
  });
}

}  // namespace

std::string native_type(const parquet::Column& column) {
  return column.is_utc ? "TIMESTAMP WITH TIME ZONE" : column_type(column.type);
}

std::vector<std::size_t> PageFile::row_groups(Rows rows) const {
  std::vector<std::size_t> out;
  const auto first = std::ranges::upper_bound(ends, rows.begin);
  for (auto end = first; end != ends.end() && *end <= rows.end; ++end) {
    out.push_back(static_cast<std::size_t>(end - ends.begin()));
  }
  return out;
}

std::vector<PageFile::Stretch> PageFile::stretches(Rows rows) const {
  std::vector<Stretch> out;
  for (std::size_t group = 0; group < ends.size(); ++group) {
    const Rows some{.begin = std::max(begin(group), rows.begin),
                    .end = std::min(ends[group], rows.end)};
    if (some.begin >= some.end) continue;
    out.push_back({.row_group = group,
                   .skipped = static_cast<std::size_t>(some.begin - begin(group)),
                   .rows = some});
  }
  return out;
}

Result<PageFiles> PageFiles::of(const Request& request) {
  PageFiles out;
  out.most_page_bytes_ = request.most_page_bytes;
  out.names_ = request.files;
  out.are_alike_ = !request.files.empty();
  std::string schema;  // of the first file
  for (const std::string& path : request.files) {
    if (request.stop.stop_requested()) return stopped();
    auto& file = out.files_.emplace_back();
    auto footer = read_footer(path);
    if (!footer) {
      out.are_alike_ = false;
      continue;
    }
    if (out.files_.size() == 1) {
      schema = std::move(footer->schema);
      out.column_names_ = std::move(footer->names);
    } else {
      out.are_alike_ &= footer->schema == schema;
    }
    if (request.columns) keep_only(*footer, *request.columns);
    keep_bounds_only(*footer, request.bounded);
    file = page_file(*std::move(footer));
    out.are_alike_ &= file.has_value();
  }
  return out;
}

void PageFiles::keep(const std::set<std::string>& columns) {
  for (auto& file : files_) {
    if (file) keep_only(file->footer, columns);
  }
}

std::optional<std::size_t> PageFiles::find(const std::string& path) const {
  const auto name = std::ranges::lower_bound(names_, path);
  if (name == names_.end() || *name != path) return std::nullopt;
  const auto place = static_cast<std::size_t>(name - names_.begin());
  return files_[place] ? std::optional(place) : std::nullopt;
}

bool PageFiles::can_read(const SourceRelation::Part& part,
                         const std::vector<const SourceRelation::Column*>& columns) const {
  if (part.source.hive) return false;  // a folder's name takes the place of a column
  return std::ranges::all_of(part.source.files, [&](const std::string& path) {
    const auto place = find(path);
    return place && can_read(file(*place), columns);
  });
}

bool PageFiles::can_read(const PageFile& file,
                         const std::vector<const SourceRelation::Column*>& columns) const {
  return std::ranges::all_of(columns, [&](const SourceRelation::Column* column) {
    const auto place = place_of(file, *column);
    return place && can_read_column(file.footer, *place, most_page_bytes_);
  });
}

bool PageFiles::can_read_all(std::size_t most_page_bytes) const {
  const auto can_read_all_of = [this, most_page_bytes](const std::optional<PageFile>& file) {
    const parquet::Footer& footer = file->footer;
    if (footer.columns.size() != column_names_.size()) return false;
    for (std::size_t column = 0; column < footer.columns.size(); ++column) {
      if (!can_read_column(footer, column, most_page_bytes)) return false;
    }
    return true;
  };
  return are_alike_ && std::ranges::all_of(files_, can_read_all_of);
}

Result<> PageFiles::open(parquet::ChunkReader& reader,
                         const parquet::File& file,
                         const PageFile& page_file,
                         std::size_t row_group,
                         const SourceRelation::Column& column) {
  const std::size_t place = *place_of(page_file, column);
  const parquet::Footer& footer = page_file.footer;
  return reader.open(file, footer.columns[place], *footer.row_groups[row_group].chunks[place]);
}

}  // namespace provender::offline
