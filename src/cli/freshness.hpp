#pragma once

#include <string>

#include "provender/materialize.hpp"

#include "cli/table.hpp"

namespace provender::cli {

/// "fresh", "late", "never" or "manual", coloured by how much it asks for attention.
TableCell freshness_cell(ViewStatus::Freshness freshness);

/// Whole seconds for a table: microseconds are noise there. "-" where there is none.
std::string time_text(const std::optional<Timestamp>& time);

}  // namespace provender::cli
