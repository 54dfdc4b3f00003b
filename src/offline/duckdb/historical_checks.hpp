#pragma once

#include <filesystem>

#include "provender/historical.hpp"

#include "model/selection.hpp"
#include "offline/duckdb/spine.hpp"

/// What a request for training rows is checked for before anything is read. All errors but those
/// that are named are InvalidArgument. Files are named as the user gave them.
namespace provender::offline {

/// That it is said in one way which rows are asked about, and at most in one where they go.
Result<> check_rows_asked(const HistoricalOptions& options);

/// The spine's absolute path. NotFound, PermissionDenied: it cannot be read.
Result<std::filesystem::path> checked_spine(const HistoricalOptions& options);

/// The output's absolute path. AlreadyExists: something is there, and may not be replaced.
Result<std::filesystem::path> checked_output(const HistoricalOptions& options);

/// That the output has no name twice, for readers that know no case as well.
Result<> check_names(const Spine& spine, const Selection& selection, bool with_status);

}  // namespace provender::offline
