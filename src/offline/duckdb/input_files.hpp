#pragma once

#include <filesystem>

#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/file_states.hpp"
#include "offline/duckdb/project_files.hpp"
#include "offline/offline_store.hpp"

namespace provender::offline {

/// The files that a request reads, as they are before anything is read of them: the spine (an empty
/// path: none), and those of all sources that are asked. Errors name the view.
Result<FileStates> look_at_inputs(Connection& connection,
                                  const ProjectFiles& files,
                                  const HistoricalRequest& request,
                                  const std::filesystem::path& spine);

/// InvalidArgument unless the output is another file than all that are read, and than those of the
/// project's other sources: what replaces a source takes its history away.
Result<> check_output_is_no_input(Connection& connection,
                                  const ProjectFiles& files,
                                  const HistoricalRequest& request,
                                  const FileStates& inputs,
                                  const std::filesystem::path& out);

}  // namespace provender::offline
