#pragma once

#include <string_view>

namespace provender::server {

/// The file openapi.json beside this one.
std::string_view openapi_text();

}  // namespace provender::server
