#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "cli/commands.hpp"

namespace provender::cli {

/// A command line that asks for a command.
struct Arguments {
  std::filesystem::path folder;  ///< -C: work as if started there; empty: here
  OutputFormat output = OutputFormat::Table;
  std::optional<LogLevel> log_level;
  Command command;
};

/// A command line that asks for help: the text of it.
struct Help {
  std::string text;
};

/// Reads a command line, without the program's name. InvalidArgument names what is wrong, with the
/// nearest command or option.
Result<std::variant<Arguments, Help>> parse_arguments(std::span<const std::string> words);

/// Whether `--output json` stands on a command line, even on one that cannot be read.
bool asks_for_json(std::span<const std::string> words);

}  // namespace provender::cli
