#include "definitions/python_module.hpp"

#include <utility>

#include <fmt/format.h>

#include "base/try.hpp"
#include "definitions/child_process.hpp"
#include "model/definitions_json.hpp"

namespace provender::definitions {
namespace {

/// A traceback's last lines name the error; more would bury the other problems.
constexpr std::size_t kShownLines = 12;

/// The last lines of what the module wrote to stderr, indented under the message.
std::string last_lines(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) {
    text.remove_suffix(1);
  }
  std::size_t start = text.size();
  for (std::size_t lines = 0; lines < kShownLines && start != std::string_view::npos && start > 0;
       ++lines) {
    start = text.rfind('\n', start - 1);
  }
  if (start != std::string_view::npos && start > 0) text.remove_prefix(start + 1);
  std::string shown;
  for (const char c : text) {
    shown += c == '\n' ? std::string("\n    ") : std::string(1, c);
  }
  return shown.empty() ? "" : ":\n    " + shown;
}

bool lacks_package(const std::string& error) {
  return error.find("module specification for 'provender.definitions'") != std::string::npos ||
         error.find("No module named provender") != std::string::npos;
}

void locate(Definitions& definitions, const std::string& file) {
  const Location where{.file = file, .line = 0};
  for (auto& entity : definitions.entities) {
    entity.where = where;
  }
  for (auto& view : definitions.sql_views) {
    view.where = where;
  }
  for (auto& view : definitions.feature_views) {
    view.where = where;
    view.source.where = where;
    for (auto& feature : view.features) {
      feature.where = where;
    }
  }
  for (auto& service : definitions.feature_services) {
    service.where = where;
    for (auto& item : service.items) {
      item.where = where;
    }
  }
}

Error python_error(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

}  // namespace

Result<Definitions> load_python_module(const DefinitionFile& file,
                                       const std::filesystem::path& project,
                                       std::chrono::milliseconds time_limit) {
  auto child = run_child({.command = {"python3", "-m", "provender.definitions", file.path.string()},
                          .folder = project,
                          .time_limit = time_limit});
  if (!child && child.error().code() == ErrorCode::NotFound) {
    return python_error(
        "a Python module needs python3, which is not on PATH: install Python 3 (Debian: "
        "apt-get install python3), or declare in YAML");
  }
  if (!child) return python_error(fmt::format("the Python module {}", child.error().message()));
  if (child->exit_status != 0 && lacks_package(child->error_tail)) {
    return python_error(
        "a Python module needs the Python package 'provender', which python3 does not find: "
        "install "
        "it (python3 -m pip install provender), or declare in YAML");
  }
  if (child->exit_status != 0) {
    return python_error(fmt::format("the Python module failed with exit status {}{}",
                                    child->exit_status,
                                    last_lines(child->error_tail)));
  }
  auto definitions = definitions_from_json(child->out);
  if (!definitions) {
    return python_error(fmt::format("the Python module did not print definitions: {}",
                                    definitions.error().message()));
  }
  locate(*definitions, file.name);
  return definitions;
}

}  // namespace provender::definitions
