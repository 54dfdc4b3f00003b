#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/plan_output.hpp"

namespace provender::cli {
namespace {

/// Asks the person at the terminal; an error unless the answer is yes.
Result<> confirm(const Plan& plan, Session& session) {
  if (!session.console().can_ask()) {
    return Error(ErrorCode::FailedPrecondition,
                 "apply asks before it changes something, and nobody is at a terminal to answer; "
                 "use --yes");
  }
  if (session.json()) {  // not on stdout, which will hold one JSON object
    session.console().err(plan_text(plan, session.console().err_terminal()));
  }
  PROVENDER_ASSIGN(const std::string answer,
                   session.console().ask("apply these changes? [y/N] ", session.stop()));
  if (answer == "y" || answer == "Y" || answer == "yes") return {};
  return Error(ErrorCode::Cancelled, "nothing was applied");
}

void show_applied(const Plan& plan, const std::optional<Version>& version, Session& session) {
  if (session.json()) {
    session.out_json([&](json::Writer& writer) {
      writer.key("plan");
      writer.begin_object();
      write_plan(writer, plan);
      writer.end_object();
      writer.key("applied");
      if (!version) return writer.null();
      writer.begin_object();
      write_version(writer, *version);
      writer.end_object();
    });
    return;
  }
  if (!version) return;
  session.console().out(fmt::format("applied version {}\n", version->version));
  if (!plan.to_materialize.empty()) session.note("next: provender materialize");
}

}  // namespace

Result<int> execute(const ApplyCommand& command, Session& session) {
  PROVENDER_ASSIGN(const auto store, session.open_store());
  PROVENDER_ASSIGN(const Plan plan, store->plan({.stop = session.stop()}));
  if (!session.json()) {
    session.console().out(plan_text(plan, session.console().out_terminal()));
  }
  std::optional<Version> version;
  if (!plan.empty()) {
    if (!command.yes) PROVENDER_TRY(confirm(plan, session));
    PROVENDER_ASSIGN(version, store->apply(plan, {.stop = session.stop()}));
  }
  show_applied(plan, version, session);
  return kExitOk;
}

}  // namespace provender::cli
