#include "case_run.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

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

/// What an engine should report, of what does not depend on the engine.
HistoricalReport expected_report(const RandomCase& c) {
  const auto asked = asked_rows(c);
  const auto nulls = std::ranges::count_if(asked, [](const SpineRow& row) {
    return !row.t || std::ranges::any_of(row.keys, &Value::is_null);
  });
  HistoricalReport out;
  out.rows = asked.size();
  out.null_rows = static_cast<std::uint64_t>(nulls);
  for (const SelectedView& view : c.selection.views) {
    const Table& table = c.tables[view_place(c, view)];
    ViewReport& report = out.views.emplace_back();
    report.source_rows = rows_of(table);
    report.skipped_rows = rows_without_value(table);
    report.created_after = created_after(c, asked, view);
  }
  return out;
}

std::optional<std::string> compare_report(const HistoricalReport& expected,
                                          const HistoricalReport& report) {
  if (auto found = compare_counts("rows", report.rows, expected.rows)) return found;
  if (auto found = compare_counts("null_rows", report.null_rows, expected.null_rows)) return found;
  if (auto found = compare_counts("views", report.views.size(), expected.views.size())) {
    return found;
  }
  for (std::size_t v = 0; v < report.views.size(); ++v) {
    const ViewReport& is = report.views[v];
    const ViewReport& should = expected.views[v];
    for (const auto& [name, member] : {std::pair("source_rows", &ViewReport::source_rows),
                                       std::pair("skipped_rows", &ViewReport::skipped_rows),
                                       std::pair("created_after", &ViewReport::created_after)}) {
      const auto what = fmt::format("{}: {}", is.view, name);
      if (auto found = compare_counts(what, is.*member, should.*member)) return found;
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

std::optional<Difference> run_case(const RandomCase& c) {
  offline::TestProject project;
  write_case(c, project);
  const auto expected = expected_report(c);
  const auto table = expected_table(c);
  for (const offline::JoinEngine engine : offline::kJoinEngines) {
    const auto say = [&](std::string_view text) {
      return fmt::format("{}: {}", to_string(engine), text);
    };
    const std::string out = fmt::format("{}.parquet", to_string(engine));
    const auto report = ask_engine(c, project, engine, out);
    if (!report) return Difference{.is_error = true, .text = say(report.error().message())};
    auto found = compare_report(expected, *report);
    if (!found) found = compare_rows(table, project.rows(fmt::format("FROM '@/{}'", out)));
    if (found) return Difference{.is_error = false, .text = say(*found)};
  }
  return std::nullopt;
}

}  // namespace provender::oracle
