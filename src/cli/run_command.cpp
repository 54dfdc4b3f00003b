#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/run_output.hpp"

namespace provender::cli {

Result<int> execute(const RunCommand& command, Session& session) {
  PROVENDER_ASSIGN(const auto store, session.open_store());
  const Result<> ran = session.with_progress(
      [&](const Control& control) { return store->run(command.once, control); });
  if (!command.once) {
    // A scheduler that was asked to stop has done its duty.
    if (ran || ran.error().code() == ErrorCode::Cancelled) return kExitOk;
    return ran.error();
  }
  PROVENDER_TRY(ran);
  PROVENDER_ASSIGN(const std::vector<ViewStatus> views, store->status());
  if (session.json()) {
    session.out_json([&](json::Writer& writer) { write_status(writer, views); });
  } else {
    session.console().out(
        status_text(views, session.clock().now(), session.console().out_terminal()));
  }
  return kExitOk;
}

}  // namespace provender::cli
