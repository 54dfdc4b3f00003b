#pragma once

#include <filesystem>
#include <string_view>

#include "provender/error.hpp"

#include "online/lmdb/file.hpp"

namespace provender::online::lmdb {

/// An Error for what an LMDB call returned: what was done, on which folder, what went wrong and
/// what helps.
Error lmdb_error(std::string_view action, const std::filesystem::path& folder, int code);

/// Why a write to `data` failed with this code: LMDB reports one that the disk took in part as EIO.
int reason_of(int code, const File& data);

}  // namespace provender::online::lmdb
