#pragma once

#include <string>
#include <string_view>

namespace provender::json {

/// What is wrong with the first bad number of JSON text that was refused because of one: which
/// number it is, where, and whether it is malformed or too large.
std::string describe_bad_number(std::string_view text);

}  // namespace provender::json
