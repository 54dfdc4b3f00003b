#pragma once

#include <span>
#include <string>

#include "provender/materialize.hpp"

#include "base/json/writer.hpp"
#include "cli/console.hpp"

namespace provender::cli {

/// Whether the run ended in an error. One that was stopped did not.
bool has_failed(const Run& run);

/// "1.24 s" that a finished run took, "-" for one that has not finished.
std::string run_duration(const Run& run);

/// Runs as JSON: a member "runs".
void write_runs(json::Writer& writer, std::span<const Run> runs);

/// How the views stand at `now`, as lines for people; the errors of last runs below.
std::string status_text(std::span<const ViewStatus> views, Timestamp now, const Terminal& terminal);

/// How the views stand: a member "views".
void write_status(json::Writer& writer, std::span<const ViewStatus> views);

}  // namespace provender::cli
