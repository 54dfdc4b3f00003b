#pragma once

#include "definitions/yaml/reader.hpp"

namespace provender::definitions {

/// Replaces `${NAME}` by the environment's value and `$$` by `$` in all values (not keys) of the
/// tree. A name that is not set, and a `$` that is neither, is a problem.
void expand_environment(yaml::Node& node, const yaml::Reader& reader);

}  // namespace provender::definitions
