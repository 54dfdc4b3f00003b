#pragma once

#include "registry/sqlite/database.hpp"

namespace provender::registry::sqlite {

inline constexpr std::int64_t kApplicationId = 0x50525652;  ///< "PRVR", in the file's header
inline constexpr std::int64_t kFormat = 1;                  ///< the header's user_version

/// Checks that the file is a registry of a format that this build knows, and sets the connection
/// up. An empty file becomes a registry if `create`, and is NotFound otherwise.
Result<> prepare_registry(Database& database, bool create);

}  // namespace provender::registry::sqlite
