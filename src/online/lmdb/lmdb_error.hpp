#pragma once

#include <filesystem>
#include <string_view>

#include "provender/error.hpp"

namespace provender::online::lmdb {

/// An Error for what an LMDB call returned: what was done, on which folder, what went wrong and
/// what helps.
Error lmdb_error(std::string_view action, const std::filesystem::path& folder, int code);

}  // namespace provender::online::lmdb
