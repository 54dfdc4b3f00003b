#include "definitions/project.hpp"

#include <algorithm>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/fs.hpp"
#include "base/try.hpp"
#include "definitions/expand.hpp"
#include "definitions/settings.hpp"
#include "definitions/yaml/map_reader.hpp"
#include "model/validate.hpp"

namespace provender {
namespace definitions {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFileName = "provender.yaml";

ProjectConfig defaults(const fs::path& folder) {
  ProjectConfig config;
  config.folder = folder;
  config.definitions = {{.path = resolve(folder, "features"), .line = 0}};
  config.registry.path = resolve(folder, ".provender/registry.db");
  config.offline.threads =
      std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 1024);
  config.online.path = resolve(folder, ".provender/online");
  return config;
}

void read_name(const yaml::Reader& reader, const yaml::Field& field, ProjectConfig& into) {
  const auto name = reader.text(field);
  if (!name) return;
  into.project = *name;
  const auto problem = problem_with_name(*name);
  if (!problem) return;
  if (field.node->style == yaml::Node::Style::Expanded) {
    reader.mismatch(field, "a name");  // *problem quotes what may be a secret
  } else {
    reader.problem(*field.node, fmt::format("project '{}' {}", *name, *problem));
  }
}

void read_definitions(const yaml::Field& field, SettingsReader& settings, ProjectConfig& into) {
  settings.read("definitions", into.definitions);
  if (field.node->is(yaml::Node::Kind::List) && field.node->items.empty()) {
    settings.map().reader().mismatch(field, "at least one file or folder, [features]");
  }
}

ProjectConfig read_root(const yaml::Reader& reader,
                        const yaml::Node& root,
                        const fs::path& folder) {
  ProjectConfig config = defaults(folder);
  SettingsReader settings(
      reader, {.node = &root, .path = ""}, config.folder, "a map that begins with 'project: NAME'");
  yaml::MapReader& map = settings.map();
  if (auto field = map.require("project", "the project's name")) read_name(reader, *field, config);
  if (auto field = map.find("definitions")) read_definitions(*field, settings, config);
  if (auto field = map.find("registry")) read_registry(reader, *field, config);
  if (auto field = map.find("offline")) read_offline(reader, *field, config);
  if (auto field = map.find("online")) read_online(reader, *field, config);
  if (auto field = map.find("server")) read_server(reader, *field, config);
  map.finish();
  return config;
}

/// In YAML's flow form a brace ends a plain scalar, so `{path: ${HOME}/x}` is no YAML.
void advise_quotes(std::string_view text, std::vector<Problem>& problems) {
  int line = 1;
  for (std::size_t start = 0; start < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const bool has_name = text.substr(start, end - start).find("${") != std::string_view::npos;
    for (auto& problem : problems) {
      if (has_name && problem.where.line == line) {
        problem.message += ": inside of { } or [ ] write \"${NAME}\" in quotes";
      }
    }
    start = end + 1;
  }
}

}  // namespace

Result<ProjectConfig> load_project(const fs::path& folder) {
  std::error_code ignored;
  const fs::path absolute = fs::weakly_canonical(fs::absolute(folder, ignored), ignored);
  PROVENDER_ASSIGN(const std::string text, read_file(absolute / kFileName));

  std::vector<Problem> problems;
  auto root = yaml::parse(text, kFileName, problems);
  if (!root) {
    advise_quotes(text, problems);
    return to_error(std::move(problems));
  }
  const yaml::Reader reader(kFileName, problems);
  expand_environment(*root, reader);
  ProjectConfig config = read_root(reader, *root, absolute);
  if (!problems.empty()) return to_error(std::move(problems));
  return config;
}

}  // namespace definitions

Result<ServerConfig> load_server_config(const std::filesystem::path& folder) {
  PROVENDER_ASSIGN(auto config, definitions::load_project(folder));
  PROVENDER_ASSIGN(config.server.tokens, definitions::resolve_api_tokens(config.tokens));
  config.server.project = config.project;
  return std::move(config.server);
}

Result<std::filesystem::path> find_project(const std::filesystem::path& start) {
  namespace fs = std::filesystem;
  std::error_code failure;
  const fs::path first = fs::weakly_canonical(fs::absolute(start, failure), failure);
  for (fs::path folder = first; !failure; folder = folder.parent_path()) {
    if (fs::exists(folder / definitions::kFileName, failure)) return folder;
    if (folder == folder.parent_path()) break;
  }
  return Error(
      ErrorCode::NotFound,
      fmt::format(
          "no provender.yaml in {} or a folder above it: go to a project's folder, name it with "
          "-C, or make a project with `provender init`",
          first.empty() ? start.string() : first.string()));
}

}  // namespace provender
