#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_fields.hpp"
#include "cli/online_values.hpp"
#include "cli/run_output.hpp"
#include "cli/table.hpp"

namespace provender::cli {
namespace {

enum class Verdict : std::uint8_t { Ok, Warning, Failed };

/// One thing that was looked at.
struct Check {
  std::string name;
  Verdict verdict = Verdict::Ok;
  std::string found;
  std::string advice;  ///< what to do; empty: nothing
};

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Ok:
      return "ok";
    case Verdict::Warning:
      return "warning";
    case Verdict::Failed:
      return "failed";
  }
  return "failed";
}

Check failed(std::string name, const Error& error, std::string advice) {
  return {.name = std::move(name),
          .verdict = Verdict::Failed,
          .found = std::string(error.message()),
          .advice = std::move(advice)};
}

Check check_registry(FeatureStore& store) {
  const auto history = store.history();
  if (!history) {
    return failed("registry", history.error(), "make the file of 'registry:' readable and whole");
  }
  if (history->empty()) {
    return {.name = "registry",
            .verdict = Verdict::Warning,
            .found = "nothing is applied yet",
            .advice = "run 'provender apply'"};
  }
  return {
      .name = "registry",
      .found = fmt::format(
          "version {} of {}",
          history->front().version,
          format_timestamp(std::chrono::floor<std::chrono::seconds>(history->front().applied_at)))};
}

/// Planning opens each source with the offline engine, so it stands for all three.
Check check_definitions(FeatureStore& store, const std::stop_token& stop) {
  const std::string name = "definitions, sources, offline engine";
  const auto plan = store.plan({.stop = stop});
  if (!plan) return failed(name, plan.error(), "correct what is named, then run 'provender plan'");
  if (plan->empty()) return {.name = name, .found = "as applied"};
  return {.name = name,
          .verdict = Verdict::Warning,
          .found = fmt::format("not applied: {}", plan->summary()),
          .advice = "run 'provender apply'"};
}

/// Some value of a key's type: reading any entity opens the store and reads a page of it.
Value any_value(Type type) {
  switch (type.kind) {
    case Kind::Bool:
      return {false};
    case Kind::Int32:
      return {std::int32_t{0}};
    case Kind::Int64:
      return {std::int64_t{0}};
    case Kind::Float32:
      return {0.0F};
    case Kind::Float64:
      return {0.0};
    case Kind::String:
      return {std::string("0")};
    case Kind::Bytes:
      return {Bytes{"0"}};
    case Kind::Timestamp:
      return {Timestamp{}};
  }
  return {};
}

Result<> read_something(FeatureStore& store) {
  PROVENDER_ASSIGN(const std::vector<FeatureInfo> features, store.features());
  if (features.empty()) return {};
  const FeatureInfo& first = features.front();
  FeatureRequest request;
  request.features = {first.view + ":" + first.name};
  PROVENDER_ASSIGN(OnlineReader* const online, store.online());
  PROVENDER_ASSIGN(const auto prepared, online->prepare(request));
  std::vector<Value> keys;
  for (const PreparedRead::Key& key : prepared->keys()) {
    keys.push_back(any_value(key.type));
  }
  PROVENDER_ASSIGN(const EntityValues values, read_online(*online, prepared, keys));
  return {};
}

Check check_online(FeatureStore& store) {
  const auto read = read_something(store);
  if (read) return {.name = "online store", .found = "can be read"};
  return failed(
      "online store",
      read.error(),
      "it is a cache: once the cause is away, 'provender materialize --full' rebuilds it");
}

Check check_freshness(FeatureStore& store) {
  const std::string name = "freshness";
  const auto status = store.status();
  if (!status) return failed(name, status.error(), "see 'provender status'");
  std::vector<std::string> behind;
  for (const ViewStatus& view : *status) {
    using enum ViewStatus::Freshness;
    const bool failing = !view.last_runs.empty() && has_failed(view.last_runs.front());
    if (view.freshness == Never || view.freshness == Late || failing) behind.push_back(view.view);
  }
  if (behind.empty()) return {.name = name, .found = "no view is behind its cadence"};
  return {.name = name,
          .verdict = Verdict::Warning,
          .found = fmt::format("not up to date: {}", join_words(behind)),
          .advice = "run 'provender materialize'; 'provender status' shows the last errors"};
}

std::vector<Check> check_all(Session& session) {
  const auto project = session.project();
  if (!project) {
    return {failed("project",
                   project.error(),
                   "go to the project's folder, use -C DIR, or make one with 'provender init'")};
  }
  std::vector<Check> checks = {{.name = "project", .found = project->native()}};
  const auto store = session.open_to_read();
  if (!store) {
    checks.push_back(failed("set-up", store.error(), "correct provender.yaml or what it names"));
    return checks;
  }
  checks.push_back(check_registry(**store));
  checks.push_back(check_definitions(**store, session.stop()));
  checks.push_back(check_online(**store));
  checks.push_back(check_freshness(**store));
  return checks;
}

void out_text(const std::vector<Check>& checks, Session& session) {
  const bool colour = session.console().out_terminal().colour;
  std::string text;
  for (const Check& check : checks) {
    constexpr std::array kStyles = {Style::Green, Style::Yellow, Style::Red};
    const Style style = kStyles.at(static_cast<std::size_t>(check.verdict));
    text += fmt::format(
        "{} {}: ", paint(fmt::format("{:<7}", name_of(check.verdict)), style, colour), check.name);
    for (const char c : check.found) {
      // The rest of a message of several lines stands below its beginning.
      if (c == '\n') {
        text += "\n          ";
      } else {
        text += printable(std::string_view(&c, 1));
      }
    }
    text += '\n';
    if (!check.advice.empty()) text += fmt::format("        → {}\n", check.advice);
  }
  session.console().out(text);
}

void out_json(const std::vector<Check>& checks, Session& session) {
  session.out_json([&](json::Writer& writer) {
    writer.key("checks");
    writer.begin_array();
    for (const Check& check : checks) {
      writer.begin_object();
      field(writer, "name", std::string_view(check.name));
      field(writer, "result", name_of(check.verdict));
      field(writer, "found", std::string_view(check.found));
      field(writer, "advice", std::string_view(check.advice));
      writer.end_object();
    }
    writer.end_array();
  });
}

}  // namespace

Result<int> execute(const DoctorCommand& /*command*/, Session& session) {
  const std::vector<Check> checks = check_all(session);
  if (session.stop().stop_requested()) {
    return Error(ErrorCode::Cancelled, "doctor was stopped before it had looked at everything");
  }
  if (session.json()) {
    out_json(checks, session);
  } else {
    out_text(checks, session);
  }
  const bool sound = std::ranges::none_of(
      checks, [](const Check& check) { return check.verdict == Verdict::Failed; });
  return sound ? kExitOk : kExitNo;
}

}  // namespace provender::cli
