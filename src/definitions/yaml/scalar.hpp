#pragma once

#include <string>
#include <string_view>

#include "definitions/yaml/node.hpp"

namespace provender::definitions::yaml {

/// `true`, `false` and a number, as YAML 1.2's core schema has them: `yes` and `off` are text.
bool is_boolean(std::string_view text);
bool is_number(std::string_view text);

/// Whether YAML means a scalar that is no text.
bool is_other_than_text(const Node& node);

/// "nothing", "a list", "the number 30", "'${PORT}'": how a message shows a value.
std::string describe(const Node& node);

/// The text, cut to what fits into a message.
std::string shortened(std::string_view text);

}  // namespace provender::definitions::yaml
