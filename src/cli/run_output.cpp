#include "cli/run_output.hpp"

#include <fmt/format.h>

#include "cli/freshness.hpp"
#include "cli/json_fields.hpp"
#include "cli/table.hpp"

namespace provender::cli {
namespace {

TableCell last_run_cell(const ViewStatus& view) {
  if (view.last_runs.empty()) return "-";
  const Run& run = view.last_runs.front();
  if (run.error == kRunStopped) return {run.error, Style::Yellow};
  if (!run.error.empty()) return {"failed", Style::Red};
  if (!run.finished) return {"running", Style::Yellow};
  return run_duration(run);
}

std::string distance_text(const std::optional<Timestamp>& time, Timestamp now) {
  return time ? format_distance(*time, now) : "-";
}

/// A view that never was materialized, or is rebuilt, is due now, whenever that is.
std::string due_text(const ViewStatus& view, Timestamp now) {
  const bool is_behind = view.next_due && *view.next_due <= now;
  return view.due && !is_behind ? "now" : distance_text(view.next_due, now);
}

std::string error_line(const ViewStatus& view, bool colour) {
  if (view.last_runs.empty() || !has_failed(view.last_runs.front())) return "";
  const Run& run = view.last_runs.front();
  return fmt::format("{} {}, run of {}: {}\n",
                     paint("failed:", Style::Red, colour),
                     view.view,
                     time_text(run.started),
                     printable(run.error));
}

void write_run(json::Writer& writer, const Run& run) {
  writer.begin_object();
  field(writer, "id", run.id);
  field(writer, "view", std::string_view(run.view));
  field(writer, "version", run.version);
  field(writer, "end", std::optional(run.end));
  field(writer, "started", std::optional(run.started));
  field(writer, "finished", run.finished);
  field(writer, "rows_read", run.rows_read);
  field(writer, "rows_written", run.rows_written);
  field(writer, "rows_kept", run.rows_kept);
  field(writer, "rows_skipped", run.rows_skipped);
  field(writer, "watermark", run.watermark);
  writer.key("error");
  if (run.error.empty()) {
    writer.null();
  } else {
    writer.string(run.error);
  }
  field(writer, "skipped", run.skipped);
  writer.end_object();
}

void write_list(json::Writer& writer, std::string_view name, std::span<const Run> runs) {
  writer.key(name);
  writer.begin_array();
  for (const Run& run : runs) {
    write_run(writer, run);
  }
  writer.end_array();
}

void write_view_status(json::Writer& writer, const ViewStatus& view) {
  writer.begin_object();
  field(writer, "view", std::string_view(view.view));
  field(writer, "cadence", std::string_view(view.cadence));
  field(writer, "freshness", to_string(view.freshness));
  field(writer, "rows", view.rows);
  field(writer, "watermark", view.watermark);
  field(writer, "last_end", view.last_end);
  field(writer, "next_due", view.next_due);
  field(writer, "due", view.due);
  field(writer, "rebuilding", view.rebuilding);
  write_list(writer, "last_runs", view.last_runs);
  writer.end_object();
}

}  // namespace

bool has_failed(const Run& run) {
  return !run.error.empty() && run.error != kRunStopped;
}

std::string run_duration(const Run& run) {
  if (!run.finished) return "-";
  return fmt::format("{:.2f} s",
                     std::chrono::duration<double>(*run.finished - run.started).count());
}

void write_runs(json::Writer& writer, std::span<const Run> runs) {
  write_list(writer, "runs", runs);
}

std::string status_text(std::span<const ViewStatus> views,
                        Timestamp now,
                        const Terminal& terminal) {
  constexpr auto kRight = Table::Align::Right;
  Table table({{"VIEW"},
               {"CADENCE"},
               {"FRESHNESS"},
               {"ROWS", kRight},
               {"WATERMARK"},
               {"MATERIALIZED"},
               {"NEXT DUE"},
               {"LAST RUN", kRight}});
  std::string errors;
  for (const ViewStatus& view : views) {
    TableCell freshness = freshness_cell(view.freshness);
    if (view.rebuilding) freshness.text += ", rebuilding";
    table.add({view.view,
               view.cadence,
               std::move(freshness),
               grouped(view.rows),
               time_text(view.watermark),
               distance_text(view.last_end, now),
               due_text(view, now),
               last_run_cell(view)});
    errors += error_line(view, terminal.colour);
  }
  std::string text = table.render(terminal);
  if (!errors.empty()) text += '\n' + errors;
  return text;
}

void write_status(json::Writer& writer, std::span<const ViewStatus> views) {
  writer.key("views");
  writer.begin_array();
  for (const ViewStatus& view : views) {
    write_view_status(writer, view);
  }
  writer.end_array();
}

}  // namespace provender::cli
