#include "offline/duckdb/spine.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/duckdb/csv_header.hpp"
#include "offline/duckdb/footer_layout.hpp"
#include "offline/duckdb/source_reader.hpp"
#include "offline/duckdb/unreadable.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

struct SpineFile {
  std::string from;
  std::vector<SourceColumn> columns;
  std::optional<PageFiles> pages = std::nullopt;
};

std::string parquet_from(const std::string& path) {
  return fmt::format("read_parquet({}, hive_partitioning = false)", sql::literal(path));
}

/// nullopt: the footer is not understood.
std::optional<PageFiles> open_pages(const std::string& path,
                                    std::optional<std::size_t> most_page_bytes) {
  if (!most_page_bytes) return std::nullopt;
  auto out = PageFiles::of({.files = {path},
                            .columns = {},
                            .bounded = {},
                            .most_page_bytes = *most_page_bytes,
                            .stop = {}});
  if (!out || !out->are_alike()) return std::nullopt;
  return *std::move(out);
}

Result<SpineFile> open_parquet(Connection& connection, const Spine::Request& request) {
  const std::string path = request.path.string();
  SpineFile out{.from = parquet_from(path), .columns = {}};
  out.pages = open_pages(path, request.most_page_bytes);
  if (out.pages) out.columns = file_columns(out.pages->file(0));
  const bool knows_all = out.pages && out.columns.size() == out.pages->column_names().size();
  if (!knows_all || out.columns.empty()) {
    PROVENDER_ASSIGN(out.columns, describe(connection, out.from));
  }
  return out;
}

Result<SpineFile> open_csv(const std::string& path) {
  PROVENDER_ASSIGN(const auto names, read_csv_header(path));
  SpineFile out{.from = csv_scan({path}, names, /*hive=*/false)};
  for (const std::string& name : names) {
    out.columns.push_back({.name = name, .native_type = std::string(kTextColumn), .type = {}});
  }
  return out;
}

Result<SpineFile> open_made(Connection& connection) {
  SpineFile out{.from = Spine::kTable, .columns = {}};
  PROVENDER_ASSIGN(out.columns, describe(connection, out.from));
  return out;
}

Result<SpineFile> open_file(Connection& connection, const Spine::Request& request) {
  if (request.is_made) return open_made(connection);
  return request.path.extension() == ".csv" ? open_csv(request.path.string())
                                            : open_parquet(connection, request);
}

std::vector<ColumnRequest> columns_of(const Spine::Request& request) {
  std::vector<ColumnRequest> out;
  for (std::size_t i = 0; i < request.keys.size(); ++i) {
    const RequestKey& key = request.keys[i];
    out.push_back({.name = fmt::format("k{}", i),
                   .source = key.name,
                   .wanted = fmt::format("key '{}' ({})", key.name, to_string(*key.type)),
                   .type = key.type,
                   .unit = {}});
  }
  out.push_back({.name = "ts",
                 .source = request.event_timestamp,
                 .wanted = "the event timestamp",
                 .type = {},
                 .unit = {}});
  return out;
}

/// Whether a column has the name by which DuckDB tells a row's number.
bool hides_row_numbers(const std::vector<SourceColumn>& columns) {
  return std::ranges::any_of(columns, [](const SourceColumn& column) {
    return sql::folded(column.name) == "file_row_number";
  });
}

}  // namespace

Result<Spine> Spine::open(Connection& connection, const Request& request) {
  const auto work = [&]() -> Result<Spine> {
    Spine out(request.files);
    out.path_ = request.path;
    out.name_ = request.name;
    out.is_text_ = request.path.extension() == ".csv";
    PROVENDER_ASSIGN(SpineFile file, open_file(connection, request));
    out.is_staged_ =
        request.staged || request.is_made || out.is_text_ || hides_row_numbers(file.columns);
    PROVENDER_TRY(out.note_columns(file.columns));
    SourcePart part{.from = out.is_staged_ ? kTable : file.from,
                    .columns = file.columns,
                    .position = out.is_staged_ ? "rowid" : "file_row_number",
                    .name = "the spine"};
    part.place = fmt::format("'row ' || ({} + 1)", part.position);
    if (!out.is_staged_) part.files = {request.path.string()};
    out.written_.table = part.from;
    PROVENDER_ASSIGN(out.part_, plan_part(columns_of(request), part));
    for (std::size_t i = 0; i < request.keys.size(); ++i) {
      out.keys_[request.keys[i].name] = out.part_.columns[i].conversion.value;
    }
    out.event_timestamp_ = request.event_timestamp;
    out.time_ = out.part_.columns.back().conversion.value;
    if (!out.is_staged_) out.keep_pages(std::move(file.pages), request.most_copied_page_bytes);
    if (!out.is_staged_ || request.is_made) return out;
    std::vector<std::string> items;
    for (const std::string& column : out.columns_) {
      items.push_back(sql::identifier(column));
    }
    PROVENDER_TRY(connection.execute(fmt::format(
        "CREATE TEMP TABLE {} AS SELECT {} FROM {}", kTable, sql::join(items, ", "), file.from)));
    return out;
  };
  auto out = work();
  if (!out) return std::move(out).error().within(request.name);
  return out;
}

Result<> Spine::note_columns(const std::vector<SourceColumn>& columns) {
  for (const SourceColumn& column : columns) {
    if (sql::folded(column.name) == "rowid") {
      return Error(ErrorCode::InvalidArgument, "a spine cannot have a column 'rowid': rename it");
    }
    columns_.push_back(column.name);
    const NativeType type = parse_native_type(column.native_type);
    if (type.kind != NativeKind::Float && type.kind != NativeKind::Double) continue;
    (type.is_list ? written_.float_lists : written_.floats).push_back(sql::identifier(column.name));
  }
  return {};
}

Result<Spine::Counts> Spine::count(Connection& connection) const {
  OpenedSource counts;
  auto done = profile_part(connection, *files_, part_, keys_.size(), counts);
  if (!done) return within(std::move(done).error());
  return Counts{
      .rows = counts.rows, .null_rows = counts.skipped_rows, .distinct_keys = counts.distinct_keys};
}

Error Spine::explain(Connection& connection, Error error) const {
  if (error.code() != ErrorCode::InvalidArgument || path_.extension() != ".parquet") return error;
  const std::string message(error.message());
  error = explain_unreadable_columns(
      connection, parquet_from(path_.string()), columns_, std::move(error));
  return error.message() == message ? std::move(error) : within(std::move(error));
}

Error Spine::within(Error error) const {
  return std::move(error).within(name_);
}

void Spine::keep_pages(std::optional<PageFiles> pages, std::size_t most_copied_page_bytes) {
  pages_ = std::move(pages);
  if (!pages_) return;
  gives_pages_ = this->pages() != nullptr && pages_->can_read_all(most_copied_page_bytes);
  if (gives_pages_) return;
  std::set<std::string> columns;
  for (const SourceRelation::Column& column : key_and_time()) {
    columns.insert(column.source);
  }
  pages_->keep(columns);
}

std::uint64_t Spine::page_bytes_per_row() const {
  std::uint64_t out = 0;
  if (!gives_pages_) return out;
  for (const parquet::Footer::RowGroup& group : pages_->file(0).footer.row_groups) {
    std::uint64_t bytes = 0;
    for (const auto& chunk : group.chunks) {
      bytes += static_cast<std::uint64_t>(chunk->unpacked_bytes);
    }
    if (group.rows > 0) out = std::max(out, bytes / static_cast<std::uint64_t>(group.rows));
  }
  return out;
}

const PageFiles* Spine::pages() const {
  if (!pages_) return nullptr;
  std::vector<const SourceRelation::Column*> columns;
  for (const SourceRelation::Column& column : key_and_time()) {
    columns.push_back(&column);
  }
  return pages_->can_read(part_, columns) ? &*pages_ : nullptr;
}

Result<std::uint64_t> Spine::count_rows(Connection& connection) const {
  if (pages_) return static_cast<std::uint64_t>(pages_->file(0).rows());
  PROVENDER_ASSIGN(
      const Rows rows,
      connection.query(is_staged_ ? fmt::format("SELECT count(*) FROM {}", kTable)
                                  : fmt::format("SELECT CAST(sum(num_rows) AS BIGINT) FROM "
                                                "parquet_file_metadata({})",
                                                sql::literal(path_.string()))));
  return static_cast<std::uint64_t>(std::get<std::int64_t>(rows[0][0].storage));
}

std::string Spine::is_row_of(std::uint64_t begin, std::uint64_t end) const {
  return fmt::format("{} >= {} AND {} < {}", row_number(), begin, row_number(), end);
}

std::string Spine::from() const {
  return is_staged_ ? kTable : fmt::format("{} AS {}", part_.source.from, kTable);
}

Result<> Spine::make_view_spine(Connection& connection,
                                const std::vector<std::string>& request_keys,
                                const std::string& table) const {
  std::string items = "rowid AS r";
  std::string not_null = fmt::format("{} IS NOT NULL", time_);
  for (std::size_t i = 0; i < request_keys.size(); ++i) {
    items += fmt::format(", {} AS k{}", keys_.at(request_keys[i]), i);
    not_null += fmt::format(" AND {} IS NOT NULL", keys_.at(request_keys[i]));
  }
  return connection.execute(
      fmt::format("CREATE TEMP TABLE {} AS SELECT {}, {} AS t FROM {} WHERE {}",
                  table,
                  items,
                  time_,
                  kTable,
                  not_null));
}

Result<std::vector<std::string>> Spine::output_items(Connection& connection, bool as_text) const {
  std::vector<std::string> out;
  if (!is_text_ || as_text) {
    for (const std::string& column : columns_) {
      out.push_back(fmt::format("{}.{}", kTable, sql::identifier(column)));
    }
    return out;
  }
  // Nothing may get lost: an integer must write back as the same text (007 stays text), and a
  // number has no more than the digits that a double holds before its point.
  std::vector<std::string> checks;
  for (const std::string& column : columns_) {
    checks.push_back(
        fmt::format("coalesce(bool_and(CAST(TRY_CAST({0} AS BIGINT) AS VARCHAR) IS NOT DISTINCT "
                    "FROM {0}), false), "
                    "coalesce(bool_and({0} IS NULL OR regexp_full_match({0}, "
                    "'-?(0|[1-9][0-9]{{0,14}})([.][0-9]+)?([eE][+-]?[0-9]{{1,2}})?')), false)",
                    sql::identifier(column)));
  }
  PROVENDER_ASSIGN(
      const Rows rows,
      connection.query(fmt::format("SELECT {} FROM {}", sql::join(checks, ", "), kTable)));
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::string name = sql::identifier(columns_[i]);
    std::string value = name;
    if (const auto key = keys_.find(columns_[i]); key != keys_.end()) {
      value = key->second;
    } else if (columns_[i] == event_timestamp_) {
      value = fmt::format("make_timestamp({})", time_);
    } else if (std::get<bool>(rows[0][2 * i].storage)) {
      value = fmt::format("CAST({} AS BIGINT)", name);
    } else if (std::get<bool>(rows[0][2 * i + 1].storage)) {
      value = fmt::format("CAST({} AS DOUBLE)", name);
    }
    out.push_back(fmt::format("{} AS {}", value, name));
  }
  return out;
}

}  // namespace provender::offline
