#pragma once

#include <span>
#include <string>
#include <string_view>

#include "provender/materialize.hpp"

#include "cli/table.hpp"

namespace provender::cli {

/// "fresh", "late", "never" or "manual", coloured by how much it asks for attention.
TableCell freshness_cell(ViewStatus::Freshness freshness);

/// The status of a view; nullptr: none is known.
const ViewStatus* status_of(std::string_view view, std::span<const ViewStatus> status);

/// Whole seconds for a table: microseconds are noise there. "-" where there is none.
std::string time_text(const std::optional<Timestamp>& time);

}  // namespace provender::cli
