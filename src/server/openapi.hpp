#pragma once

#include <string>

#include "provender/server_config.hpp"

namespace provender::server {

/// What this server answers, as an OpenAPI 3.1 document.
std::string openapi(const ServerConfig& config);

}  // namespace provender::server
