#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_fields.hpp"

namespace provender::cli {
namespace {

/// With the files that init_project makes.
constexpr std::string_view kTry =
    "  provender apply\n"
    "  provender historical --entities spine.csv --service what_to_watch_next --out train.csv\n"
    "  provender materialize\n"
    "  provender get user_id=8a2f --service what_to_watch_next\n";

}  // namespace

Result<int> execute(const InitCommand& command, Session& session) {
  PROVENDER_TRY(session.services().init_project(command.folder));
  if (session.json()) {
    session.out_json([&](json::Writer& writer) {
      field(writer, "project", std::string_view(command.folder.native()));
    });
    return kExitOk;
  }
  session.console().out(fmt::format("new project in {}\n", command.folder.native()));
  session.note("it has a small example; try");
  if (command.folder != ".") {
    session.console().err(fmt::format("  cd {}\n", command.folder.native()));
  }
  session.console().err(kTry);
  return kExitOk;
}

}  // namespace provender::cli
