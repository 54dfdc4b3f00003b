#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "model/problem.hpp"

/// What yaml-cpp does not say of a text, or reads without a word.
namespace provender::definitions::yaml {

/// Bytes that are not UTF-8, and control characters (yaml-cpp takes 0x04 for the end of the file).
std::optional<Problem> problem_with_bytes(std::string_view text, const std::string& file);

/// Line `line` (from 1), without its end.
std::string_view line_of(std::string_view text, int line);

/// Whether a quoted scalar whose node begins at byte `position` never ends: a file that is cut off
/// there reads as if the quote were closed.
bool has_open_quote(std::string_view text, std::size_t position);

}  // namespace provender::definitions::yaml
