#pragma once

#include <span>
#include <string>
#include <vector>

#include "provender/online_read.hpp"

namespace provender::cli {

/// Reads `KEY=VALUE` words as the values of `prepared.keys()`, in their order, each of its key's
/// type. Keys that the project knows and this read does not need are ignored. InvalidArgument names
/// a word of another form, a key that is unknown (with the nearest), given twice or missing, or a
/// value that is not of its type.
Result<std::vector<Value>> parse_entity_keys(std::span<const std::string> words,
                                             const PreparedRead& prepared);

}  // namespace provender::cli
