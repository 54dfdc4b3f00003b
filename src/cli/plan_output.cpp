#include "cli/plan_output.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/json_fields.hpp"
#include "cli/text.hpp"

namespace provender::cli {
namespace {

struct Mark {
  char sign;
  Style style;
};

Mark mark_of(Action action) {
  switch (action) {
    case Action::Create:
      return {.sign = '+', .style = Style::Green};
    case Action::Change:
      return {.sign = '~', .style = Style::Yellow};
    case Action::Delete:
      return {.sign = '-', .style = Style::Red};
  }
  return {.sign = '?', .style = Style::Plain};
}

std::string change_text(const Change& change, bool colour) {
  const Mark mark = mark_of(change.action);
  std::string text =
      paint(fmt::format("{} {} {}", mark.sign, change.kind, change.name), mark.style, colour);
  if (change.breaking) text += "  " + paint("breaking", Style::Red, colour);
  text += '\n';
  for (const std::string& detail : change.details) {
    text += fmt::format("    {}\n", printable(detail));
  }
  for (const std::string& consequence : change.consequences) {
    text += fmt::format("    ⇒ {}\n", printable(consequence));
  }
  return text;
}

std::string against(const Plan& plan) {
  if (plan.base_version == 0) return "nothing is applied yet";
  return fmt::format("against version {}", plan.base_version);
}

}  // namespace

std::string plan_text(const Plan& plan, const Terminal& terminal) {
  if (plan.empty()) return fmt::format("no changes, {}\n", against(plan));
  std::string text;
  for (const Change& change : plan.changes) {
    text += change_text(change, terminal.colour);
  }
  text += fmt::format("\n{}, {}\n", plan.summary(), against(plan));
  if (!plan.ambiguous.empty()) {
    text +=
        fmt::format("no longer clear without a view before them: {}\n", join_words(plan.ambiguous));
  }
  if (!plan.to_materialize.empty()) {
    text += fmt::format("to be materialized: {}\n", join_words(plan.to_materialize));
  }
  return text;
}

void write_plan(json::Writer& writer, const Plan& plan) {
  field(writer, "base_version", plan.base_version);
  writer.key("changes");
  writer.begin_array();
  for (const Change& change : plan.changes) {
    writer.begin_object();
    field(writer, "action", to_string(change.action));
    field(writer, "kind", std::string_view(change.kind));
    field(writer, "name", std::string_view(change.name));
    field(writer, "details", change.details);
    field(writer, "consequences", change.consequences);
    field(writer, "breaking", change.breaking);
    writer.end_object();
  }
  writer.end_array();
  field(writer, "ambiguous", plan.ambiguous);
  field(writer, "to_materialize", plan.to_materialize);
}

void write_version(json::Writer& writer, const Version& version) {
  field(writer, "version", version.version);
  field(writer, "applied_at", std::optional(version.applied_at));
  field(writer, "applied_by", std::string_view(version.applied_by));
  field(writer, "summary", std::string_view(version.summary));
}

}  // namespace provender::cli
