#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/freshness.hpp"
#include "cli/plan_output.hpp"
#include "cli/table.hpp"

namespace provender::cli {

Result<int> execute(const HistoryCommand& /*command*/, Session& session) {
  PROVENDER_ASSIGN(const auto store, session.open_to_read());
  PROVENDER_ASSIGN(const std::vector<Version> versions, store->history());
  if (session.json()) {
    session.out_json([&](json::Writer& writer) {
      writer.key("versions");
      writer.begin_array();
      for (const Version& version : versions) {
        writer.begin_object();
        write_version(writer, version);
        writer.end_object();
      }
      writer.end_array();
    });
    return kExitOk;
  }
  if (versions.empty()) {
    session.note("nothing is applied yet; see 'provender plan'");
    return kExitOk;
  }
  Table table({{.title = "VERSION", .align = Table::Align::Right},
               {"APPLIED"},
               {"BY"},
               {.title = "CHANGES", .elastic = true}});
  for (const Version& version : versions) {
    table.add({fmt::format("{}", version.version),
               time_text(version.applied_at),
               version.applied_by,
               version.summary});
  }
  session.console().out(table.render(session.console().out_terminal()));
  return kExitOk;
}

}  // namespace provender::cli
