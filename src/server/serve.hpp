#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "provender/log.hpp"
#include "provender/result.hpp"

namespace provender::server {

/// What the command line sets; what it does not is taken from the project's `server` section.
struct ServeOptions {
  std::optional<std::string> host;
  std::optional<int> port;  ///< 0: the system chooses
  std::optional<int> threads;
};

/// Serves the project's features over HTTP until `stop` is requested, then answers what has been
/// asked and returns. An error says why it could not start.
Result<> serve(const std::filesystem::path& project,
               const ServeOptions& options,
               Logger& logger,
               const std::stop_token& stop);

}  // namespace provender::server
