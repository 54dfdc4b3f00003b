#pragma once

#include <string_view>

namespace provender::server {

/// Whether an Accept header lists Arrow's IPC stream by its name, and not with `q=0`.
bool lists_arrow(std::string_view accept) noexcept;

}  // namespace provender::server
