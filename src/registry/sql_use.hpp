#pragma once

#include <map>
#include <string>

#include "model/definitions.hpp"

namespace provender::registry {

/// The SQL views that a source reads, directly or through others: name → SELECT.
std::map<std::string, std::string> sql_used(const Definitions& definitions, const Source& source);

}  // namespace provender::registry
