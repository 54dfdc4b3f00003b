#pragma once

#include "cli/arguments.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's name
class App;
}

namespace provender::cli {

/// Adds a subcommand for each command; the one that is named sets `target`, which outlives `app`.
void add_commands(CLI::App& app, Command& target);

/// Adds the options that stand for every command, into `arguments`, which outlives `app`.
void add_global_options(CLI::App& app, Arguments& arguments);

}  // namespace provender::cli
