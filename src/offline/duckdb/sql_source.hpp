#pragma once

#include <string>
#include <vector>

#include "model/definitions.hpp"
#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/project_files.hpp"

namespace provender::offline {

struct ResolvedSelect {
  std::string sql;
  std::vector<std::string> files;  ///< that it reads, absolute; one may be there twice
};

/// A SELECT that a source or SQL view declares, checked and made whole: the SQL views that it uses,
/// in it, and every path absolute. Errors name the SQL view that is wrong: InvalidArgument (not
/// exactly one SELECT, an unknown table, a way of reading that is not allowed), NotFound (no such
/// file), PermissionDenied (outside the allowed folders).
Result<ResolvedSelect> resolve_select(Connection& connection,
                                      const ProjectFiles& files,
                                      const Definitions& definitions,
                                      const Source& source);

}  // namespace provender::offline
