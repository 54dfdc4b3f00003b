#include "offline/duckdb/footer_layout.hpp"

#include <span>
#include <string>

#include "base/endian.hpp"
#include "offline/duckdb/source_reader.hpp"
#include "offline/time_range.hpp"

namespace provender::offline {
namespace {

using Bound = pit::EntityIndex::Bound;

/// nullopt: not as many bytes as the type has.
std::optional<std::int64_t> number_of(const std::optional<std::string>& bytes,
                                      parquet::Physical physical) {
  if (!bytes) return std::nullopt;
  if (physical == parquet::Physical::Int64 && bytes->size() == 8) {
    return load_le<std::int64_t>(bytes->data());
  }
  if (physical == parquet::Physical::Int32 && bytes->size() == 4) {
    return load_le<std::int32_t>(bytes->data());
  }
  return std::nullopt;
}

std::optional<RowGroup::Bounds<std::int64_t>> times_in(const parquet::Statistics& statistics,
                                                       const parquet::Column& column) {
  if (column.type.kind != Kind::Timestamp) return std::nullopt;
  const auto least = number_of(statistics.least, column.physical);
  const auto most = number_of(statistics.most, column.physical);
  if (!least || !most || !is_time(*least) || !is_time(*most)) return std::nullopt;
  return RowGroup::Bounds<std::int64_t>{.least = *least, .most = *most};
}

std::optional<RowGroup::Bounds<Bound>> keys_in(const parquet::Statistics& statistics,
                                               const parquet::Column& column) {
  if (column.type.kind == Kind::String) {
    if (!statistics.least || !statistics.most) return std::nullopt;
    return RowGroup::Bounds<Bound>{.least = *statistics.least, .most = *statistics.most};
  }
  if (column.type.kind != Kind::Int32 && column.type.kind != Kind::Int64) return std::nullopt;
  const auto least = number_of(statistics.least, column.physical);
  const auto most = number_of(statistics.most, column.physical);
  if (!least || !most) return std::nullopt;
  return RowGroup::Bounds<Bound>{.least = *least, .most = *most};
}

/// Places in a file of the keys, then of the event timestamp; nullopt: one is not kept.
std::optional<std::vector<std::size_t>> places_in(
    const PageFile& file, std::span<const SourceRelation::Column> key_and_time) {
  std::vector<std::size_t> out;
  for (const SourceRelation::Column& column : key_and_time) {
    const auto place = file.footer.find(column.source);
    if (!place || native_type(file.footer.columns[*place]) != column.native_type) {
      return std::nullopt;
    }
    out.push_back(*place);
  }
  return out;
}

/// Whether all of a created timestamp's values are known to be times or null.
bool are_times(const parquet::Footer& footer,
               const parquet::Footer::RowGroup& group,
               const SourceRelation::Column& created) {
  const auto place = footer.find(created.source);
  if (!place || native_type(footer.columns[*place]) != created.native_type) return false;
  const parquet::Statistics& statistics = group.statistics[*place];
  return statistics.nulls == group.rows || times_in(statistics, footer.columns[*place]);
}

RowGroup row_group_of(const parquet::Footer& footer,
                      const parquet::Footer::RowGroup& group,
                      std::span<const std::size_t> places,
                      std::span<const SourceRelation::Column> key_and_time) {
  RowGroup out;
  const std::size_t keys = places.size() - 1;
  const std::size_t time = places.back();
  out.times = times_in(group.statistics[time], footer.columns[time]);
  out.is_flawless = out.times && group.statistics[time].nulls == 0;
  for (std::size_t k = 0; k < keys; ++k) {
    const bool converts = key_and_time[k].conversion.is_exact.empty();
    const parquet::Statistics& statistics = group.statistics[places[k]];
    out.keys.push_back(converts ? keys_in(statistics, footer.columns[places[k]]) : std::nullopt);
    out.is_flawless &= converts && statistics.nulls == 0;
  }
  return out;
}

}  // namespace

std::vector<SourceColumn> file_columns(const PageFile& file) {
  std::vector<SourceColumn> out;
  for (const parquet::Column& column : file.footer.columns) {
    out.push_back({.name = column.name, .native_type = native_type(column), .type = {}});
  }
  return out;
}

std::optional<SourceShape> shape_of(const PageFiles& pages) {
  if (!pages.are_alike() || has_taken_name(pages.column_names())) return std::nullopt;
  SourceShape out;
  out.parts.push_back(
      parquet_part(pages.names(), pages.names(), /*hive=*/false, file_columns(pages.file(0))));
  return out;
}

std::optional<std::vector<RowGroup>> row_groups_of(const PageFiles& pages,
                                                   const SourceRelation::Part& part,
                                                   std::size_t keys) {
  if (part.source.hive) return std::nullopt;
  const auto key_and_time = std::span(part.columns).first(keys + 1);
  const auto behind = std::span(part.columns).subspan(keys + 1);
  const bool has_created = !behind.empty() && behind.front().name == "created";
  std::vector<RowGroup> out;
  for (const std::string& path : part.source.files) {
    const auto place = pages.find(path);
    if (!place) return std::nullopt;
    const PageFile& file = pages.file(*place);
    const auto places = places_in(file, key_and_time);
    if (!places) return std::nullopt;
    for (std::size_t g = 0; g < file.ends.size(); ++g) {
      RowGroup& added = out.emplace_back(
          row_group_of(file.footer, file.footer.row_groups[g], *places, key_and_time));
      if (has_created) {
        added.is_flawless &= are_times(file.footer, file.footer.row_groups[g], behind.front());
      }
      added.file = *place;
      added.begin = file.begin(g);
      added.end = file.ends[g];
    }
  }
  return out;
}

}  // namespace provender::offline
