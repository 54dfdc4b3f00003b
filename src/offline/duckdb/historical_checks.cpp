#include "offline/duckdb/historical_checks.hpp"

#include <cerrno>
#include <map>

#include <fmt/format.h>
#include <unistd.h>

#include "base/fs.hpp"
#include "base/try.hpp"
#include "offline/duckdb/project_files.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

namespace fs = std::filesystem;

/// ".csv", ".parquet" or ".arrow"; InvalidArgument otherwise.
Result<> check_extension(const fs::path& path, std::string_view what) {
  const fs::path extension = path.extension();
  if (extension == ".csv" || extension == ".parquet" || extension == ".arrow") return {};
  return Error(
      ErrorCode::InvalidArgument,
      fmt::format("{} '{}' is neither a .parquet, .csv nor .arrow file", what, path.string()));
}

Result<> check_readable(const fs::path& spine) {
  std::error_code ignored;
  if (fs::is_directory(spine, ignored)) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("the spine '{}' is a folder, not a file", spine.string()));
  }
  if (::access(spine.c_str(), R_OK) != 0) return system_error("read the spine", spine, errno);
  return {};
}

}  // namespace

Result<fs::path> checked_spine(const HistoricalOptions& options) {
  fs::path path = fs::absolute(options.spine).lexically_normal();
  PROVENDER_TRY(check_extension(options.spine, "the spine"));
  if (path.extension() != ".arrow") {
    PROVENDER_TRY(ProjectFiles::check_no_pattern(path.native(), options.spine.native()));
  }
  PROVENDER_TRY(check_readable(options.spine));
  return path;
}

Result<fs::path> checked_output(const HistoricalOptions& options) {
  fs::path path = fs::absolute(options.out).lexically_normal();
  PROVENDER_TRY(check_extension(options.out, "the output"));
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("the output '{}' is a folder", options.out.string()));
  }
  if (!options.overwrite && fs::exists(fs::symlink_status(path, ignored))) {
    return Error(ErrorCode::AlreadyExists,
                 fmt::format("the output '{}' exists: give it another name, or ask with "
                             "--overwrite to replace it",
                             options.out.string()));
  }
  return path;
}

Result<> check_rows_asked(const HistoricalOptions& options) {
  const int ways = (options.spine.empty() ? 0 : 1) + (options.spine_stream != nullptr ? 1 : 0) +
                   (options.range ? 1 : 0) + (options.at ? 1 : 0);
  if (ways != 1) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("{} of a spine, a range of time and a time are given: give one, which "
                             "says the rows that are wanted",
                             ways == 0 ? "none" : "more than one"));
  }
  if (!options.out.empty() && options.out_stream != nullptr) {
    return Error(ErrorCode::InvalidArgument,
                 "the rows are asked for as a file and as a stream: ask for one");
  }
  if (options.range && options.range->start >= options.range->end) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("the range begins at {} and ends at {}, which is not after that",
                             format_timestamp(options.range->start),
                             format_timestamp(options.range->end)));
  }
  return {};
}

Result<> check_names(const Spine& spine, const Selection& selection, bool with_status) {
  std::map<std::string, std::string> owners;
  for (const std::string& column : spine.columns()) {
    owners.emplace(sql::folded(column), "the spine's column '" + column + "'");
  }
  const auto add = [&](const std::string& name) -> Result<> {
    const auto [place, is_new] = owners.emplace(sql::folded(name), "the feature '" + name + "'");
    if (is_new) return {};
    return Error(
        ErrorCode::InvalidArgument,
        fmt::format("the output column '{}' has the name of {}: rename it in the spine, or "
                    "ask for full names",
                    name,
                    place->second));
  };
  for (const SelectedFeature& feature : selection.features) {
    PROVENDER_TRY(add(feature.name));
    if (with_status) PROVENDER_TRY(add(feature.name + "__status"));
  }
  return {};
}

}  // namespace provender::offline
