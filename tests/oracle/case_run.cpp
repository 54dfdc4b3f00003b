#include "case_run.hpp"

#include <algorithm>

#include "case_files.hpp"
#include "runner.hpp"
#include <fmt/format.h>

#include "offline/duckdb/duckdb_store.hpp"

namespace provender::oracle {
namespace {

using offline::Rows;

std::uint64_t rows_without_value(const Table& table) {
  std::uint64_t out = 0;
  for (const SourceRow& row : table.rows) {
    const bool has_none = !row.event_timestamp || std::ranges::any_of(row.key, &Value::is_null);
    if (has_none) out += row.times;
  }
  return out;
}

std::uint64_t rows_of(const Table& table) {
  std::uint64_t out = 0;
  for (const SourceRow& row : table.rows) {
    out += row.times;
  }
  return out;
}

/// Values given that were created after the time that they were asked for.
std::uint64_t created_after(const RandomCase& c,
                            const std::vector<SpineRow>& asked,
                            const SelectedView& view) {
  const Table& table = c.tables[view_place(c, view)];
  return static_cast<std::uint64_t>(std::ranges::count_if(asked, [&](const SpineRow& row) {
    const Answer answer = ask(table, question(c, row, view));
    return answer.row != nullptr && !answer.outside_max_age && answer.row->created_timestamp &&
           *answer.row->created_timestamp > *row.t;
  }));
}

std::optional<std::string> compare_counts(const std::string& what,
                                          std::uint64_t is,
                                          std::uint64_t expected) {
  if (is == expected) return std::nullopt;
  return fmt::format("{}: is {}, expected {}", what, is, expected);
}

std::optional<std::string> compare_report(const RandomCase& c, const HistoricalReport& report) {
  const auto asked = asked_rows(c);
  if (auto found = compare_counts("rows", report.rows, asked.size())) return found;
  const auto nulls = std::ranges::count_if(asked, [](const SpineRow& row) {
    return !row.t || std::ranges::any_of(row.keys, &Value::is_null);
  });
  if (auto found =
          compare_counts("null_rows", report.null_rows, static_cast<std::uint64_t>(nulls))) {
    return found;
  }
  if (auto found = compare_counts("views", report.views.size(), c.selection.views.size())) {
    return found;
  }
  for (std::size_t v = 0; v < report.views.size(); ++v) {
    const ViewReport& is = report.views[v];
    const SelectedView& view = c.selection.views[v];
    const Table& table = c.tables[view_place(c, view)];
    if (auto found = compare_counts(is.view + ": source_rows", is.source_rows, rows_of(table))) {
      return found;
    }
    const auto skipped = rows_without_value(table);
    if (auto found = compare_counts(is.view + ": skipped_rows", is.skipped_rows, skipped)) {
      return found;
    }
    const auto after = created_after(c, asked, view);
    if (auto found = compare_counts(is.view + ": created_after", is.created_after, after)) {
      return found;
    }
  }
  return std::nullopt;
}

std::optional<std::string> compare_rows(const scenario::Table& expected, const Rows& rows) {
  if (auto found = compare_counts("rows of the file", rows.size(), expected.rows.size())) {
    return found;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (auto found = compare_counts("columns", rows[i].size(), expected.columns.size())) {
      return found;
    }
    for (std::size_t column = 0; column < rows[i].size(); ++column) {
      const auto& [name, type] = expected.columns[column];
      const Value& is = rows[i][column];
      if (is == expected.rows[i][column]) continue;
      return fmt::format("row {}, column {}: is {}, expected {}",
                         i,
                         name,
                         scenario::write_cell(is, type),
                         scenario::write_cell(expected.rows[i][column], type));
    }
  }
  return std::nullopt;
}

}  // namespace

void write_case(const RandomCase& c, offline::TestProject& project) {
  for (std::size_t view = 0; view < c.tables.size(); ++view) {
    for (std::size_t file = 0; file < c.files[view].size(); ++file) {
      scenario::write_table(project, source_file(c, view, file), source_table(c, view, file));
    }
  }
  if (c.has_spine()) scenario::write_table(project, "spine.parquet", spine_table(c));
}

Result<HistoricalReport> ask_engine(const RandomCase& c,
                                    const offline::TestProject& project,
                                    offline::JoinEngine engine,
                                    const std::string& out) {
  auto opened = project.options();
  opened.join_engine = engine;
  opened.threads = c.threads;
  offline::DuckdbStore store(opened);
  HistoricalOptions options{.features = {},
                            .spine = {},
                            .range = c.range,
                            .at = c.at,
                            .out = project.path(out),
                            .strictly_before = c.strictly_before,
                            .known_by_created = c.known_by_created,
                            .with_status = c.with_status};
  if (c.has_spine()) options.spine = project.path("spine.parquet");
  return store.historical(
      {.definitions = c.definitions, .selection = c.selection, .options = options}, {});
}

std::optional<Difference> run_case(const RandomCase& c, offline::JoinEngine engine) {
  offline::TestProject project;
  write_case(c, project);
  const auto report = ask_engine(c, project, engine, "out.parquet");
  if (!report) return Difference{.is_error = true, .text = std::string(report.error().message())};
  auto found = compare_report(c, *report);
  if (!found) found = compare_rows(expected_table(c), project.rows("FROM '@/out.parquet'"));
  if (!found) return std::nullopt;
  return Difference{.is_error = false, .text = *std::move(found)};
}

}  // namespace provender::oracle
