#include <algorithm>

#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/run_output.hpp"

namespace provender::cli {

Result<int> execute(const RunCommand& command, Session& session) {
  PROVENDER_ASSIGN(const auto store, session.open_store());
  auto ran = session.with_progress(
      [&](const Control& control) { return store->run(command.once, control); });
  if (!command.once) {
    // A scheduler that was asked to stop has done its duty.
    if (ran || ran.error().code() == ErrorCode::Cancelled) return kExitOk;
    return std::move(ran).error();
  }
  PROVENDER_ASSIGN(const std::vector<Run> runs, std::move(ran));
  PROVENDER_ASSIGN(const std::vector<ViewStatus> views, store->status());
  if (session.json()) {
    session.out_json([&](json::Writer& writer) {
      write_status(writer, views);
      write_runs(writer, runs);
    });
  } else {
    session.console().out(
        status_text(views, session.clock().now(), session.console().out_terminal()));
  }
  for (const Run& run : runs) {
    if (run.skipped) session.note(fmt::format("skipped {}: {}", run.view, run.error));
  }
  const bool is_done =
      std::ranges::all_of(runs, [](const Run& run) { return run.error.empty() || run.skipped; });
  return is_done ? kExitOk : kExitNo;
}

}  // namespace provender::cli
