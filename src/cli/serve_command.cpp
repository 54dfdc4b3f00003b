#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"

namespace provender::cli {

Result<int> execute(const ServeCommand& command, Session& session) {
  PROVENDER_ASSIGN(const std::filesystem::path project, session.project());
  PROVENDER_TRY(
      session.services().serve(project, command.options, session.logger(), session.stop()));
  return kExitOk;
}

}  // namespace provender::cli
