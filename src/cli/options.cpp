// The options of the program and of each command. With arguments.cpp the only files that include
// CLI11, which is slow to compile and reports by exceptions.
#include "cli/options.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "model/reference.hpp"

namespace provender::cli {
namespace {

struct CommandText {
  std::string name;
  std::string group;
  std::string description;
};

/// Adds a command whose options `declare` ties to the members of a `C`.
template <class C>
void add(CLI::App& app, Command& target, const CommandText& text, void (*declare)(CLI::App&, C&)) {
  auto command = std::make_shared<C>();
  CLI::App* sub = app.add_subcommand(text.name, text.description);
  sub->group(text.group);
  declare(*sub, *command);
  sub->callback([command, &target] { target = *command; });
}

template <class C>
void no_options(CLI::App& /*app*/, C& /*command*/) {}

CLI::Option* add_timestamp(CLI::App& app,
                           const std::string& name,
                           std::optional<Timestamp>& target,
                           const std::string& description) {
  return app
      .add_option(
          name,
          [name, &target](const CLI::results_t& given) {
            auto time = parse_timestamp(given.front());
            if (!time) throw CLI::ValidationError(name, std::string(time.error().message()));
            target = *time;
            return true;
          },
          description)
      ->type_name("TIME");
}

/// An option that takes one of some words.
template <class T>
void add_choice(CLI::App& app,
                const std::string& name,
                const std::vector<std::pair<std::string, T>>& choices,
                const std::function<void(T)>& take,
                const std::string& description) {
  std::string words;
  for (const auto& [word, value] : choices) {
    words += (words.empty() ? "" : "|") + word;
  }
  app.add_option(
         name,
         [=](const CLI::results_t& given) {
           for (const auto& [word, value] : choices) {
             if (word == given.front()) {
               take(value);
               return true;
             }
           }
           throw CLI::ValidationError(name,
                                      fmt::format("expected {}, found '{}'", words, given.front()));
         },
         description)
      ->type_name(words);
}

void check_request(const FeatureRequest& request) {
  if (request.features.empty() == request.service.empty()) {
    throw CLI::ParseError("give either --features or --service", CLI::ExitCodes::ValidationError);
  }
}

/// --features or --service, exactly one.
void add_request(CLI::App& app, FeatureRequest& request) {
  app.add_option(
         "--features",
         [&request](const CLI::results_t& given) {
           for (const std::string& some : given) {
             std::ranges::move(split_references(some), std::back_inserter(request.features));
           }
           return true;
         },
         "Features: view:feature, or a bare name; in another role, "
         "'view:feature as ALIAS (KEY = COLUMN)'")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("A,B");
  app.add_option("--service", request.service, "A feature service: name, or name@VERSION")
      ->type_name("NAME");
  app.add_flag("--full-names", request.full_names, "Name results view__feature");
  app.parse_complete_callback([&request] { check_request(request); });
}

void declare_init(CLI::App& app, InitCommand& command) {
  app.add_option("DIR", command.folder, "Where; made if it is not there")->type_name("");
}

void declare_apply(CLI::App& app, ApplyCommand& command) {
  app.add_flag("-y,--yes", command.yes, "Do not ask");
}

void declare_describe(CLI::App& app, DescribeCommand& command) {
  app.add_option("NAME", command.name, "A feature, feature view, feature service or entity")
      ->required()
      ->type_name("");
}

void declare_historical(CLI::App& app, HistoricalCommand& command) {
  HistoricalOptions& options = command.options;
  auto* spine =
      app.add_option("--entities", options.spine, "The spine: join keys and an event timestamp")
          ->type_name("FILE.parquet|FILE.csv|FILE.arrow");
  auto* start = add_timestamp(app,
                              "--start",
                              command.start,
                              "Without a spine: the keys and times that the views have from");
  auto* end = add_timestamp(app, "--end", command.end, "here on, up to here but not including it");
  auto* at = add_timestamp(
      app, "--at", options.at, "Without a spine: each key seen by this time, with statuses");
  start->needs(end)->excludes(spine)->excludes(at);
  end->needs(start);
  at->excludes(spine);
  app.add_option("--out", options.out, "The rows with features beside them")
      ->type_name("FILE.parquet|FILE.csv|FILE.arrow");
  app.add_flag("--overwrite", options.overwrite, "Replace FILE if it exists");
  app.add_flag("--explain", options.explain, "Only show how they would be made; needs no --out");
  add_request(app, options.features);
  app.parse_complete_callback([&options] {
    check_request(options.features);
    if (options.out.empty() && !options.explain) throw CLI::RequiredError("--out");
  });
  app.add_option("--event-timestamp", options.event_timestamp, "The spine's time column")
      ->capture_default_str()
      ->type_name("COLUMN");
  app.add_flag("--strictly-before",
               options.strictly_before,
               "Only rows before the spine row's time, for a label made from the same event");
  app.add_flag("--known-by-created",
               options.known_by_created,
               "Only rows that were created by the spine row's time");
  app.add_flag("--with-status", options.with_status, "A column NAME__status beside each feature");
}

void declare_materialize(CLI::App& app, MaterializeCommand& command) {
  app.add_option("VIEW", command.options.views, "Feature views; all if none is named")
      ->type_name("");
  add_timestamp(app, "--end", command.options.end, "Rows up to here; now if not given");
  app.add_flag("--full", command.options.full, "Rebuild; the old values serve until it is done");
}

void declare_get(CLI::App& app, GetCommand& command) {
  app.add_option("KEY=VALUE", command.keys, "The entity's keys")->required()->type_name("");
  add_request(app, command.request);
  add_timestamp(app, "--as-of", command.as_of, "Read the offline store as of this time");
}

void declare_serve(CLI::App& app, ServeCommand& command) {
  app.add_option("--host", command.options.host, "Address to listen on")->type_name("HOST");
  app.add_option("--port", command.options.port, "Port; 0: the system chooses")
      ->check(CLI::Range(0, 65535))
      ->type_name("PORT");
  app.add_option("--threads", command.options.threads, "Threads that answer")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
}

void declare_token(CLI::App& app, TokenCommand& command) {
  app.add_option("NAME", command.name, "What the access log calls its holder")
      ->required()
      ->type_name("");
}

void declare_run(CLI::App& app, RunCommand& command) {
  app.add_flag("--once", command.once, "What is due now, then end");
}

void add_set_up(CLI::App& app, Command& target) {
  add<InitCommand>(
      app,
      target,
      {.name = "init", .group = "Set-up", .description = "Make a new project with a small example"},
      declare_init);
  add<PlanCommand>(app,
                   target,
                   {.name = "plan",
                    .group = "Set-up",
                    .description = "Compare the definitions with what is applied"},
                   no_options);
  add<ApplyCommand>(app,
                    target,
                    {.name = "apply", .group = "Set-up", .description = "Apply the definitions"},
                    declare_apply);
  add<HistoryCommand>(
      app,
      target,
      {.name = "history", .group = "Set-up", .description = "List the applied versions"},
      no_options);
  add<FeaturesCommand>(
      app,
      target,
      {.name = "features", .group = "Set-up", .description = "List the registered features"},
      no_options);
  add<DescribeCommand>(
      app,
      target,
      {.name = "describe", .group = "Set-up", .description = "Tell all about a name"},
      declare_describe);
  add<DoctorCommand>(
      app,
      target,
      {.name = "doctor", .group = "Set-up", .description = "Check the set-up and say what to do"},
      no_options);
  add<VersionCommand>(
      app,
      target,
      {.name = "version", .group = "Set-up", .description = "Show Provender's version"},
      no_options);
}

void add_training(CLI::App& app, Command& target) {
  add<HistoricalCommand>(
      app,
      target,
      {.name = "historical",
       .group = "Training",
       .description = "Make training rows: features as they were at each row's time"},
      declare_historical);
}

void add_serving(CLI::App& app, Command& target) {
  add<MaterializeCommand>(app,
                          target,
                          {.name = "materialize",
                           .group = "Serving",
                           .description = "Bring the online store up to date"},
                          declare_materialize);
  add<GetCommand>(app,
                  target,
                  {.name = "get", .group = "Serving", .description = "Read one entity's features"},
                  declare_get);
  add<StatusCommand>(
      app,
      target,
      {.name = "status", .group = "Serving", .description = "Show each view against its cadence"},
      no_options);
  add<RunCommand>(
      app,
      target,
      {.name = "run", .group = "Serving", .description = "Materialize each view on its cadence"},
      declare_run);
  add<ServeCommand>(
      app,
      target,
      {.name = "serve", .group = "Serving", .description = "Serve features over HTTP"},
      declare_serve);
  add<TokenCommand>(
      app,
      target,
      {.name = "token", .group = "Serving", .description = "Make an API token for the server"},
      declare_token);
}

}  // namespace

void add_commands(CLI::App& app, Command& target) {
  add_set_up(app, target);
  add_training(app, target);
  add_serving(app, target);
}

void add_global_options(CLI::App& app, Arguments& arguments) {
  app.add_option("-C", arguments.folder, "Work as if started in this folder")->type_name("DIR");
  add_choice<OutputFormat>(
      app,
      "--output",
      {{"table", OutputFormat::Table}, {"json", OutputFormat::Json}},
      [&arguments](OutputFormat format) { arguments.output = format; },
      "How data is written; table, if not given");
  add_choice<LogLevel>(
      app,
      "--log-level",
      {{"debug", LogLevel::Debug},
       {"info", LogLevel::Info},
       {"warning", LogLevel::Warning},
       {"error", LogLevel::Error}},
      [&arguments](LogLevel level) { arguments.log_level = level; },
      "What is logged");
}

}  // namespace provender::cli
