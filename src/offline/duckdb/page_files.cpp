#include "offline/duckdb/page_files.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "offline/duckdb/errors.hpp"
#include "offline/sql_text.hpp"
#include "parquet/chunk_reader.hpp"
#include "parquet/file.hpp"

namespace provender::offline {
namespace {

/// DuckDB's names of the types whose values are ours as they are.
constexpr std::array<std::pair<std::string_view, Kind>, 9> kKinds{{
    {"BOOLEAN", Kind::Bool},
    {"INTEGER", Kind::Int32},
    {"BIGINT", Kind::Int64},
    {"FLOAT", Kind::Float32},
    {"DOUBLE", Kind::Float64},
    {"VARCHAR", Kind::String},
    {"BLOB", Kind::Bytes},
    {"TIMESTAMP", Kind::Timestamp},
    {"TIMESTAMP WITH TIME ZONE", Kind::Timestamp},
}};

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
  const auto* const native =
      std::ranges::find(kKinds, column.native_type, &decltype(kKinds)::value_type::first);
  if (native == kKinds.end() || !is_unconverted(column, native->second)) return std::nullopt;
  const auto place = file.footer.find(column.source);
  if (!place || file.footer.columns[*place].type.kind != native->second) return std::nullopt;
  return place;
}

/// A footer of some columns only.
parquet::Footer only(parquet::Footer footer, const std::set<std::string>& columns) {
  parquet::Footer out;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < footer.columns.size(); ++i) {
    if (!columns.contains(footer.columns[i].name)) continue;
    out.columns.push_back(std::move(footer.columns[i]));
    places.push_back(i);
  }
  for (const parquet::Footer::RowGroup& group : footer.row_groups) {
    out.row_groups.push_back({.rows = group.rows, .chunks = {}});
    for (const std::size_t place : places) {
      out.row_groups.back().chunks.push_back(group.chunks[place]);
    }
  }
  return out;
}

std::optional<PageFile> open_file(const std::string& path, const std::set<std::string>& columns) {
  const auto file = parquet::File::open(path);
  if (!file) return std::nullopt;
  auto footer = file->read_footer();
  if (!footer) return std::nullopt;
  PageFile out{.footer = only(*std::move(footer), columns), .ends = {}};
  std::int64_t end = 0;
  for (const parquet::Footer::RowGroup& group : out.footer.row_groups) {
    end += group.rows;
    out.ends.push_back(end);
  }
  return out;
}

}  // namespace

std::vector<std::size_t> PageFile::row_groups(Rows rows) const {
  std::vector<std::size_t> out;
  const auto first = std::ranges::upper_bound(ends, rows.begin);
  for (auto end = first; end != ends.end() && *end <= rows.end; ++end) {
    out.push_back(static_cast<std::size_t>(end - ends.begin()));
  }
  return out;
}

Result<PageFiles> PageFiles::of(const Request& request) {
  PageFiles out;
  out.most_page_bytes_ = request.most_page_bytes;
  out.names_ = request.files;
  for (const std::string& file : request.files) {
    if (request.stop.stop_requested()) return stopped();
    out.files_.push_back(open_file(file, request.columns));
  }
  return out;
}

bool PageFiles::can_read(const SourceRelation::Part& part,
                         const std::vector<const SourceRelation::Column*>& columns) const {
  if (part.source.hive) return false;  // a folder's name takes the place of a column
  return std::ranges::all_of(part.source.files,
                             [&](const std::string& path) { return can_read(path, columns); });
}

bool PageFiles::can_read(const std::string& path,
                         const std::vector<const SourceRelation::Column*>& columns) const {
  const auto name = std::ranges::lower_bound(names_, path);
  if (name == names_.end() || *name != path) return false;
  const auto& file = files_[static_cast<std::size_t>(name - names_.begin())];
  if (!file) return false;
  return std::ranges::all_of(columns, [&](const SourceRelation::Column* column) {
    const auto place = place_of(*file, *column);
    return place && std::ranges::all_of(file->footer.row_groups, [&](const auto& group) {
             const auto& chunk = group.chunks[*place];
             return chunk && parquet::fits(file->footer.columns[*place], *chunk, most_page_bytes_);
           });
  });
}

std::size_t PageFiles::place(const PageFile& file, const SourceRelation::Column& column) {
  return *place_of(file, column);
}

}  // namespace provender::offline
