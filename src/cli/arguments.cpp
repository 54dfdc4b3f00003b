// Reads a command line with CLI11, which reports by exceptions: none leaves this file.
#include "cli/arguments.hpp"

#include <algorithm>
#include <iterator>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/options.hpp"

namespace provender::cli {
namespace {

constexpr const char* kFooter =
    "Exit codes, data formats and examples: docs/reference/cli.md and docs/reference/errors.md";

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
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
    }
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
    app.get_formatter()->label("SUBCOMMAND", "COMMAND");
    app.get_formatter()->label("REQUIRED", "(required)");
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
