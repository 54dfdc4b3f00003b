#pragma once

#include <string>
#include <string_view>

#include "model/definitions.hpp"

namespace provender {

/// Definitions as JSON with sorted members: what the registry keeps and a Python module prints
/// (docs/format/definitions.md). Locations are left out.
std::string to_json(const Definitions& definitions);

/// Reads what to_json wrote. InvalidArgument names the member that is missing, unknown or of a
/// wrong type.
Result<Definitions> definitions_from_json(std::string_view text);

}  // namespace provender
