#pragma once

#include "provender/result.hpp"

#include "definitions/project.hpp"
#include "model/definitions.hpp"

namespace provender::definitions {

/// Reads and validates all definitions of a project: the files that `config.definitions` lists, and
/// in its folders, with the folders below them, every *.yaml, *.yml and *.py in path order. Names
/// that begin with `.` or `_` are left out in folders, as is the project's own provender.yaml.
///
/// InvalidArgument lists all that is wrong in all files, "file:line: what" a line each. Python
/// modules run in a child process, one after the other. Sources are not opened.
Result<Definitions> load_definitions(const ProjectConfig& config);

}  // namespace provender::definitions
