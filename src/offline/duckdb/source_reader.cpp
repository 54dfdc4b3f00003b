#include "offline/duckdb/source_reader.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/digits.hpp"
#include "base/try.hpp"
#include "offline/duckdb/csv_header.hpp"
#include "offline/duckdb/sql_source.hpp"
#include "offline/duckdb/staged_sources.hpp"
#include "offline/duckdb/unreadable.hpp"
#include "offline/scan_query.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

/// The names by which DuckDB gives the place of a row. `__file` is ours.
constexpr std::string_view kFileColumn = "__file";
constexpr std::array<std::string_view, 4> kTaken = {
    "file_index", "file_row_number", "rowid", kFileColumn};

const std::string& text(const Value& value) {
  return std::get<std::string>(value.storage);
}

std::uint64_t counted(const Value& value) {
  return static_cast<std::uint64_t>(std::get<std::int64_t>(value.storage));
}

/// The columns of key=value folders have no types: what stands there is text to be parsed.
std::vector<std::string> hive_names(const std::string& file) {
  std::vector<std::string> out;
  for (const auto& folder : std::filesystem::path(file).parent_path()) {
    const std::string name = folder.string();
    if (const std::size_t equals = name.find('='); equals != std::string::npos && equals > 0) {
      out.push_back(name.substr(0, equals));
    }
  }
  return out;
}

void mark_hive_columns(std::vector<SourceColumn>& columns, const std::string& file) {
  const std::vector<std::string> names = hive_names(file);
  for (SourceColumn& column : columns) {
    if (std::ranges::find(names, column.name) != names.end()) column.native_type = kTextColumn;
  }
}

bool is_taken(std::string_view name) {
  return std::ranges::find(kTaken, sql::folded(name)) != kTaken.end();
}

Result<> check_names(const std::vector<SourceColumn>& columns) {
  for (const SourceColumn& column : columns) {
    if (!is_taken(column.name)) continue;
    return Error(
        ErrorCode::InvalidArgument,
        fmt::format("a source cannot have a column named '{}': rename it, or give it another "
                    "name in a SQL source",
                    column.name));
  }
  return {};
}

/// What to do about a value that does not fit.
std::string_view advice(const SourceRelation::Column& column, std::string_view value) {
  const bool is_time = column.name == "ts" || column.name == "created";
  const bool is_number = parse_digits(value, std::numeric_limits<std::uint64_t>::max()).has_value();
  if (!is_time || !is_number || column.native_type != kTextColumn) return "";
  return ": a number is no time until the source says its unit (timestamp_unit)";
}

void set_lossless_types(std::vector<SourceColumn>& columns) {
  for (SourceColumn& column : columns) {
    column.type = lossless_type(parse_native_type(column.native_type));
  }
}

}  // namespace

Result<std::vector<SourceColumn>> describe(Connection& connection, const std::string& from) {
  PROVENDER_ASSIGN(const Rows rows,
                   connection.query(fmt::format(
                       "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {})", from)));
  std::vector<SourceColumn> out;
  for (const auto& row : rows) {
    out.push_back({.name = text(row[0]), .native_type = text(row[1]), .type = {}});
  }
  return out;
}

bool has_taken_name(std::span<const std::string> names) {
  return std::ranges::any_of(names, is_taken);
}

SourcePart parquet_part(const std::vector<std::string>& group,
                        const std::vector<std::string>& all,
                        bool hive,
                        std::vector<SourceColumn> columns) {
  SourcePart part{.from = parquet_scan(group, hive),
                  .files = group,
                  .hive = hive,
                  .columns = std::move(columns)};
  // Where parts are read apart, file_index counts in the part.
  const std::string index =
      group.size() == all.size()
          ? "CAST(file_index AS BIGINT)"
          : fmt::format("list_position({}, {})", sql::literal_list(all), kFileColumn);
  part.position = fmt::format("({} * {} + file_row_number)", index, kFileStride);
  part.place = fmt::format("{} || ', row ' || (file_row_number + 1)", kFileColumn);
  return part;
}

namespace {

/// Without the column by which our scans name a row's file.
Result<std::vector<SourceColumn>> describe_source(Connection& connection, const std::string& from) {
  auto out = describe(connection, from);
  if (out) std::erase_if(*out, [](const SourceColumn& c) { return c.name == kFileColumn; });
  return out;
}

}  // namespace

Result<SourceLayout> SourceReader::layout(const Source& source) {
  auto out = [&] {
    switch (source.kind) {
      case Source::Kind::Parquet:
        return parquet_layout(source);
      case Source::Kind::Csv:
        return csv_layout(source);
      default:
        return sql_layout(source);
    }
  }();
  if (!out) return out;
  for (SourcePart& part : out->shape.parts) {
    set_lossless_types(part.columns);
  }
  return out;
}

Result<std::vector<std::string>> SourceReader::input_files(const Source& source) {
  if (source.kind == Source::Kind::Parquet || source.kind == Source::Kind::Csv) {
    return files_.expand(connection_, source.text);
  }
  PROVENDER_ASSIGN(ResolvedSelect select,
                   resolve_select(connection_, files_, definitions_, source));
  return std::move(select.files);
}

Result<std::uint64_t> SourceReader::metadata_rows(const std::vector<std::string>& files) {
  PROVENDER_ASSIGN(const Rows rows,
                   connection_.query(fmt::format(
                       "SELECT CAST(sum(num_rows) AS BIGINT) FROM parquet_file_metadata({})",
                       sql::literal_list(files))));
  return counted(rows[0][0]);
}

/// DuckDB reads all files as the first one's types and rounds what differs without a word: files
/// of other types are read apart.
Result<std::vector<std::vector<std::string>>> SourceReader::group_by_columns(
    const std::vector<std::string>& files) {
  std::vector<std::vector<std::string>> out;
  if (files.size() == 1) {
    out.push_back(files);
    return out;
  }
  PROVENDER_ASSIGN(
      const Rows rows,
      connection_.query(fmt::format(
          "SELECT file_name, CAST(list(row(name, type, type_length, repetition_type, num_children, "
          "converted_type, scale, precision, logical_type) ORDER BY column_id) AS VARCHAR) "
          "FROM parquet_schema({}) GROUP BY file_name ORDER BY file_name",
          sql::literal_list(files))));
  std::map<std::string, std::vector<std::string>> groups;
  for (const auto& row : rows) {
    groups[text(row[1])].push_back(text(row[0]));
  }
  for (auto& [signature, group] : groups) {
    out.push_back(std::move(group));
  }
  std::ranges::sort(out);  // by the first file: the order does not depend on the signatures
  return out;
}

Result<SourcePart> SourceReader::read_parquet_part(const std::vector<std::string>& group,
                                                   const std::vector<std::string>& all,
                                                   bool hive) {
  PROVENDER_ASSIGN(auto columns, describe_source(connection_, parquet_scan(group, hive)));
  PROVENDER_TRY(check_names(columns));
  if (hive) mark_hive_columns(columns, group.front());
  return parquet_part(group, all, hive, std::move(columns));
}

Result<SourceShape> SourceReader::shape(const std::vector<std::string>& files, bool hive) {
  SourceShape out;
  const auto build = [&]() -> Result<> {
    PROVENDER_ASSIGN(const auto groups, group_by_columns(files));
    for (const auto& group : groups) {
      auto part = read_parquet_part(group, files, hive);
      if (!part) {
        return group.size() == files.size()
                   ? std::move(part).error()
                   : std::move(part).error().within(files_.display(group.front()));
      }
      if (groups.size() > 1) part->name = files_.display(group.front());
      out.parts.push_back(*std::move(part));
    }
    return {};
  };
  auto built = build();
  if (built) return out;
  return name_unreadable(connection_, files_, files, hive, std::move(built).error());
}

Result<SourceLayout> SourceReader::parquet_layout(const Source& source) {
  SourceLayout out;
  PROVENDER_ASSIGN(out.files, files_.expand(connection_, source.text));
  PROVENDER_ASSIGN(out.shape, shape(out.files, source.hive));
  return out;
}

Result<SourceLayout> SourceReader::csv_layout(const Source& source) {
  SourceLayout out;
  PROVENDER_ASSIGN(out.files, files_.expand(connection_, source.text));
  std::vector<std::string> names;
  for (const std::string& file : out.files) {
    auto header = read_csv_header(file);
    if (!header) return std::move(header).error().within(files_.display(file));
    if (names.empty()) names = *header;
    if (names == *header) continue;
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("{} has other columns than {}: {} and {}",
                             files_.display(file),
                             files_.display(out.files.front()),
                             sql::join(*header, ","),
                             sql::join(names, ",")));
  }
  SourcePart part{.from = csv_scan(out.files, names, source.hive)};
  PROVENDER_ASSIGN(part.columns, describe_source(connection_, part.from));
  PROVENDER_TRY(check_names(part.columns));
  for (SourceColumn& column : part.columns) {
    column.native_type = kTextColumn;
  }
  out.shape.parts.push_back(std::move(part));
  return out;
}

Result<SourceLayout> SourceReader::sql_layout(const Source& source) {
  PROVENDER_ASSIGN(const ResolvedSelect select,
                   resolve_select(connection_, files_, definitions_, source));
  SourcePart part{.from = fmt::format("(\n{}\n)", select.sql)};
  auto columns = describe_source(connection_, part.from);
  if (!columns) {
    return std::move(columns).error().within(source.kind == Source::Kind::View
                                                 ? fmt::format("SQL view '{}'", source.text)
                                                 : "SQL of the source");
  }
  part.columns = *std::move(columns);
  part.position = "CAST(0 AS BIGINT)";
  part.place = "'a row of the SELECT'";
  SourceLayout out{.shape = {.parts = {}, .ties_by_features = true}};
  out.shape.parts.push_back(std::move(part));
  return out;
}

std::set<std::string> columns_to_stage(const SourceRelation& relation) {
  std::set<std::string> out;
  for (const SourceRelation::Column& column : relation.parts.front().columns) {
    out.insert(sql::identifier(column.source));
  }
  if (!relation.ties_by_features) out.emplace(kFileColumn);  // of CSV
  return out;
}

namespace {

/// The relation, of rows that have been read into a table.
void use_table(SourceRelation& relation, const std::string& table) {
  SourceRelation::Part& part = relation.parts.front();
  part.source.from = table;
  if (relation.ties_by_features) return;
  // Of CSV: rows are inserted in the order of the files and in them.
  part.source.position = "rowid";
  part.source.place = fmt::format(
      "{0} || ', row ' || (rowid + 1 - (SELECT min(rowid) FROM {1} f WHERE f.{0} = {1}.{0}))",
      kFileColumn,
      table);
}

}  // namespace

Result<> SourceReader::stage(SourceRelation& relation, const std::string& table) {
  const auto columns = columns_to_stage(relation);
  PROVENDER_TRY(
      connection_.execute(fmt::format("CREATE TEMP TABLE {} AS SELECT {} FROM {}",
                                      table,
                                      sql::join(std::vector(columns.begin(), columns.end()), ", "),
                                      relation.parts.front().source.from)));
  use_table(relation, table);
  return {};
}

Result<> profile_part(Connection& connection,
                      const ProjectFiles& files,
                      const SourceRelation::Part& part,
                      std::size_t keys,
                      OpenedSource& sums) {
  PROVENDER_ASSIGN(const Rows profile, connection.query(compile_profile(part, keys)));
  const std::vector<Value>& counts = profile[0];
  sums.rows += counted(counts[0]);
  sums.skipped_rows += counted(counts[1]);
  sums.distinct_keys += counted(counts[2]);
  const auto checked = checked_columns(part);
  for (std::size_t i = 0; i < checked.size(); ++i) {
    const std::uint64_t lost = counted(counts[3 + i]);
    if (lost == 0) continue;
    PROVENDER_ASSIGN(const Rows found, connection.query(compile_offender(part, *checked[i])));
    if (found.empty()) return Error(ErrorCode::Conflict, "the source changed while it was read");
    const std::string more = lost > 1 ? fmt::format(" (and {} more)", lost - 1) : "";
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("{}: column '{}' has {} ({}), which does not fit {} without loss{}{}",
                             files.display(text(found[0][0])),
                             checked[i]->source,
                             text(found[0][1]),
                             checked[i]->native_type,
                             checked[i]->wanted,
                             more,
                             advice(*checked[i], text(found[0][1]))));
  }
  return {};
}

Result<OpenedSource> SourceReader::open(const FeatureView& view,
                                        std::span<const std::size_t> features,
                                        const std::string& staging_table) {
  return open_with(view, features, [&](SourceRelation& relation, const SourceShape&) {
    return stage(relation, staging_table);
  });
}

Result<OpenedSource> SourceReader::open(const FeatureView& view,
                                        std::span<const std::size_t> features,
                                        StagedSources& staged) {
  return open_with(
      view, features, [&](SourceRelation& relation, const SourceShape& shape) -> Result<> {
        PROVENDER_ASSIGN(const auto table, staged.table(connection_, view.source, shape));
        use_table(relation, table);
        return {};
      });
}

template <class Stage>
Result<OpenedSource> SourceReader::open_with(const FeatureView& view,
                                             std::span<const std::size_t> features,
                                             Stage stage) {
  const auto work = [&]() -> Result<OpenedSource> {
    const std::vector<JoinKey> keys = join_keys(definitions_, view);
    PROVENDER_ASSIGN(const SourceLayout found, layout(view.source));
    OpenedSource out;
    PROVENDER_ASSIGN(
        out.relation,
        plan_relation({.view = view, .keys = keys, .features = features}, found.shape));
    if (view.source.kind != Source::Kind::Parquet) {
      PROVENDER_TRY(stage(out.relation, found.shape));
    }
    for (const SourceRelation::Part& part : out.relation.parts) {
      auto profiled = profile_part(connection_, files_, part, keys.size(), out);
      if (!profiled) {
        return explain_unreadable(connection_, files_, out.relation, std::move(profiled).error());
      }
    }
    return out;
  };
  auto out = work();
  if (!out) {
    return files_.with_names(out.error()).within(fmt::format("feature view '{}'", view.name));
  }
  return out;
}

}  // namespace provender::offline
