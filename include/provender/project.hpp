#pragma once

#include <filesystem>

#include "provender/export.hpp"
#include "provender/result.hpp"

namespace provender {

/// Makes a new project in `folder` (created if need be): provender.yaml, definitions and a little
/// data that the first `apply` works with. AlreadyExists if one of its files is there; nothing is
/// overwritten.
PROVENDER_EXPORT Result<> init_project(const std::filesystem::path& folder);

/// The folder of the nearest provender.yaml: `start`, else the folders above it. NotFound says
/// where it looked.
PROVENDER_EXPORT Result<std::filesystem::path> find_project(const std::filesystem::path& start);

}  // namespace provender
