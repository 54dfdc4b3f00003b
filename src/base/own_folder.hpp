#pragma once

#include <filesystem>

#include "provender/result.hpp"

namespace provender {

/// The folder of the program or library that this code is in. Io: it is not there any more.
Result<std::filesystem::path> own_folder();

}  // namespace provender
