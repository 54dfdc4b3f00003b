#pragma once

#include <string>

#include "provender/types.hpp"

namespace provender {

/// format_timestamp behind what is in `out`, without memory of its own: for the paths that write
/// many.
void append_timestamp(std::string& out, Timestamp time, bool always_fraction = false);

}  // namespace provender
