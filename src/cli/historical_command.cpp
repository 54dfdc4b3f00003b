#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/join_plan_output.hpp"
#include "cli/json_fields.hpp"
#include "cli/table.hpp"

namespace provender::cli {
namespace {

void out_json(const HistoricalOptions& options, const HistoricalReport& report, Session& session) {
  session.out_json([&](json::Writer& writer) {
    field(writer, "out", std::string_view(options.out.native()));
    field(writer, "rows", report.rows);
    field(writer, "null_rows", report.null_rows);
    writer.key("views");
    writer.begin_array();
    for (const ViewReport& view : report.views) {
      writer.begin_object();
      field(writer, "view", std::string_view(view.view));
      field(writer, "source_rows", view.source_rows);
      field(writer, "skipped_rows", view.skipped_rows);
      field(writer, "created_after", view.created_after);
      writer.end_object();
    }
    writer.end_array();
  });
}

void out_table(const HistoricalOptions& options, const HistoricalReport& report, Session& session) {
  constexpr auto kRight = Table::Align::Right;
  Table table({{"VIEW"}, {"SOURCE ROWS", kRight}, {"SKIPPED", kRight}, {"CREATED AFTER", kRight}});
  for (const ViewReport& view : report.views) {
    table.add({view.view,
               grouped(view.source_rows),
               grouped(view.skipped_rows),
               grouped(view.created_after)});
  }
  session.console().out(
      table.render(session.console().out_terminal()) +
      fmt::format("{} in {}\n", counted(report.rows, "row", "rows"), options.out.native()));
}

/// What a person should know about the rows before training on them.
void warn(const HistoricalReport& report, Session& session) {
  if (report.null_rows != 0) {
    session.note(
        fmt::format("{} a null key or timestamp, and features that are NOT_FOUND",
                    counted(report.null_rows, "row of the spine has", "rows of the spine have")));
  }
  const auto sum = [&](auto member) {
    std::uint64_t total = 0;
    for (const ViewReport& view : report.views) {
      total += view.*member;
    }
    return total;
  };
  if (const auto skipped = sum(&ViewReport::skipped_rows); skipped != 0) {
    session.note(fmt::format("skipped {} a null key or event timestamp",
                             counted(skipped, "row of a source with", "rows of the sources with")));
  }
  if (const auto after = sum(&ViewReport::created_after); after != 0) {
    session.note(
        fmt::format("{} created after the time of the row, and not known then; "
                    "--known-by-created leaves out what was not",
                    counted(after, "value was", "values were")));
  }
}

}  // namespace

Result<int> execute(const HistoricalCommand& command, Session& session) {
  HistoricalOptions options = command.options;
  if (command.start && command.end) options.range = {.start = *command.start, .end = *command.end};
  // Of a snapshot, who is past its ttl is there too: the status tells.
  options.with_status = options.with_status || options.at;
  PROVENDER_ASSIGN(const auto store, session.open_to_read());
  PROVENDER_ASSIGN(const HistoricalReport report,
                   session.with_progress([&](const Control& control) {
                     return store->get_historical_features(options, control);
                   }));
  if (command.options.explain) {
    out_join_plan(report.plan, session);
    return kExitOk;
  }
  if (session.json()) {
    out_json(options, report, session);
  } else {
    out_table(options, report, session);
  }
  warn(report, session);
  return kExitOk;
}

}  // namespace provender::cli
