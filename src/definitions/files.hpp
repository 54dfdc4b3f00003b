#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "definitions/project.hpp"
#include "model/problem.hpp"

namespace provender::definitions {

/// One file of definitions.
struct DefinitionFile {
  enum class Kind : unsigned char { Yaml, Python };
  Kind kind;
  std::filesystem::path path;  ///< absolute
  std::string name;            ///< relative to the project, for messages
};

/// The files that `config.definitions` stands for, each once, in path order within an entry. What
/// is not there, of another kind or not readable is a problem at its entry's line of
/// provender.yaml.
std::vector<DefinitionFile> find_files(const ProjectConfig& config, std::vector<Problem>& problems);

}  // namespace provender::definitions
