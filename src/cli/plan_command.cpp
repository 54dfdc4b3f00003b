#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/plan_output.hpp"

namespace provender::cli {

Result<int> execute(const PlanCommand& /*command*/, Session& session) {
  PROVENDER_ASSIGN(const auto store, session.open_to_read());
  PROVENDER_ASSIGN(const Plan plan, store->plan({.stop = session.stop()}));
  if (session.json()) {
    session.out_json([&](json::Writer& writer) { write_plan(writer, plan); });
  } else {
    session.console().out(plan_text(plan, session.console().out_terminal()));
  }
  return kExitOk;
}

}  // namespace provender::cli
