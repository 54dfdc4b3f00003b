#pragma once

#include <chrono>
#include <string>

#include "provender/result.hpp"

#include "definitions/files.hpp"
#include "model/definitions.hpp"

namespace provender::definitions {

/// Runs `python3 -m provender.definitions FILE` in the project's folder and reads the JSON that it
/// prints (docs/format/definitions.md). Every object is located in the file, without a line. An
/// error says what the module did: raised, printed something else, took too long, or that Python or
/// the package is not there.
Result<Definitions> load_python_module(
    const DefinitionFile& file,
    const std::filesystem::path& project,
    std::chrono::milliseconds time_limit = std::chrono::seconds(60));

}  // namespace provender::definitions
