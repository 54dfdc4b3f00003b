#include <algorithm>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/freshness.hpp"
#include "cli/run_output.hpp"

namespace provender::cli {
namespace {

void out_table(const std::vector<Run>& runs, Session& session) {
  constexpr auto kRight = Table::Align::Right;
  Table table({{"VIEW"},
               {"ENTITIES", kRight},
               {"WRITTEN", kRight},
               {"KEPT", kRight},
               {"SKIPPED", kRight},
               {"WATERMARK"},
               {"TIME", kRight}});
  for (const Run& run : runs) {
    const TableCell failed =
        run.skipped ? TableCell("skipped", Style::Yellow) : TableCell("failed", Style::Red);
    table.add({run.view,
               grouped(run.rows_read),
               grouped(run.rows_written),
               grouped(run.rows_kept),
               grouped(run.rows_skipped),
               time_text(run.watermark),
               run.error.empty() ? TableCell(run_duration(run)) : failed});
  }
  session.console().out(table.render(session.console().out_terminal()));
}

}  // namespace

Result<int> execute(const MaterializeCommand& command, Session& session) {
  PROVENDER_ASSIGN(const auto store, session.open_store());
  PROVENDER_ASSIGN(const std::vector<Run> runs, session.with_progress([&](const Control& control) {
    return store->materialize(command.options, control);
  }));
  if (session.json()) {
    session.out_json([&](json::Writer& writer) { write_runs(writer, runs); });
  } else if (runs.empty()) {
    session.note("there is no feature view to materialize; see 'provender plan'");
  } else {
    out_table(runs, session);
  }
  // Why a run failed is in the log already.
  const bool all_done = std::ranges::all_of(runs, [](const Run& run) { return run.error.empty(); });
  return all_done ? kExitOk : kExitNo;
}

}  // namespace provender::cli
