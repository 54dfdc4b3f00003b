#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/run_output.hpp"

namespace provender::cli {

Result<int> execute(const StatusCommand& /*command*/, Session& session) {
  PROVENDER_ASSIGN(const auto store, session.open_to_read());
  PROVENDER_ASSIGN(const std::vector<ViewStatus> views, store->status());
  if (session.json()) {
    session.out_json([&](json::Writer& writer) { write_status(writer, views); });
  } else if (views.empty()) {
    session.note("no feature view is registered; see 'provender plan'");
  } else {
    session.console().out(
        status_text(views, session.clock().now(), session.console().out_terminal()));
  }
  return kExitOk;
}

}  // namespace provender::cli
