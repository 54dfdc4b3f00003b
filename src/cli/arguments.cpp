// The only file that includes CLI11, which is slow to compile and reports by exceptions: none
// leaves it.
#include "cli/arguments.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/text.hpp"

namespace provender::cli {
namespace {

constexpr const char* kFooter =
    "Exit codes, data formats and examples: docs/reference/cli.md and docs/reference/errors.md";

/// Adds a command whose options `declare` ties to the members of a `C`.
template <class C>
void add(CLI::App& app,
         Command& target,
         const std::string& name,
         const std::string& description,
         void (*declare)(CLI::App&, C&)) {
  auto command = std::make_shared<C>();
  CLI::App* sub = app.add_subcommand(name, description);
  declare(*sub, *command);
  sub->callback([command, &target] { target = *command; });
}

template <class C>
void no_options(CLI::App& /*app*/, C& /*command*/) {}

void add_timestamp(CLI::App& app,
                   const std::string& name,
                   std::optional<Timestamp>& target,
                   const std::string& description) {
  app.add_option_function<std::string>(
         name,
         [name, &target](const std::string& text) {
           auto time = parse_timestamp(text);
           if (!time) throw CLI::ValidationError(name, std::string(time.error().message()));
           target = *time;
         },
         description)
      ->type_name("TIME");
}

/// An option that takes one of some words.
template <class T>
void add_choice(CLI::App& app,
                const std::string& name,
                std::vector<std::pair<std::string, T>> choices,
                std::function<void(T)> take,
                const std::string& description) {
  app.add_option_function<std::string>(
         name,
         [name, choices = std::move(choices), take](const std::string& word) {
           std::vector<std::string> words;
           for (const auto& [choice, value] : choices) {
             if (choice == word) return take(value);
             words.push_back(choice);
           }
           const std::string last = words.back();
           words.pop_back();
           throw CLI::ValidationError(
               name,
               fmt::format("expected {} or {}, found '{}'", fmt::join(words, ", "), last, word));
         },
         description)
      ->type_name("WORD");
}

/// --features or --service, exactly one.
void add_request(CLI::App& app, FeatureRequest& request) {
  app.add_option("--features", request.features, "Features: view:feature, or a bare name")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B,...");
  app.add_option("--service", request.service, "A feature service: name, or name@VERSION")
      ->type_name("NAME");
  app.add_flag("--full-names", request.full_names, "Name results view__feature");
  app.parse_complete_callback([&request] {
    if (request.features.empty() == request.service.empty()) {
      throw CLI::ParseError("give either --features or --service", CLI::ExitCodes::ValidationError);
    }
  });
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
  app.add_option("--entities", options.spine, "The spine: join keys and an event timestamp")
      ->required()
      ->type_name("FILE.parquet|FILE.csv");
  app.add_option("--out", options.out, "The spine's rows with features beside them")
      ->required()
      ->type_name("FILE.parquet|FILE.csv");
  add_request(app, options.features);
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

void declare_run(CLI::App& app, RunCommand& command) {
  app.add_flag("--once", command.once, "What is due now, then end");
}

void add_commands(CLI::App& app, Command& target) {
  add<InitCommand>(app, target, "init", "Make a new project with a small example", declare_init);
  add<PlanCommand>(app, target, "plan", "Compare the definitions with what is applied", no_options);
  add<ApplyCommand>(app, target, "apply", "Apply the definitions", declare_apply);
  add<HistoryCommand>(app, target, "history", "List the applied versions", no_options);
  add<FeaturesCommand>(app, target, "features", "List the registered features", no_options);
  add<DescribeCommand>(app, target, "describe", "Tell all about one name", declare_describe);
  add<HistoricalCommand>(
      app, target, "historical", "Make training rows: features as of each row", declare_historical);
  add<MaterializeCommand>(
      app, target, "materialize", "Bring the online store up to date", declare_materialize);
  add<GetCommand>(app, target, "get", "Read one entity's features", declare_get);
  add<StatusCommand>(app, target, "status", "Show each view against its cadence", no_options);
  add<ServeCommand>(app, target, "serve", "Serve features over HTTP", declare_serve);
  add<RunCommand>(app, target, "run", "Materialize each view on its cadence", declare_run);
  add<DoctorCommand>(app, target, "doctor", "Check the set-up and say what to do", no_options);
  add<VersionCommand>(app, target, "version", "Show Provender's version", no_options);
}

void add_global_options(CLI::App& app, Arguments& arguments) {
  app.add_option("-C", arguments.folder, "Work as if started in this folder")->type_name("DIR");
  add_choice<OutputFormat>(
      app,
      "--output",
      {{"table", OutputFormat::Table}, {"json", OutputFormat::Json}},
      [&arguments](OutputFormat format) { arguments.output = format; },
      "How data is written: table (the default) or json");
  add_choice<LogLevel>(
      app,
      "--log-level",
      {{"debug", LogLevel::Debug},
       {"info", LogLevel::Info},
       {"warning", LogLevel::Warning},
       {"error", LogLevel::Error}},
      [&arguments](LogLevel level) { arguments.log_level = level; },
      "What is logged: debug, info, warning or error");
}

/// The command that was named, or the program itself.
const CLI::App& asked(const CLI::App& app) {
  const auto subs = app.get_subcommands();
  return subs.empty() ? app : *subs.front();
}

std::vector<std::string> names_of_commands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands({})) {
    if (!sub->get_name().empty()) names.push_back(sub->get_name());
  }
  return names;
}

std::vector<std::string> names_of_options(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames())
      names.push_back("--" + name);
  }
  return names;
}

/// What CLI11 could not place says more than its own message.
std::string message_of(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = asked(app);
  std::vector<std::string> left = command.remaining();
  if (left.empty()) left = app.remaining();
  if (left.empty()) {
    const bool no_command = &command == &app && error.get_name() == "RequiredError";
    return no_command ? "no command is given" : error.what();
  }
  const std::string& word = left.front();
  if (word.starts_with('-')) {
    std::vector<std::string> options = names_of_options(command);
    std::ranges::copy(names_of_options(app), std::back_inserter(options));
    return fmt::format("unknown option '{}'{}", word, did_you_mean(word, options));
  }
  if (&command != &app) return fmt::format("unexpected word '{}'", word);
  return fmt::format("unknown command '{}'{}", word, did_you_mean(word, names_of_commands(app)));
}

Error usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = asked(app);
  const std::string path = &command == &app ? "provender" : "provender " + command.get_name();
  return Error(ErrorCode::InvalidArgument,
               fmt::format("{}; see '{} --help'", message_of(app, error), path));
}

}  // namespace

Result<std::variant<Arguments, Help>> parse_arguments(std::span<const std::string> words) {
  CLI::App app("A feature store: features declared once, for training and for serving.",
               "provender");
  Arguments arguments;
  try {
    app.fallthrough();  // options of the program may stand behind the command
    app.footer(kFooter);
    app.require_subcommand(1);
    add_global_options(app, arguments);
    add_commands(app, arguments.command);
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 reads from the back
    return arguments;
  } catch (const CLI::CallForHelp&) {
    return Help{app.help()};
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error);
  } catch (const std::exception& error) {
    return Error(ErrorCode::Internal, fmt::format("command line: {}", error.what()));
  }
}

bool asks_for_json(std::span<const std::string> words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--output=json") return true;
    if (words[i] == "--output" && i + 1 < words.size() && words[i + 1] == "json") return true;
  }
  return false;
}

}  // namespace provender::cli
