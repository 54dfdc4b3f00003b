#include "cli/cli.hpp"

#include <filesystem>

#include "base/fs.hpp"
#include "base/try.hpp"
#include "cli/arguments.hpp"
#include "cli/exit_code.hpp"
#include "cli/line_logger.hpp"
#include "cli/report_error.hpp"

namespace provender::cli {
namespace {

/// What runs until it is stopped tells what it does; what ends soon only what is wrong.
LogLevel usual_level(const Command& command) {
  const bool stays =
      std::holds_alternative<ServeCommand>(command) || std::holds_alternative<RunCommand>(command);
  return stays ? LogLevel::Info : LogLevel::Warning;
}

Result<int> run_command(std::span<const std::string> words,
                        const Services& services,
                        Console& console,
                        const Clock& clock,
                        const std::stop_token& stop) {
  PROVENDER_ASSIGN(const auto asked, parse_arguments(words));
  if (const auto* help = std::get_if<Help>(&asked)) {
    console.out(help->text);
    return kExitOk;
  }
  const auto& arguments = std::get<Arguments>(asked);
  if (!arguments.folder.empty()) {
    std::error_code failure;
    std::filesystem::current_path(arguments.folder, failure);
    if (failure) return system_error("enter", arguments.folder, failure.value());
  }
  LineLogger logger(console, clock, arguments.log_level.value_or(usual_level(arguments.command)));
  Session session({.services = services,
                   .console = console,
                   .clock = clock,
                   .logger = logger,
                   .stop = stop,
                   .output = arguments.output});
  return std::visit([&](const auto& command) { return execute(command, session); },
                    arguments.command);
}

}  // namespace

int run(std::span<const std::string> words,
        const Services& services,
        Console& console,
        const Clock& clock,
        const std::stop_token& stop) {
  const Result<int> result = run_command(words, services, console, clock, stop);
  if (result) return *result;
  console.err(asks_for_json(words) ? error_json(result.error())
                                   : error_text(result.error().message(), console.err_terminal()));
  return exit_code(result.error().code());
}

}  // namespace provender::cli
