#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_fields.hpp"

namespace provender::cli {

Result<int> execute(const TokenCommand& command, Session& session) {
  PROVENDER_ASSIGN(const server::NewToken made, session.services().make_token());
  const std::string hash = "sha256:" + made.hash;
  if (session.json()) {
    session.out_json([&](json::Writer& writer) {
      field(writer, "name", std::string_view(command.name));
      field(writer, "token", std::string_view(made.token));
      field(writer, "hash", std::string_view(hash));
    });
    return kExitOk;
  }
  session.console().out(fmt::format("{}\n", made.token));
  session.console().err(fmt::format(
      "This is the only time that the token is shown: give it to who sends `Authorization: Bearer "
      "TOKEN`.\nThe server needs its hash only, in provender.yaml:\n\n"
      "server:\n  tokens:\n    - {{name: {}, hash: \"{}\", scopes: [read]}}\n",
      command.name,
      hash));
  return kExitOk;
}

}  // namespace provender::cli
