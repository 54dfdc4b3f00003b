#pragma once

#include <map>
#include <string>

#include "model/definitions.hpp"

namespace provender::registry {

/// What each bare feature name means: the view that it is looked up in, or an empty text where it
/// is ambiguous. A bare name means the view of that name, else the only view that has it.
std::map<std::string, std::string> bare_names(const Definitions& definitions);

}  // namespace provender::registry
