#include "cli/join_plan_output.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/json_fields.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

namespace provender::cli {
namespace {

void write_memory(json::Writer& writer, const PlanMemory& memory) {
  writer.key("memory");
  writer.begin_object();
  field(writer, "limit", memory.limit);
  field(writer, "writing", memory.writing);
  field(writer, "scanning", memory.scanning);
  field(writer, "joining", memory.joining);
  field(writer, "joining_needed", memory.joining_needed);
  writer.end_object();
}

void write_step(json::Writer& writer, const PlanStep& step) {
  writer.begin_object();
  writer.key("views");
  writer.begin_array();
  for (const std::string& view : step.views) {
    writer.string(view);
  }
  writer.end_array();
  field(writer, "source", std::string_view(step.source));
  field(writer, "files", step.files);
  field(writer, "rows", step.rows);
  field(writer, "rows_read", step.rows_read);
  field(writer, "row_groups", step.row_groups);
  field(writer, "row_groups_read", step.row_groups_read);
  field(writer, "bytes", step.bytes);
  field(writer, "bytes_read", step.bytes_read);
  field(writer, "way", std::string_view(step.way));
  field(writer, "reason", std::string_view(step.reason));
  writer.key("costs");
  writer.begin_array();
  for (const PlanCost& cost : step.costs) {
    writer.begin_object();
    field(writer, "way", std::string_view(cost.way));
    writer.key("seconds");
    writer.number(cost.seconds);
    writer.end_object();
  }
  writer.end_array();
  field(writer, "second_pass", std::string_view(step.second_pass));
  writer.end_object();
}

void out_json(const HistoricalPlan& plan, Session& session) {
  session.out_json([&](json::Writer& writer) {
    writer.key("rows");
    plan.rows ? writer.integer(static_cast<std::int64_t>(*plan.rows)) : writer.null();
    field(writer, "are_rows_counted", plan.are_rows_counted);
    writer.key("passes");
    plan.passes != 0 ? writer.integer(static_cast<std::int64_t>(plan.passes)) : writer.null();
    write_memory(writer, plan.memory);
    writer.key("steps");
    writer.begin_array();
    for (const PlanStep& step : plan.steps) {
      write_step(writer, step);
    }
    writer.end_array();
  });
}

std::string seconds_text(double seconds) {
  return seconds < 1 ? fmt::format("{:.0f} ms", seconds * 1000) : fmt::format("{:.1f} s", seconds);
}

std::string bytes_text(std::uint64_t bytes) {
  return about(static_cast<double>(bytes)) + (bytes < 1000 ? " B" : "B");
}

std::string rows_text(const HistoricalPlan& plan) {
  if (!plan.rows) return "as many rows as the sources have, which nothing tells before";
  const std::string rows = counted(*plan.rows, "row", "rows");
  const std::string passes = counted(plan.passes, "pass", "passes");
  if (plan.are_rows_counted) return fmt::format("{} of the spine in {}", rows, passes);
  return fmt::format("{} of the sources at most, in {} at most", rows, passes);
}

/// Below the table, what does not fit into a line of it.
std::string step_text(const PlanStep& step) {
  std::string out = fmt::format("{}: {}", fmt::join(step.views, ", "), step.way);
  if (!step.reason.empty()) out += ", " + step.reason;
  for (const PlanCost& cost : step.costs) {
    out += fmt::format("{}{} takes about {}",
                       &cost == &step.costs.front() ? "; of one thread's time " : ", ",
                       cost.way,
                       seconds_text(cost.seconds));
  }
  out += "\n";
  if (!step.second_pass.empty()) {
    out += fmt::format("{}: features are read {}\n", fmt::join(step.views, ", "), step.second_pass);
  }
  return out;
}

std::string memory_text(const PlanMemory& memory) {
  if (memory.limit == 0) return "";
  return fmt::format(
      "memory: {} of {} for the join's arrays, of which a pass takes about {}; {} to "
      "write, {} to scan\n",
      bytes_text(memory.joining),
      bytes_text(memory.limit),
      bytes_text(memory.joining_needed),
      bytes_text(memory.writing),
      bytes_text(memory.scanning));
}

void out_table(const HistoricalPlan& plan, Session& session) {
  constexpr auto kRight = Table::Align::Right;
  Table table({{"VIEWS"},
               {"ROWS READ", kRight},
               {"ROW GROUPS READ", kRight},
               {"BYTES READ", kRight},
               {"WAY"}});
  std::string below;
  for (const PlanStep& step : plan.steps) {
    table.add({fmt::format("{}", fmt::join(step.views, ", ")),
               fmt::format("{} of {}", grouped(step.rows_read), grouped(step.rows)),
               fmt::format("{} of {}", step.row_groups_read, step.row_groups),
               fmt::format("{} of {}", bytes_text(step.bytes_read), bytes_text(step.bytes)),
               step.way});
    below += step_text(step);
  }
  session.console().out(table.render(session.console().out_terminal()) + below +
                        memory_text(plan.memory) + rows_text(plan) + "\n");
}

}  // namespace

void out_join_plan(const HistoricalPlan& plan, Session& session) {
  session.json() ? out_json(plan, session) : out_table(plan, session);
}

}  // namespace provender::cli
