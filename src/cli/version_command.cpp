#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_fields.hpp"

namespace provender::cli {

Result<int> execute(const VersionCommand& /*command*/, Session& session) {
  constexpr std::string_view kVersion = PROVENDER_VERSION;
  if (session.json()) {
    session.out_json([&](json::Writer& writer) { field(writer, "version", kVersion); });
  } else {
    session.console().out(fmt::format("provender {}\n", kVersion));
  }
  return kExitOk;
}

}  // namespace provender::cli
