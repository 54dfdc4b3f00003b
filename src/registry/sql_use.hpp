#pragma once

#include <map>
#include <string>

#include "model/definitions.hpp"

namespace provender::registry {

/// The SQL views that a source reads, through other SQL views too: name → SELECT. Judged by the
/// words in the SQL, so that a name in a comment or string counts as a use: what is found wrongly
/// costs a rebuild, never a stale value.
std::map<std::string, std::string> sql_used(const Definitions& definitions, const Source& source);

}  // namespace provender::registry
